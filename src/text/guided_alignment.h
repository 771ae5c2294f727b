#pragma once
// Which tokens of a pair translate each other, as word aligners say it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A source token and a target token that translate each other, counted from 0.
struct TokenLink {
  int source = 0, target = 0;
  bool operator==(const TokenLink&) const = default;
};

/// Reads a line in Pharaoh's format, as in "0-0 1-2 1-3", for a pair of so many tokens without </s>, whose place one
/// may link too (0 to source_tokens and target_tokens): links in the order of the target, then of the source, each
/// once. An empty line has none. Throws Error naming `file` and `line`, what was expected and what was found.
std::vector<TokenLink> parse_alignment(std::string_view text, std::size_t source_tokens, std::size_t target_tokens,
                                       const std::string& file, std::int64_t line);

/// After sides were cropped to `source` and `target` tokens: links of tokens that are gone are removed, and those of
/// </s> stay at its new place.
void crop_alignment(std::vector<TokenLink>& links, std::size_t source_before, std::size_t source,
                    std::size_t target_before, std::size_t target);

}  // namespace dragoman
