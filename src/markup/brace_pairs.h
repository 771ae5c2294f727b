#pragma once
// Which braces of a text belong together.

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace dragoman {

/// All pairs of { and } of a text, in linear time and without recursion. As in ICU's MessageFormat, braces in quotes
/// such as '{' are text: everywhere if `quotes_anywhere`, else only inside other braces.
class BracePairs {
 public:
  BracePairs(std::string_view text, bool quotes_anywhere);
  /// Where the } of the { at `open` is.
  std::optional<std::size_t> close_of(std::size_t open) const;

 private:
  std::unordered_map<std::size_t, std::size_t> closes_;
};

}  // namespace dragoman
