#pragma once
// Characters as Python's str sees them: scores that shall equal sacreBLEU's must agree with it on what is white
// space, what a character is, and what lower case is.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::python {

/// Reads the character at `position`, which must be in the text, and moves on to the next; U+FFFD as below.
char32_t next_character(std::string_view text, std::size_t& position);

/// The code points of UTF-8 text; a byte that is not part of valid UTF-8 becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);

void append_utf8(std::string& text, char32_t character);
std::string encode_utf8(std::u32string_view text);

/// White space as in str.isspace(): besides Unicode's, the separators U+001C to U+001F.
bool is_space(char32_t character);

/// Whether the Unicode general category is one of P*, S* or N*.
bool is_punctuation(char32_t character);
bool is_symbol(char32_t character);
bool is_number(char32_t character);

/// As str.lower(): the full mapping, with the final sigma of Greek and the dotted capital I of Turkish.
std::string lowercase(std::string_view text);

/// As str.split(): the pieces between runs of white space, none of them empty. Views into `text`.
std::vector<std::string_view> split_words(std::string_view text);

/// As str.rstrip() and str.strip(). Views into `text`.
std::string_view strip_right(std::string_view text);
std::string_view strip(std::string_view text);

}  // namespace dragoman::python
