#include "markup/brace_pairs.h"

#include <vector>

namespace dragoman {

BracePairs::BracePairs(std::string_view text, bool quotes_anywhere) {
  std::vector<std::size_t> open;
  std::size_t last_quote = text.rfind('\'');
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == '\'' && (next == '{' || next == '}') && at != last_quote && (quotes_anywhere || !open.empty())) {
      at = text.find('\'', at + 1);
    } else if (c == '{') {
      open.push_back(at);
    } else if (c == '}' && !open.empty()) {
      closes_[open.back()] = at;
      open.pop_back();
    }
  }
}

std::optional<std::size_t> BracePairs::close_of(std::size_t open) const {
  const auto found = closes_.find(open);
  if (found == closes_.end()) return {};
  return found->second;
}

}  // namespace dragoman
