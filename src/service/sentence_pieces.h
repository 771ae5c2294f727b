#pragma once
// A translation as pieces of text that can be shown, and which of them belong together.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/service.h"
#include "search/hypothesis.h"
#include "text/vocabulary.h"

namespace dragoman {

/// A sentence and its translation, each as pieces that make it when written one after another; no piece is empty.
struct PiecedTranslation {
  std::vector<std::string> source, target;
  std::vector<float> weights = {};  ///< [target pieces, source pieces]: how much the one looked at the other; or empty
  double log_probability = 0;
  int tokens = 0;  ///< that log_probability is of, </s> included

  std::string text() const;
};

/// What each of the segments of a text has of it; they make the text. White space goes to the one after it, at the end
/// to the last.
std::vector<std::string> texts_of(std::string_view text, std::span<const Segment> segments);

/// The pieces of target tokens. `settled`: tokens in, whole pieces out; may be null.
std::vector<std::string> target_pieces(const Vocabulary& vocabulary, std::span<const TokenId> tokens,
                                       int* settled = nullptr);

/// `segments`: the tokens of `text` that were translated, without </s>. If the hypothesis has its attention there are
/// weights.
PiecedTranslation with_pieces(std::string_view text, std::span<const Segment> segments, const Vocabulary& target,
                              const Hypothesis& hypothesis);

/// The same where the texts of the target tokens are known: one for each, and perhaps more after them.
PiecedTranslation with_pieces(std::string_view text, std::span<const Segment> segments,
                              std::span<const std::string> target_texts, const Hypothesis& hypothesis);

/// Parts of a text one after another. `spaces`: between each two of the source; in the target a space stands there
/// unless it is empty.
PiecedTranslation joined(std::vector<PiecedTranslation> parts, std::span<const std::string> spaces);

/// source to pivot, and the pivot's text to target, as source to target. Pieces of the pivot are matched by their
/// characters.
PiecedTranslation composed(const PiecedTranslation& first, const PiecedTranslation& second);

/// The weights that are worth to be told, as links.
std::vector<AlignmentLink> links_of(const PiecedTranslation& translation);

}  // namespace dragoman
