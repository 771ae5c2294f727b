#pragma once
// Words in messages and settings: splitting, joining, quoting, and guessing what was meant.

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// The candidate that differs least from `name` by typing errors (insertions, deletions, substitutions and swapped
/// neighbours; case and '_' for '-' count nothing), or "" if none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// "; did you mean 'beam-size'?" or "".
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

/// `text` as a YAML scalar, quoted where it must be.
std::string yaml_quoted(const std::string& text);

/// The parts of `text` between white space, and between `separator` unless that is 0.
std::vector<std::string> split_words(std::string_view text, char separator = 0);

/// The lines of a text; the last may lack its end. Where all end in CR LF, the CR is none of theirs.
std::vector<std::string> lines_of(std::string_view text);

/// "a, b and c".
std::string join_words(const std::vector<std::string>& words, std::string_view last = " and ");

}  // namespace dragoman
