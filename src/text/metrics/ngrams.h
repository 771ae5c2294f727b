#pragma once
// Counting n-grams without hashing them: an n-gram is packed into one 128-bit number, exactly, and counted by sorting.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dragoman {

__extension__ using PackedNgram = unsigned __int128;

/// Numbers for the words of one sentence and its references: 1, 2, 3, ... as they turn up. Keeps views of the words.
class WordNumbers {
 public:
  std::vector<std::uint32_t> operator()(std::span<const std::string_view> words) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(words.size());
    for (const std::string_view word : words) {
      numbers.push_back(numbers_.try_emplace(word, static_cast<std::uint32_t>(numbers_.size() + 1)).first->second);
    }
    return numbers;
  }

 private:
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

/// N-grams in ascending order with how often each occurs.
using NgramCounts = std::vector<std::pair<PackedNgram, int>>;

/// The n-grams of one order, at most 4. REQUIRES: `words` has no zero.
inline NgramCounts count_ngrams(std::span<const std::uint32_t> words, std::size_t order) {
  std::vector<PackedNgram> all;
  for (std::size_t i = 0; i + order <= words.size(); ++i) {
    PackedNgram packed = 0;
    for (std::size_t k = 0; k < order; ++k) packed = packed << 32 | words[i + k];
    all.push_back(packed);
  }
  std::sort(all.begin(), all.end());
  NgramCounts counts;
  for (const PackedNgram ngram : all) {
    if (counts.empty() || counts.back().first != ngram) counts.emplace_back(ngram, 0);
    ++counts.back().second;
  }
  return counts;
}

/// Calls visit(ngram, count in a, count in b) for every n-gram of either, in ascending order.
template <class Visit>
void visit_both(const NgramCounts& a, const NgramCounts& b, Visit visit) {
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() || j != b.end()) {
    if (j == b.end() || (i != a.end() && i->first < j->first)) {
      visit(i->first, i->second, 0);
      ++i;
    } else if (i == a.end() || j->first < i->first) {
      visit(j->first, 0, j->second);
      ++j;
    } else {
      visit(i->first, i->second, j->second);
      ++i, ++j;
    }
  }
}

/// How many n-grams two texts share.
inline int count_matches(const NgramCounts& a, const NgramCounts& b) {
  int matches = 0;
  visit_both(a, b, [&](PackedNgram, int in_a, int in_b) { matches += std::min(in_a, in_b); });
  return matches;
}

}  // namespace dragoman
