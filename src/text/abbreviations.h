#pragma once
// Words that end in a point without ending a sentence.

#include <string_view>

namespace dragoman {

/// What a point after a word says about the sentence.
enum class PointAfter {
  word,           ///< nothing special: it may end a sentence
  abbreviation,   ///< it does not end one: "Dr.", "z.B."
  before_number,  ///< it does not end one if a number follows: "No. 5", "S. 12"
  may_end,        ///< it does if a capital follows: "etc.", "p.m."
};

/// `word` in lower case, without its point; `language` a two- or three-letter code, for others the words that are
/// abbreviated alike in many languages.
PointAfter point_after(std::string_view word, std::string_view language);

/// Whether numbers with a point are ordinals in this language, as in "am 3. Mai".
bool has_ordinal_points(std::string_view language);

}  // namespace dragoman
