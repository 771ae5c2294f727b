#pragma once
// Tags of a sentence into its translation, by what the model looked at when it wrote each word.

#include <string>
#include <vector>

#include "markup/aligned_text.h"
#include "markup/inline_tags.h"

namespace dragoman {

struct Projection {
  MarkedText marked = {};
  std::vector<std::string> problems = {};  ///< for people: tags whose place is a guess
};

/// Puts each tag of a text into its translation, exactly once and well-formed (is_well_formed).
///
/// A pair encloses the words [c, d) for which the alignment inside to inside and outside to outside is largest (Zenkel
/// et al. 2021, Automatic Bilingual Markup Transfer), within the words of the pair around it and beside those of its
/// neighbours; as that sum grows by a fixed amount for each word more, the best words are a maximal subarray. A single
/// tag that touches a word goes to the word that is aligned best, another one where what is before and behind it parts
/// best. Words stay whole, but for those that are the same in both texts, whose tags may be inside (H<sub>2</sub>O).
/// Punctuation and spaces at the edges of a pair are inside if they were.
///
/// `kept`: as ProtectedText gives them, with a range for each element among the tags. REQUIRES: tags are those of
/// translation.source().
Projection project_tags(const std::vector<InlineTag>& tags, const AlignedText& translation,
                        const std::vector<KeptRange>& kept = {});

}  // namespace dragoman
