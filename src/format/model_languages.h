#pragma once
// Which languages a model translates between, from what lies in its directory.

#include <string>

namespace dragoman {

struct ModelLanguages {
  std::string source, target;  ///< codes such as "en"; empty: not said
};

/// Reads config.yml of a directory of ours; model_info.json or modelMeta.json beside a model or a configuration of
/// Marian's, as translateLocally and Firefox have them; and as a last hint a name such as model.enpt.bin or en-pt.
/// `path`: a directory or a file. Throws Error naming a file that is there and cannot be read.
ModelLanguages model_languages(const std::string& path);

}  // namespace dragoman
