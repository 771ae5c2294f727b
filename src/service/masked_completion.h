#pragma once
// Completing the translation of a sentence with placeholders.

#include <optional>
#include <span>
#include <string>

#include "dragoman/service.h"
#include "markup/mask.h"

namespace dragoman {

/// A sentence and the beginning of its translation with masks in place of the placeholders, and the way back.
class MaskedCompletion {
 public:
  MaskedCompletion(MaskedText masked, std::string prefix);

  const std::string& text() const { return masked_.text; }
  /// Placeholders of the sentence that the prefix has are masks in it. A placeholder that its end has only the
  /// beginning of ("{na" of "{name}") is there as a whole, if it does not begin like a word.
  const std::string& prefix() const { return masked_prefix_; }
  /// Whether it was made whole: then there are no other words at this place.
  bool is_extended() const { return is_extended_; }

  struct Restored {
    CompletionAnswer answer = {};
    std::size_t problems = 0;  ///< placeholders that are lost, doubled and so on
  };
  /// With placeholders instead of masks. Nothing if it would not begin with the prefix as it was.
  std::optional<Restored> restored(CompletionAnswer answer) const;

 private:
  void mask_prefix();
  std::optional<CompletionAnswer::Alternative> restored(const CompletionAnswer::Alternative& alternative) const;

  MaskedText masked_;
  std::string prefix_, masked_prefix_;
  bool is_extended_ = false;
};

}  // namespace dragoman
