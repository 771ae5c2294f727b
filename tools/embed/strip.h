#pragma once
// Takes comments and white space that says nothing out of the files of the web page before they become part of the
// program. What a browser makes of them stays the same: strings, template literals and regular expressions are not
// touched, and where there was a line end between two tokens there still is one, so that the same semicolons are
// implied.

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A script, style sheet or page, told apart by its name's ending (.js, .css, .html); other files stay as they are.
/// Throws Error, with the line, where it cannot tell what a character belongs to: a string or comment without end, a
/// slash after a closing brace (a regular expression, or a division?), <pre>, <script> with content.
std::string strip(std::string_view name, std::string_view text);

struct StrippedScript {
  std::string text = {};
  std::vector<std::size_t> module_words = {};  ///< where `import` and `export` stand, outside of all braces
};
StrippedScript strip_script(std::string_view name, std::string_view text);

}  // namespace dragoman
