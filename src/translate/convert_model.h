#pragma once
// Models in the formats of other engines, and theirs in ours.

#include <string>
#include <vector>

#include "dragoman/general_options.h"

namespace dragoman {

/// Settings of `dragoman convert` and `dragoman quantize`.
struct ConvertSettings {
  GeneralOptions general;
  std::string model;                ///< a model of ours, of CTranslate2 or of Marian's
  std::string to;                   ///< a name out of conversion_targets()
  std::string output;               ///< the directory to write
  std::string quantize = "none";    ///< none, int8, float16 or bfloat16, or to ctranslate2 also int16
  std::string calibration;          ///< with int8 to safetensors: text whose translation shows how large inputs are
  bool overwrite = false;           ///< replace a model directory that is there
  std::vector<std::string> vocabs;  ///< source and target vocabulary; empty: the model's own
};

/// What a model can be converted to: ctranslate2, marian, or safetensors, our own directories.
std::vector<std::string> conversion_targets();

/// Converts a model. The output is there when it is whole, or not at all. Throws Error if the model cannot be read, if
/// the target has nothing that computes the same, or if the output is there already and shall not be replaced, or is no
/// model.
void convert_model(const ConvertSettings& settings);

}  // namespace dragoman
