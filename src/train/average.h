#pragma once
// The average of several checkpoints of one run, which usually translates better than each (Junczys-Dowmunt et al.
// 2016, "The AMU-UEDIN Submission to the WMT16 News Translation Task").

#include <span>
#include <string>

namespace dragoman {

/// Averages the float tensors of safetensors files, with equal weights and in double precision, into the file `to`
/// (which may be one of them); tensors of other types must be equal in all. The metadata are those of the last file.
/// Throws Error naming file and tensor if the files do not hold the same tensors in the same shapes.
void average_checkpoints(std::span<const std::string> files, const std::string& to);

}  // namespace dragoman
