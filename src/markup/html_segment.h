#pragma once
// Makes one segment out of the tokens between two ends of blocks.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "markup/html_document.h"
#include "markup/html_tokens.h"

namespace dragoman {

/// Collects tokens of a document; views into `html` and tokens must stay valid until finish().
class HtmlSegmentBuilder {
 public:
  explicit HtmlSegmentBuilder(std::string_view html) : html_(html) {}

  void add_text(const HtmlToken& token);
  /// A tag or comment.
  void add_tag(const HtmlToken& token);
  /// An element that is kept as a whole, from its opening to its closing tag.
  void add_element(std::span<const HtmlToken> tokens);

  /// The segment of what was added since the last one; none if it has no text to translate.
  std::optional<HtmlSegment> finish();

 private:
  /// A token, or of text a character reference or what is between references.
  struct Item {
    enum class Kind { text, space, open, close, single, element };
    Kind kind = Kind::text;
    std::size_t begin = 0, end = 0;  ///< bytes of the document
    std::string_view name = {};
    std::string text = {};   ///< decoded
    char32_t reference = 0;  ///< the character, if it was one
    int partner = -1;
    bool replaced = false;  ///< a picture or the like
    bool half = false;      ///< a tag whose other half is not there
  };

  void pair_tags();
  void trim(std::size_t& first, std::size_t& last) const;
  void unpair_crossing(std::size_t first, std::size_t last);
  HtmlSegment build(std::size_t first, std::size_t last) const;
  void add_characters(std::size_t begin, std::size_t end);

  std::string_view html_;
  std::vector<Item> items_;
};

}  // namespace dragoman
