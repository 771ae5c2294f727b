#pragma once
// A sentence whose placeholders are out of the model's reach, and a segment of HTML with its tags.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "markup/html_document.h"
#include "markup/projection.h"
#include "markup/protected_text.h"
#include "service/sentence_pieces.h"

namespace dragoman {

/// On its way from the source to a translation that has all placeholders and tags. It says what to translate, perhaps
/// more than once. Most sentences have neither, and what a model makes of them is the result as it is.
class GuardedSentence {
 public:
  /// A sentence without white space around it. `forms`: the masks that all models on the way can take.
  GuardedSentence(std::string text, const PlaceholderFinder& finder, const std::vector<MaskForm>& forms);
  /// A sentence whose placeholders, if any, are the model's business.
  explicit GuardedSentence(std::string text) : requests_{std::move(text)} {}
  /// A segment of HTML. `segment` must outlive this. `finder` may be null: only its tags are guarded.
  GuardedSentence(const HtmlSegment& segment, const PlaceholderFinder* finder, const std::vector<MaskForm>& forms);

  /// Nothing is guarded: the result is what the model writes.
  bool is_plain() const { return guard_ == nullptr && segment_ == nullptr; }
  /// Whether answers need weights.
  bool needs_alignment() const { return segment_ != nullptr && !segment_->tags.empty(); }

  /// Texts to be translated now, each alone; at least one.
  const std::vector<std::string>& requests() const { return guard_ != nullptr ? guard_->requests() : requests_; }

  /// Their translations, in order. The result, or nothing: then there are other texts to be translated. `others`: of
  /// the only text, less probable ones.
  std::optional<PiecedTranslation> answer(std::vector<PiecedTranslation> translations,
                                          std::vector<PiecedTranslation> others = {});

  // After the result:
  const std::vector<std::string>& problems() const { return problems_; }  ///< for people
  const MarkedText& marked() const { return marked_; }                    ///< of a segment of HTML

  /// Those of the others that have all placeholders and tags too, all different.
  struct Alternative {
    std::string text = {};
    MarkedText marked = {};
  };
  const std::vector<Alternative>& alternatives() const { return alternatives_; }

 private:
  /// What a text with everything in its place is made of.
  struct Finished {
    AlignedText translation = {};
    Projection projection = {};
  };
  Finished finished(const ProtectedText& guard) const;
  void add_alternative(Alternative alternative, const std::string& best);

  std::unique_ptr<ProtectedText> guard_;
  std::vector<std::string> requests_;
  const HtmlSegment* segment_ = nullptr;
  MarkedText marked_;
  std::vector<std::string> problems_;
  std::vector<Alternative> alternatives_;
};

}  // namespace dragoman
