#pragma once
// Zip archives in memory, as NumPy keeps several arrays in one file.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace dragoman {

struct ZipEntry {
  std::string name, content;
};

/// All files of an archive. Throws Error that begins with `path` if it is damaged, encrypted or of more than 16 GiB.
std::vector<ZipEntry> read_zip(std::span<const std::byte> bytes, const std::string& path);

/// Writes an archive without compression, whole or not at all.
void write_zip(const std::string& path, std::span<const ZipEntry> entries);

}  // namespace dragoman
