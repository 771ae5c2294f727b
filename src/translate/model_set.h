#pragma once
// The models that translate together, and the vocabularies that they share.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "decode/decode.h"
#include "format/model_directory.h"
#include "format/shortlist.h"
#include "text/vocabulary.h"

namespace dragoman {

/// One model, or several that are used as an ensemble. Immutable once loaded, and safe to share between threads.
struct ModelSet {
  std::vector<LoadedModel> models;
  Vocabulary source, target;
  std::shared_ptr<const Shortlist> shortlist = {};  ///< null: none

  std::vector<const Seq2Seq*> pointers() const;
  SpecialTokens special() const { return {.end = target.end_id(), .unknown = target.unk_id()}; }
  int longest_sentence() const;  ///< with </s>; 0: no limit
};

struct ModelSetOptions {
  std::vector<std::string> vocabs = {};             ///< source and target; empty: the first model's own
  std::vector<std::string> shortlist = {};          ///< as TranslateSettings
  std::string gemm_precision = {};                  ///< as TranslateSettings
  std::function<void(double share)> progress = {};  ///< told what share is done, by the time it takes; may be empty
};

/// Loads models: directories of ours or of CTranslate2, or files of Marian's (.npz, .bin). Vocabularies: `vocabs`
/// (source, target), or if that is empty those of the first model; the others must then have the same. Throws Error as
/// load_model does, and if a vocabulary's size is not what a model's dim-vocabs say.
ModelSet load_models(std::span<const std::string> paths, const ModelSetOptions& options = {});

}  // namespace dragoman
