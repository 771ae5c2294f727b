#pragma once
// Character references of HTML: &eacute; &#233; &amp;

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

struct HtmlReference {
  std::size_t size = 0;    ///< bytes, from & on
  char32_t character = 0;  ///< 0: one that we do not know; its bytes must be kept
};

/// The reference at the beginning of `html`; none if what is there is just text, such as the & of AT&T. Known names are
/// those of Latin letters, punctuation and common symbols. As browsers do, the oldest names need no semicolon.
std::optional<HtmlReference> read_reference(std::string_view html);

/// How a document wrote characters: "é" as "&eacute;".
using HtmlSpelling = std::map<char32_t, std::string>;

/// Text as HTML: & < > as references, and others as `spelling` says.
std::string to_html(std::string_view text, const HtmlSpelling& spelling = {});

}  // namespace dragoman
