#include "text/guided_alignment.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/error.h"

namespace dragoman {
namespace {

/// A whole text as a number; -1 if it is none.
int number_of(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 ? value : -1;
}

}  // namespace

std::vector<TokenLink> parse_alignment(std::string_view text, std::size_t source_tokens, std::size_t target_tokens,
                                       const std::string& file, std::int64_t line) {
  constexpr std::string_view blanks = " \t\r";
  std::vector<TokenLink> links;
  for (std::size_t begin; (begin = text.find_first_not_of(blanks)) != std::string_view::npos;) {
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    const std::size_t dash = word.find('-');
    const TokenLink link = {number_of(word.substr(0, dash)),
                            dash == std::string_view::npos ? -1 : number_of(word.substr(dash + 1))};
    require(link.source >= 0 && link.target >= 0,
            "{} line {}: expected links such as 0-0, of a source and a target token, found '{}'", file, line,
            word.substr(0, 40));
    const auto check = [&](int place, std::size_t tokens, const char* side) {
      require(std::size_t(place) <= tokens,
              "{} line {}: link {}: expected a {} token from 0 to {} (the {} pieces of the line, and </s>), found {}",
              file, line, word, side, tokens, tokens, place);
    };
    check(link.source, source_tokens, "source");
    check(link.target, target_tokens, "target");
    links.push_back(link);
  }
  std::sort(links.begin(), links.end(), [](const TokenLink& a, const TokenLink& b) {
    return std::tie(a.target, a.source) < std::tie(b.target, b.source);
  });
  links.erase(std::unique(links.begin(), links.end()), links.end());
  return links;
}

void crop_alignment(std::vector<TokenLink>& links, std::size_t source_before, std::size_t source,
                    std::size_t target_before, std::size_t target) {
  std::erase_if(links, [&](const TokenLink& link) {
    const bool source_gone = std::size_t(link.source) >= source && std::size_t(link.source) < source_before;
    const bool target_gone = std::size_t(link.target) >= target && std::size_t(link.target) < target_before;
    return source_gone || target_gone;
  });
  for (TokenLink& link : links) {
    if (std::size_t(link.source) == source_before) link.source = int(source);
    if (std::size_t(link.target) == target_before) link.target = int(target);
  }
}

}  // namespace dragoman
