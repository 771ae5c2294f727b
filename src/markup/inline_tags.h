#pragma once
// A sentence with tags: the text without them, and where they were.

#include <cstddef>
#include <string>
#include <vector>

namespace dragoman {

/// A tag (or a comment, or an element that is kept as a whole) at a place of a text.
struct InlineTag {
  enum class Kind {
    open,     ///< has a partner behind it
    close,    ///< has a partner before it
    single,   ///< has none: an empty element, a comment, or a tag whose other half is elsewhere or missing
    element,  ///< a whole element, such as <code>ls</code>, in place of bytes [begin, end) of the text
  };
  Kind kind = Kind::single;
  std::string raw = {};            ///< its bytes
  std::size_t begin = 0, end = 0;  ///< bytes of the text; the same but for `element`
  int partner = -1;                ///< index of the other half
  /// A single tag belongs to the word before it or the one behind it if there is no space between.
  bool touches_before = false, touches_after = false;
  /// It opens or closes something, but there is no partner, or pairs cross: such tags keep their order.
  bool half = false;
  /// There was no space at all where the text has one at or around this tag: between a picture and a word.
  bool added_space = false;
  /// There was a space before and one behind where the text has only one.
  bool spaced_both = false;
};

/// A tag at a place of the translation.
struct PlacedTag {
  int tag = 0;                     ///< index in the source's list
  std::size_t begin = 0, end = 0;  ///< bytes of the translation
};

/// A translation with all tags, in the order in which they stand there.
struct MarkedText {
  std::string text = {};
  std::vector<PlacedTag> tags = {};
};

/// Whether each tag is there exactly once, pairs are nested, and halves of pairs in order if some open and some close.
bool is_well_formed(const std::vector<InlineTag>& tags, const MarkedText& marked);

}  // namespace dragoman
