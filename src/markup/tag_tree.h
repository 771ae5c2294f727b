#pragma once
// Tags of a text as a tree, and trees of words as tags.

#include <string_view>
#include <vector>

#include "markup/aligned_words.h"
#include "markup/inline_tags.h"

namespace dragoman {

/// A pair or a single tag. Its place in the translation is words [first, last); first == last: between two words.
struct TagNode {
  int tag = 0;                     ///< the opening one of a pair
  int close = -1;                  ///< of a pair
  int parent = -1;                 ///< node, which is before this one
  std::size_t begin = 0, end = 0;  ///< bytes of the text
  bool has_words = false;          ///< a pair around something else than space
  std::vector<int> children = {};  ///< in the order of the text
  int first = 0, last = 0;
};

/// Parents before children, in the order of the text; whole elements are none of them. The first is the text itself,
/// without a tag.
std::vector<TagNode> tag_tree(const std::vector<InlineTag>& tags, std::string_view text);

/// The tags in the order of the translation, with spaces at their sides as the text has them. REQUIRES: children are
/// within their parents and beside one another.
std::vector<PlacedTag> place_tags(const std::vector<InlineTag>& tags, std::string_view text,
                                  const std::vector<TagNode>& nodes, const std::vector<Word>& words,
                                  std::string_view translation);

}  // namespace dragoman
