#include "markup/placeholder_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/error.h"

namespace dragoman {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

char before(const PlaceholderContext& context, const Placeholder& match) {
  return match.begin > 0 ? context.text[match.begin - 1] : '\0';
}
char after(const PlaceholderContext& context, const Placeholder& match, std::size_t distance = 0) {
  return match.end + distance < context.text.size() ? context.text[match.end + distance] : '\0';
}
std::string_view matched(const PlaceholderContext& context, const Placeholder& match) {
  return context.text.substr(match.begin, match.end - match.begin);
}

// ---- Formats with %

constexpr std::string_view date_parts = "AaBbHIMSYyjZ";  // of strftime, as far as they are not formats of printf

constexpr const char* percent_pattern(PercentFormat format) {
  switch (format) {
    case PercentFormat::general:
      return R"re(%(?:%|[A-Z_][A-Z0-9_]+%|\d+\$[-+#0']*\d*(?:\.\d+)?(?:hh|ll|[hlLqjzt])?[diouxXeEfFgGcspn@])re"
             R"re(|\([A-Za-z_][\w.\-]*\)[-+#0]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]|\{[A-Za-z_][\w.\-]*\})re"
             R"re(|<[A-Za-z_]\w*>[dfsx]|[AaBbHIMSYyjZ])re"
             R"re(|[-+#0']*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|ll|[hlLqjzt])?[diouxXeEfFgGcspmn@]|L?[1-9]\d?))re";
    case PercentFormat::c:
      return R"re(%(?:%|m|(?:\d+\$)?[-+#0' I]*(?:\d+|\*(?:\d+\$)?)?(?:\.(?:\d+|\*(?:\d+\$)?)?)?)re"
             R"re((?:(?:hh|ll|[hlLqjztZ])?[diouxXeEfFgGaAcCsSpn]|<PRI[A-Za-z0-9]+>)))re";
    case PercentFormat::objc:
      return R"re(%(?:%|(?:\d+\$)?[-+#0' ]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?)re"
             R"re((?:hh|ll|[hlLqjzt])?[@diouxXeEfFgGaAcCsSpn]))re";
    case PercentFormat::php:
      return R"re(%(?:%|(?:\d+\$)?(?:[-+ 0]|'.)*\d*(?:\.\d+)?[bcdeEfFgGhHosuxX]))re";
    case PercentFormat::python:
      return R"re(%(?:%|(?:\([^()\n]{1,200}\))?[-+#0 ]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?[hlL]?[diouxXeEfFgGcrsa]))re";
    case PercentFormat::qt:
      return R"re(%L?(?:\d{1,2}|n))re";
    case PercentFormat::none:
      break;
  }
  return "";
}

/// Whether a format takes the argument that is next, so that its place among the others matters.
bool takes_next_argument(std::string_view format, PercentFormat grammar) {
  const std::string_view rest = format.substr(1);
  if (grammar == PercentFormat::qt) return false;
  if (grammar == PercentFormat::general && rest.size() == 1 && is_one_of(rest[0], date_parts)) return false;
  if (rest == "%" || rest == "m" || rest == "n" || is_one_of(rest[0], "({<")) return false;
  return rest.find('$') == rest.npos && !is_digit(rest.back()) && rest.back() != '%';
}

/// Of general text: a percentage is more likely than a format that follows a digit or runs into a word.
bool is_likely_format(const PlaceholderContext& context, const Placeholder& match) {
  const std::string_view format = matched(context, match);
  if (format == "%%" || format.find('$') != format.npos || is_one_of(format[1], "({")) return true;
  if (is_digit(before(context, match))) return false;
  if (std::any_of(format.begin(), format.end(), is_digit)) return !is_digit(after(context, match));
  std::size_t letters = 0;
  while (letters < 3 && is_letter(after(context, match, letters))) ++letters;
  if (format.back() == '%' || letters == 0) return true;
  if (format.size() != 2 || !is_one_of(format[1], "sd")) return false;
  return letters < 3 || !is_lower(after(context, match));  // "%dpx", "%ds ago", "%dMB", but not "%discount"
}

/// "5 % d'avance": a space is a flag of numbers only (C17 7.21.6.1), and not where it belongs to a percentage.
bool is_space_a_flag(const PlaceholderContext& context, const Placeholder& match) {
  std::size_t digit = match.begin;
  while (digit > 0 && context.text[digit - 1] == ' ') --digit;
  return !(digit > 0 && is_digit(context.text[digit - 1])) && !is_letter(after(context, match)) &&
         is_one_of(matched(context, match).back(), "dieEfFgG");
}

bool accept_percent(const PlaceholderContext& context, Placeholder& match) {
  const PercentFormat grammar = context.grammar.percent;
  const std::string_view format = matched(context, match);
  match.keeps_order = takes_next_argument(format, grammar);
  if (grammar == PercentFormat::general) return is_likely_format(context, match);
  const std::size_t flags = format.find_first_not_of("%-+#0' I");
  const bool spaced = format.substr(0, flags).find(' ') != format.npos;
  const bool padded_with_space = grammar == PercentFormat::php && format.find("' ") != format.npos;
  return !spaced || padded_with_space || is_space_a_flag(context, match);
}

// ---- Formats in braces

constexpr const char* icu_head =
    R"re(\{\s*[\pL\pN_.\-]+\s*,\s*)re"
    R"re((?:plural|selectordinal|select|choice|number|date|time|spellout|ordinal|duration)\b)re";

bool accept_nested_braces(const PlaceholderContext& context, Placeholder& match) {
  if (context.text[match.begin] == '\'') return true;
  const auto close = context.braces->close_of(match.begin);
  if (close) match.end = *close + 1;
  return close.has_value();
}

bool accept_braces(const PlaceholderContext& context, Placeholder& match) {
  const std::string_view format = matched(context, match);
  match.keeps_order = format[0] == '{' && is_one_of(format[1], "}:!");
  return true;
}

// ---- Addresses

constexpr const char* in_urls = R"re([^\s<>"“”„‘’«»‹›、。，；：！？（）「」『』【】…\x{A0}\x{202F}\x{3000}])re";

/// Cuts off what belongs to the sentence: its punctuation, and brackets that close what the address did not open.
void trim_address(const PlaceholderContext& context, Placeholder& match) {
  static constexpr std::string_view opening = "([{", closing = ")]}";
  for (; match.end > match.begin; --match.end) {
    const std::string_view address = matched(context, match);
    const std::size_t bracket = closing.find(address.back());
    if (bracket != closing.npos) {
      if (std::count(address.begin(), address.end(), opening[bracket]) >=
          std::count(address.begin(), address.end(), closing[bracket])) {
        return;
      }
    } else if (!is_one_of(address.back(), ".,;:!?'*_")) {
      return;
    }
  }
}

bool accept_url(const PlaceholderContext& context, Placeholder& match) {
  if (is_word(before(context, match))) return false;
  const std::size_t name = context.text.find_first_of(":.", match.begin) + 1;
  trim_address(context, match);
  return match.end > name && match.end > context.text.find_first_not_of('/', name);
}

bool accept_host(const PlaceholderContext& context, Placeholder& match) {
  const bool has_path = matched(context, match).find('/') != std::string_view::npos;
  const char next = after(context, match), previous = before(context, match);
  if (is_word(previous) || is_one_of(previous, "@.-/")) return false;
  if (!has_path && (is_word(next) || (is_one_of(next, "-@.") && is_word(after(context, match, 1))))) return false;
  trim_address(context, match);
  return true;
}

// ---- Numbers that are names

/// 1.234.567 is a number that the translation may write in another way.
bool has_thousands_separators(std::string_view number) {
  std::vector<int> groups = {0};
  for (const char c : number) {
    if (c == '.') {
      groups.push_back(0);
    } else if (is_digit(c)) {
      ++groups.back();
    } else {
      return false;
    }
  }
  const bool thousands = groups[0] <= 3 && std::all_of(groups.begin() + 1, groups.end(), [](int n) { return n == 3; });
  return thousands && groups.size() != 4;  // four groups: an IP address
}

bool accept_identifier(const PlaceholderContext& context, Placeholder& match) {
  const std::string_view name = matched(context, match);
  const char next = after(context, match), previous = before(context, match);
  if (is_word(previous) || is_word(next)) return false;
  const bool goes_on = is_one_of(next, ".,") && is_digit(after(context, match, 1));
  const bool went_on = match.begin > 1 && is_one_of(previous, ".,") && is_digit(context.text[match.begin - 2]);
  if (goes_on || went_on) return false;
  if (std::all_of(name.begin(), name.end(), is_letter)) return false;
  return name.find('.') == name.npos || !has_thousands_separators(name);
}

PlaceholderRule rule(PlaceholderKind kind, const std::string& pattern,
                     bool (*accept)(const PlaceholderContext&, Placeholder&) = nullptr) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  PlaceholderRule result = {kind, std::make_unique<re2::RE2>(pattern, options), accept};
  if (!result.regex->ok()) {
    throw Error(fmt::format("placeholder pattern '{}' is no regular expression: {}", pattern, result.regex->error()));
  }
  return result;
}

}  // namespace

std::vector<PlaceholderRule> placeholder_rules(const PlaceholderGrammar& grammar) {
  std::vector<PlaceholderRule> rules;
  for (const std::string& pattern : grammar.patterns) {
    rules.push_back(rule(PlaceholderKind::user, pattern));
    if (re2::RE2::FullMatch("", *rules.back().regex)) {
      throw Error(fmt::format("placeholder pattern '{}' matches empty text, expected at least one character", pattern));
    }
  }
  if (grammar.urls) {
    rules.push_back(
        rule(PlaceholderKind::url,
             std::string(R"re((?i)(?:(?:https?|ftps?|sftp|file|ssh|git|wss?|irc)://|mailto:|www\.))re") + in_urls + "+",
             accept_url));
  }
  if (grammar.emails) {
    rules.push_back(
        rule(PlaceholderKind::email, R"re([\p{Latin}0-9._%+\-]+@[\p{Latin}0-9\-]+(?:\.[\p{Latin}0-9\-]+)+)re"));
  }
  if (grammar.double_braces) {
    rules.push_back(rule(PlaceholderKind::double_brace,
                         R"re(\{\{\{[^{}\n]{1,200}\}\}\}|\{\{[^{}\n]{1,200}\}\}|\{%[^%\n]{1,200}%\})re"));
  }
  if (grammar.dollar_braces) {
    rules.push_back(rule(PlaceholderKind::dollar_brace, R"re([$#]\{[^{}\n]{1,200}\}|\$\([A-Za-z_][\w.]*\))re"));
  }
  switch (grammar.braces) {
    case BraceFormat::general:
      rules.push_back(rule(PlaceholderKind::brace, icu_head, accept_nested_braces));
      rules.push_back(rule(PlaceholderKind::brace,
                           R"re(\{\}|\{\d+(?:![rsa])?(?::[^{}\n]{0,100})?\})re"
                           R"re(|\{[\pL_$@][\pL\pN_.\-$\[\]]*(?:![rsa])?(?::[^{}\s]{0,100})?\})re",
                           accept_braces));
      break;
    case BraceFormat::python:
      rules.push_back(rule(PlaceholderKind::brace,
                           R"re(\{\{|\}\}|\{[^{}!:\n]*(?:![rsa])?(?::(?:[^{}\n]|\{[^{}\n]*\})*)?\})re", accept_braces));
      break;
    case BraceFormat::icu:
      rules.push_back(rule(PlaceholderKind::brace, R"re('[{}][^']*'|\{)re", accept_nested_braces));
      break;
    case BraceFormat::none:
      break;
  }
  if (grammar.percent != PercentFormat::none) {
    rules.push_back(rule(PlaceholderKind::percent, percent_pattern(grammar.percent), accept_percent));
  }
  if (grammar.identifiers) {
    rules.push_back(
        rule(PlaceholderKind::identifier,
             R"re([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2})re"
             R"re(|0[xX][0-9A-Fa-f]+)re"
             R"re(|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+\-]\d\d:?\d\d)?)?)re"
             R"re(|v?\d+(?:\.\d+){2,}(?:[\-+][0-9A-Za-z.]*[0-9A-Za-z])?|\+\d[\d ().\-]{6,}\d|[0-9a-f]{7,})re",
             accept_identifier));
  }
  if (grammar.urls) {
    rules.push_back(
        rule(PlaceholderKind::url,
             std::string(R"re((?i)(?:[a-z0-9][a-z0-9\-]{0,62}\.)+(?:com|org|net|edu|gov|io|dev|info|eu))re") +
                 R"re((?::\d{1,5})?(?:/)re" + in_urls + "*)?",
             accept_host));
  }
  return rules;
}

}  // namespace dragoman
