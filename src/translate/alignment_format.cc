#include "translate/alignment_format.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <tuple>

#include "base/error.h"

namespace dragoman {

std::optional<AlignmentStyle> parse_alignment_style(const std::string& text) {
  using Kind = AlignmentStyle::Kind;
  if (text.empty()) return std::nullopt;
  if (text == "soft") return AlignmentStyle{Kind::soft};
  if (text == "hard") return AlignmentStyle{Kind::hard};
  float threshold = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threshold);
  require(error == std::errc() && end == text.data() + text.size() && threshold > 0 && threshold <= 1,
          "alignment: expected soft, hard, or a threshold above 0 and up to 1, found '{}'", text);
  return AlignmentStyle{threshold == 1 ? Kind::hard : Kind::threshold, threshold};
}

std::vector<TokenLink> links_of(const SoftAlignment& alignment, const AlignmentStyle& style) {
  assert(style.kind != AlignmentStyle::Kind::soft);
  std::vector<TokenLink> links;
  for (int t = 0; t < alignment.targets(); ++t) {
    if (style.kind == AlignmentStyle::Kind::hard) {
      const auto row = alignment.weights.begin() + std::ptrdiff_t(t) * alignment.sources;
      links.push_back({int(std::max_element(row, row + alignment.sources) - row), t});
      continue;
    }
    for (int s = 0; s < alignment.sources; ++s) {
      if (alignment.at(t, s) > style.threshold) links.push_back({s, t});
    }
  }
  std::sort(links.begin(), links.end(), [](const TokenLink& a, const TokenLink& b) {
    return std::tie(a.source, a.target) < std::tie(b.source, b.target);
  });
  return links;
}

std::string format_alignment(const SoftAlignment& alignment, const AlignmentStyle& style) {
  std::string text;
  if (style.kind == AlignmentStyle::Kind::soft) {
    for (int t = 0; t < alignment.targets(); ++t) {
      for (int s = 0; s < alignment.sources; ++s) {
        const char* between = s > 0 ? "," : t > 0 ? " " : "";
        text += fmt::format("{}{:.6g}", between, alignment.at(t, s));
      }
    }
    return text;
  }
  for (const TokenLink& link : links_of(alignment, style)) {
    text += fmt::format("{}{}-{}", text.empty() ? "" : " ", link.source, link.target);
  }
  return text;
}

}  // namespace dragoman
