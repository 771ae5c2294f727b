#include "markup/html_references.h"

#include <algorithm>
#include <iterator>

#include "text/metrics/characters.h"

namespace dragoman {
namespace {

/// Of U+00A0 to U+00FF, in order. Browsers know these without semicolon too.
constexpr std::string_view latin1[] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Name {
  std::string_view name;
  char32_t character;
  bool old = false;  ///< needs no semicolon
};
constexpr Name others[] = {
    {"amp", '&', true}, {"lt", '<', true},  {"gt", '>', true},   {"quot", '"', true}, {"AMP", '&', true},
    {"LT", '<', true},  {"GT", '>', true},  {"QUOT", '"', true}, {"apos", '\''},      {"OElig", 0x152},
    {"oelig", 0x153},   {"Scaron", 0x160},  {"scaron", 0x161},   {"Yuml", 0x178},     {"fnof", 0x192},
    {"circ", 0x2C6},    {"tilde", 0x2DC},   {"ensp", 0x2002},    {"emsp", 0x2003},    {"thinsp", 0x2009},
    {"zwnj", 0x200C},   {"zwj", 0x200D},    {"lrm", 0x200E},     {"rlm", 0x200F},     {"ndash", 0x2013},
    {"mdash", 0x2014},  {"lsquo", 0x2018},  {"rsquo", 0x2019},   {"sbquo", 0x201A},   {"ldquo", 0x201C},
    {"rdquo", 0x201D},  {"bdquo", 0x201E},  {"dagger", 0x2020},  {"Dagger", 0x2021},  {"bull", 0x2022},
    {"hellip", 0x2026}, {"permil", 0x2030}, {"prime", 0x2032},   {"Prime", 0x2033},   {"lsaquo", 0x2039},
    {"rsaquo", 0x203A}, {"oline", 0x203E},  {"frasl", 0x2044},   {"euro", 0x20AC},    {"trade", 0x2122},
    {"larr", 0x2190},   {"uarr", 0x2191},   {"rarr", 0x2192},    {"darr", 0x2193},    {"harr", 0x2194},
    {"minus", 0x2212},  {"infin", 0x221E},  {"asymp", 0x2248},   {"ne", 0x2260},      {"le", 0x2264},
    {"ge", 0x2265},     {"check", 0x2713}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

char32_t named(std::string_view name, bool with_semicolon) {
  const auto* letter = std::find(std::begin(latin1), std::end(latin1), name);
  if (letter != std::end(latin1)) return char32_t(0xA0 + (letter - std::begin(latin1)));
  for (const Name& other : others) {
    if (other.name == name && (with_semicolon || other.old)) return other.character;
  }
  return 0;
}

/// Control characters, surrogates and what is no Unicode have rules of their own in browsers: they are kept as they
/// are.
bool is_ordinary(std::uint32_t number) {
  if (number < 0x20) return number == '\t' || number == '\n' || number == '\r';
  return !(number >= 0x7F && number <= 0x9F) && !(number >= 0xD800 && number <= 0xDFFF) && number <= 0x10FFFF;
}

std::optional<HtmlReference> read_number(std::string_view html) {
  const bool hex = html.size() > 2 && (html[2] == 'x' || html[2] == 'X');
  std::size_t at = hex ? 3 : 2;
  const std::size_t begin = at;
  std::uint32_t number = 0;
  for (; at < html.size(); ++at) {
    const char c = html[at];
    std::uint32_t digit = 16;
    if (is_digit(c)) digit = std::uint32_t(c - '0');
    if (hex && c >= 'a' && c <= 'f') digit = std::uint32_t(c - 'a' + 10);
    if (hex && c >= 'A' && c <= 'F') digit = std::uint32_t(c - 'A' + 10);
    if (digit == 16) break;
    number = std::min<std::uint32_t>(number * (hex ? 16 : 10) + digit, 0x110000);
  }
  if (at == begin) return {};
  if (at < html.size() && html[at] == ';') ++at;
  return HtmlReference{at, is_ordinary(number) ? char32_t(number) : 0};
}

}  // namespace

std::optional<HtmlReference> read_reference(std::string_view html) {
  if (html.size() < 3 || html[0] != '&') return {};
  if (html[1] == '#') return read_number(html);
  std::size_t end = 1;
  while (end < html.size() && end < 33 && (is_letter(html[end]) || (end > 1 && is_digit(html[end])))) ++end;
  if (end > 1 && end < html.size() && html[end] == ';') {
    const std::string_view name = html.substr(1, end - 1);
    if (const char32_t character = named(name, true)) return HtmlReference{end + 1, character};
  }
  for (std::size_t size = std::min<std::size_t>(end - 1, 6); size >= 2; --size) {
    if (const char32_t character = named(html.substr(1, size), false)) return HtmlReference{size + 1, character};
  }
  if (end > 1 && end < html.size() && html[end] == ';') return HtmlReference{end + 1, 0};
  return {};
}

std::string to_html(std::string_view text, const HtmlSpelling& spelling) {
  std::string html;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = python::next_character(text, at);
    const auto spelled = spelling.find(c);
    if (spelled != spelling.end()) {
      html += spelled->second;
    } else if (c == '&') {
      html += "&amp;";
    } else if (c == '<') {
      html += "&lt;";
    } else if (c == '>') {
      html += "&gt;";
    } else {
      html.append(text, begin, at - begin);
    }
  }
  return html;
}

}  // namespace dragoman
