#pragma once
// Finds what must survive translation byte for byte: formats such as %s and {name}, URLs, e-mail addresses, numbers
// that are names of something.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

enum class PlaceholderKind { percent, brace, double_brace, dollar_brace, url, email, identifier, user, element };

/// Bytes [begin, end) of a text that are kept.
struct Placeholder {
  std::size_t begin = 0, end = 0;
  PlaceholderKind kind = PlaceholderKind::percent;
  /// Like %s: which argument it takes depends on how many stand before it, so that their order must stay. Those with a
  /// number or a name (%1$s, {name}) may change places.
  bool keeps_order = false;
  bool operator==(const Placeholder&) const = default;
};

/// Formats that begin with %. All but `general` follow their language to the letter. `general` is for text of which
/// nothing is known: it takes the usual ones of all, unless they read like a percentage: "100% of", "50%ige", "5 % d'".
enum class PercentFormat { none, general, c, objc, php, python, qt };

/// Formats in braces. `general` takes {}, {0}, {name}, {name:>10} and ICU's {n, plural, ...}, but no braces around
/// words or code. `python` also has nested fields and the escapes {{ and }}; `icu` takes everything between braces that
/// match, nested ones included, as one placeholder, and text in quotes such as '{'.
enum class BraceFormat { none, general, python, icu };

/// What is a placeholder. By default what is safe in general text.
struct PlaceholderGrammar {
  PercentFormat percent = PercentFormat::general;
  BraceFormat braces = BraceFormat::general;
  bool double_braces = true;  ///< {{user.name}}, {{{html}}}, {% if x %}
  bool dollar_braces = true;  ///< ${name}, #{name}, $(name)
  bool urls = true;           ///< with a scheme, www., or a host name of a well-known ending
  bool emails = true;
  bool identifiers = true;                 ///< UUIDs, IP addresses, versions, 0x1F, dates like 2024-01-31, long numbers
  std::vector<std::string> patterns = {};  ///< of the user's: regular expressions of RE2
};

/// The grammar of messages of a format: "c", "objc", "php", "python", "python-brace", "qt" or "icu" (gettext's names
/// such as "c-format" too), or "general". Throws Error naming one that is unknown.
PlaceholderGrammar placeholder_grammar(std::string_view format);

/// Finds placeholders by a grammar, in time linear in the text. Copies share what was compiled; safe in all threads.
class PlaceholderFinder {
 public:
  /// Throws Error naming a pattern that is no regular expression, or that matches empty text.
  explicit PlaceholderFinder(const PlaceholderGrammar& grammar = {});

  /// In order, not overlapping. Bytes that are no UTF-8 are like letters.
  std::vector<Placeholder> find(std::string_view text) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace dragoman
