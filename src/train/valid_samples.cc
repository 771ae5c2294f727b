#include "train/valid_samples.h"

#include <algorithm>

namespace dragoman {
namespace {

constexpr std::size_t readable = 300;  // bytes of a line
constexpr std::size_t most = 2000;     // bytes of a text that is recorded

std::string shortened(const std::string& text) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + "\u2026";
}

}  // namespace

std::vector<std::size_t> sample_lines(const ValidationSet& set, int count) {
  std::vector<std::size_t> good, others;
  for (std::size_t i = 0; i < set.sources.size(); ++i) {
    const std::string &source = set.sources[i], &target = set.targets[i];
    const bool is_good = !source.empty() && !target.empty() && source.size() <= readable && target.size() <= readable;
    (is_good ? good : others).push_back(i);
  }
  const std::size_t wanted = std::min(std::size_t(std::max(0, count)), set.sources.size());
  if (good.size() < wanted) good.insert(good.end(), others.begin(), others.begin() + long(wanted - good.size()));
  std::vector<std::size_t> lines;
  for (std::size_t i = 0; i < wanted; ++i) lines.push_back(good[i * good.size() / wanted]);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<TranslationSample> samples_of(const ValidationSet& set, const std::vector<std::string>& translations,
                                          const std::vector<std::size_t>& lines) {
  std::vector<TranslationSample> samples;
  for (const std::size_t i : lines) {
    samples.push_back({i + 1, shortened(set.sources[i]), shortened(set.targets[i]), shortened(translations[i])});
  }
  return samples;
}

}  // namespace dragoman
