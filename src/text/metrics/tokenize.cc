#include "text/metrics/tokenize.h"

#include <array>
#include <cstddef>
#include <utility>

#include "base/error.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

constexpr std::array<std::pair<BleuTokenizer, std::string_view>, 5> names{{
    {BleuTokenizer::mteval_13a, "13a"},
    {BleuTokenizer::none, "none"},
    {BleuTokenizer::intl, "intl"},
    {BleuTokenizer::character, "char"},
    {BleuTokenizer::chinese, "zh"},
}};

/// The ASCII punctuation that always stands alone: all but the apostrophe, the hyphen, the point and the comma.
bool is_plain_punctuation(char c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t found = text.find(from); found != std::string::npos; found = text.find(from, found + to.size())) {
    text.replace(found, from.size(), to);
  }
}

void resolve_entities(std::string& text) {
  if (text.find('&') == std::string::npos) return;
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
}

enum class Spaces { before_and_between, between_and_after };

/// Puts spaces around two neighbours as a regular expression of two characters does: matches do not overlap, so the
/// second of a match is never the first of the next. This is what makes "..." come apart in the official way.
template <class String, class First, class Second>
String space_pairs(const String& text, Spaces spaces, First first, Second second) {
  String result;
  result.reserve(text.size() + text.size() / 4);
  std::size_t i = 0;
  while (i < text.size()) {
    if (i + 1 < text.size() && first(text[i]) && second(text[i + 1])) {
      if (spaces == Spaces::before_and_between) result += ' ';
      result += text[i];
      result += ' ';
      result += text[i + 1];
      if (spaces == Spaces::between_and_after) result += ' ';
      i += 2;
    } else {
      result += text[i++];
    }
  }
  return result;
}

/// The language-dependent part of mteval-v13a, in two steps. They work on bytes: only ASCII is ever looked for.
std::string space_punctuation(std::string_view text) {
  std::string spaced;
  spaced.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    const bool alone = is_plain_punctuation(c);
    if (alone) spaced += ' ';
    spaced += c;
    if (alone) spaced += ' ';
  }
  return spaced;
}

std::string space_points(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto no_digit = [&](char c) { return !digit(c); };
  const auto point = [](char c) { return c == '.' || c == ','; };
  std::string spaced = space_pairs(std::string(text), Spaces::between_and_after, no_digit, point);
  spaced = space_pairs(spaced, Spaces::before_and_between, point, no_digit);
  return space_pairs(spaced, Spaces::between_and_after, digit, [](char c) { return c == '-'; });
}

/// Sets every character that is one of `alone` apart by spaces.
template <class Alone>
std::string space_characters(std::string_view text, Alone alone) {
  std::string spaced;
  for (const char32_t c : python::decode_utf8(text)) {
    const bool apart = alone(c);
    if (apart) spaced += ' ';
    python::append_utf8(spaced, c);
    if (apart) spaced += ' ';
  }
  return spaced;
}

std::string tokenize_13a(std::string_view text) {
  std::string line(text);
  replace_all(line, "<skipped>", "");
  replace_all(line, "-\n", "");
  replace_all(line, "\n", " ");
  resolve_entities(line);
  return space_points(space_punctuation(" " + line + " "));
}

std::string tokenize_intl(std::string_view text) {
  const auto no_number = [](char32_t c) { return !python::is_number(c); };
  std::u32string line = python::decode_utf8(text);
  line = space_pairs(line, Spaces::between_and_after, no_number, python::is_punctuation);
  line = space_pairs(line, Spaces::before_and_between, python::is_punctuation, no_number);
  return space_characters(python::encode_utf8(line), python::is_symbol);
}

std::string tokenize_characters(std::string_view text) {
  std::string spaced;
  for (const char32_t c : python::decode_utf8(text)) {
    python::append_utf8(spaced, c);
    spaced += ' ';
  }
  return spaced;
}

using Range = std::pair<char32_t, char32_t>;

template <std::size_t n>
bool is_in(const std::array<Range, n>& ranges, char32_t c) {
  for (const auto& [first, last] : ranges) {
    if (c >= first && c <= last) return true;
  }
  return false;
}

/// What sacreBLEU takes for Chinese characters. Its two ranges beyond U+FFFF are written in Python with \u and five
/// digits and so mean U+2001 to U+2A6D and U+2F81 to U+2FA1; equal scores need the same ranges.
constexpr std::array<Range, 22> chinese_ranges{{
    {0x3400, 0x4DB5}, {0x4E00, 0x9FA5}, {0x9FA6, 0x9FBB}, {0xF900, 0xFA2D}, {0xFA30, 0xFA6A}, {0xFA70, 0xFAD9},
    {0x2001, 0x2A6D}, {0x2F81, 0x2FA1}, {0xFF00, 0xFFEF}, {0x2E80, 0x2EFF}, {0x3000, 0x303F}, {0x31C0, 0x31EF},
    {0x2F00, 0x2FDF}, {0x2FF0, 0x2FFF}, {0x3100, 0x312F}, {0x31A0, 0x31BF}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE4F},
    {0x2600, 0x26FF}, {0x2700, 0x27BF}, {0x3200, 0x32FF}, {0x3300, 0x33FF},
}};

/// What tercom takes for Chinese and Japanese characters and punctuation.
constexpr std::array<Range, 8> asian_ranges{{
    {0x4E00, 0x9FFF},
    {0x3400, 0x4DBF},
    {0x31C0, 0x31EF},
    {0x2E80, 0x2EFF},
    {0x3300, 0x33FF},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE4F},
    {0x3200, 0x3F22},
}};
constexpr std::array<Range, 14> asian_punctuation{{
    {0x3001, 0x3001},
    {0x3002, 0x3002},
    {0x3008, 0x3011},
    {0x3014, 0x301F},
    {0xFF61, 0xFF65},
    {0x30FB, 0x30FB},
    {0xFF0E, 0xFF0E},
    {0xFF0C, 0xFF0C},
    {0xFF1F, 0xFF1F},
    {0xFF1A, 0xFF1A},
    {0xFF1B, 0xFF1B},
    {0xFF01, 0xFF01},
    {0xFF02, 0xFF02},
    {0xFF08, 0xFF09},
}};

std::string tokenize_chinese(std::string_view text) {
  const auto chinese = [](char32_t c) { return is_in(chinese_ranges, c); };
  return space_points(space_punctuation(space_characters(python::strip(text), chinese)));
}

}  // namespace

BleuTokenizer bleu_tokenizer(std::string_view name) {
  for (const auto& [tokenizer, its_name] : names) {
    if (name == its_name) return tokenizer;
  }
  fail("tokenize: expected 13a, none, intl, char or zh, found '{}'", name);
}

std::string_view name_of(BleuTokenizer tokenizer) {
  for (const auto& [candidate, name] : names) {
    if (candidate == tokenizer) return name;
  }
  return {};
}

std::string tokenize(BleuTokenizer tokenizer, std::string_view text) {
  switch (tokenizer) {
    case BleuTokenizer::mteval_13a:
      return tokenize_13a(text);
    case BleuTokenizer::intl:
      return tokenize_intl(text);
    case BleuTokenizer::character:
      return tokenize_characters(text);
    case BleuTokenizer::chinese:
      return tokenize_chinese(text);
    case BleuTokenizer::none:
      break;
  }
  return std::string(text);
}

std::string tokenize_tercom(std::string_view text, const TercomOptions& options) {
  std::string line = options.case_sensitive ? std::string(text) : python::lowercase(text);
  if (options.normalized) {
    replace_all(line, "\n-", "");
    replace_all(line, "\n", " ");
    resolve_entities(line);
    line = space_punctuation(" " + line + " ");
    replace_all(line, "'s ", " 's ");
    line = space_points(line);
    // Runs of kana are meant to be split off as well, but the official expressions match only a whole line without
    // the spaces added above, so they never do.
    if (options.asian_support) {
      line = space_characters(line, [](char32_t c) { return is_in(asian_ranges, c) || is_in(asian_punctuation, c); });
    }
  }
  if (options.no_punct) {
    std::erase_if(line, [](char c) { return std::string_view(".,?:;!\"()").find(c) != std::string_view::npos; });
    if (options.asian_support) {
      std::u32string characters = python::decode_utf8(line);
      std::erase_if(characters, [](char32_t c) { return is_in(asian_punctuation, c); });
      line = python::encode_utf8(characters);
    }
  }
  return line;
}

}  // namespace dragoman
