#pragma once
// The chain by which a text with placeholders is translated so that all arrive.

#include <memory>
#include <string>
#include <vector>

#include "markup/aligned_text.h"
#include "markup/mask.h"
#include "markup/mask_form.h"
#include "markup/placeholders.h"

namespace dragoman {

/// How a translation came about in the end.
enum class Protection {
  none,          ///< there was no need
  masked,        ///< with the first form of masks
  other_mask,    ///< with another one
  split,         ///< in parts, cut at the placeholders
  untranslated,  ///< not at all: it is the source, perhaps since nothing of it needs translation
};

/// One text on its way. It says what to translate; when it has the answers it either is done or says what to translate
/// next: the text with masks of each form in turn, then its parts between the placeholders, then nothing (it stays
/// untranslated). What it accepts has every placeholder exactly once, none that was not there, and those that keep
/// their order in it.
///
///   for (ProtectedText text(source, finder.find(source), forms, finder); !text.done();) {
///     text.answer(translate_all(text.requests()));
///   }
class ProtectedText {
 public:
  /// `placeholders`: in order, not overlapping; what `finder` finds in the text, and others perhaps. `forms`: in the
  /// order to be tried, as choose_mask_forms gives them.
  ProtectedText(std::string text, std::vector<Placeholder> placeholders, std::vector<MaskForm> forms,
                PlaceholderFinder finder);

  /// Texts to translate now, each alone. Empty when done.
  const std::vector<std::string>& requests() const { return requests_; }
  bool done() const { return requests_.empty(); }
  /// Their translations, in order. Source pieces must make the request's text, target pieces its translation; without
  /// alignment they may be whole texts and there may be no links.
  void answer(const std::vector<AlignedText>& translations);

  // When done:
  /// Source pieces make the text, target pieces its translation.
  const AlignedText& result() const { return result_; }
  /// Where placeholders are, in the order of the source. A text that was not translated is kept as a whole.
  const std::vector<KeptRange>& kept() const { return kept_; }
  Protection protection() const { return protection_; }
  /// For people: what could not be done as asked, as in "the placeholder %s was lost; translated in parts".
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void begin_masked();
  void answer_masked(const AlignedText& translation);
  void answer_parts(const std::vector<AlignedText>& translations);
  void give_up();

  std::string text_;
  std::vector<Placeholder> placeholders_;
  std::vector<MaskForm> forms_;
  PlaceholderFinder finder_;
  std::vector<TextPart> parts_;
  std::size_t attempt_ = 0;  ///< form in use; forms_.size(): parts
  MaskedText masked_;
  std::vector<std::string> requests_;

  AlignedText result_;
  std::vector<KeptRange> kept_;
  Protection protection_ = Protection::none;
  std::vector<std::string> problems_;
};

}  // namespace dragoman
