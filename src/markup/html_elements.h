#pragma once
// What the elements of HTML are to a translator.

#include <string_view>

namespace dragoman {

/// White space of HTML, which it folds.
constexpr bool is_html_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/// Has no end tag: br, img.
bool is_void_element(std::string_view name);
/// Its content is no markup: script, style, textarea, title.
bool is_raw_element(std::string_view name);
/// Ends a sentence: paragraphs, table cells, list items, buttons, br.
bool is_block_element(std::string_view name);
/// Stays as it is, with all that is in it: code, script, pre, svg.
bool is_untouchable_element(std::string_view name);
/// Of those: its content can be read as part of the sentence, as that of code.
bool is_readable_element(std::string_view name);
/// Stands for something that is seen, as a picture, so that words before and behind it are two.
bool is_replaced_element(std::string_view name);

}  // namespace dragoman
