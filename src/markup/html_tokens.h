#pragma once
// HTML as a row of tokens that keep their bytes. A tree builder (libgumbo, say) would repair what it reads, and so give
// back another document than it was given; the tokens of the HTML Standard (13.2.5) are all that we need, and what is
// no token is text here.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Bytes [begin, end) of a document. Tokens follow one another without a gap.
struct HtmlToken {
  enum class Kind {
    text,     ///< may hold references; a bare < or & is text too
    open,     ///< <b>
    close,    ///< </b>
    empty,    ///< <br>, <x/>
    comment,  ///< comments, doctype, processing instructions, CDATA sections
    raw,      ///< the content of script, style, textarea and the like, which is no text to translate
  };
  Kind kind = Kind::text;
  std::size_t begin = 0, end = 0;
  std::string name = {};     ///< of tags, in lower case
  bool untouchable = false;  ///< translate="no" or class="notranslate"
};

/// All of a document, in linear time. A tag that does not end before the document does is text; a comment or script
/// that does not end goes on to the end. Nothing is invalid.
std::vector<HtmlToken> html_tokens(std::string_view html);

}  // namespace dragoman
