#pragma once
// What happens to a sentence before a model sees it, and to the translation afterwards: the place where placeholders
// and markup are taken out and put back.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/sentence_pieces.h"

namespace dragoman {

/// A sentence for the model, and how its translation becomes that of the original.
struct FilteredSentence {
  /// A translation of the original; or another form of it that shall be translated instead, if this one failed.
  struct Restored {
    PiecedTranslation translation = {};
    std::vector<std::string> problems = {};  ///< for people
    std::shared_ptr<const FilteredSentence> again = {};
  };

  std::string text;              ///< to be translated
  bool needs_alignment = false;  ///< `restore` looks at the weights
  /// From the pieces of `text` and of its translation to those of the original; empty: they are the same.
  std::function<Restored(PiecedTranslation)> restore = {};
};

struct FilterOptions {
  TextFormat format = TextFormat::text;
  bool placeholders = true;
};

/// Prepares a sentence that has no white space around it.
std::shared_ptr<const FilteredSentence> filter(std::string sentence, const FilterOptions& options);

}  // namespace dragoman
