#include "text/word_translation.h"

#include <algorithm>

#include "base/error.h"

namespace dragoman {

WordTranslation::WordTranslation(int source_words) : table_(std::size_t(source_words) + 1) {}

void WordTranslation::add(std::span<const int> source, std::span<const int> target) {
  const std::size_t begin = words_.size();
  const int none = int(table_.size()) - 1;
  for (const int word : source) {
    require(word >= 0 && word < none, "source word {}, expected one below {}", word, none);
  }
  words_.insert(words_.end(), source.begin(), source.end());
  words_.push_back(none);
  const std::size_t middle = words_.size();
  words_.insert(words_.end(), target.begin(), target.end());
  pairs_.push_back({begin, middle, words_.size()});
}

void WordTranslation::learn(int rounds) {
  const auto find = [this](int source, int target) -> Entry& {
    std::vector<Entry>& entries = table_[std::size_t(source)];
    return *std::lower_bound(entries.begin(), entries.end(), target,
                             [](const Entry& entry, int t) { return entry.target < t; });
  };
  // the pairs of words that there are: new ones are sorted in when a list has doubled
  std::vector<std::vector<int>> seen(table_.size());
  std::vector<std::size_t> sorted(table_.size(), 0);
  const auto tidy = [](std::vector<int>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  for (const Pair& pair : pairs_) {
    for (std::size_t i = pair.begin; i < pair.middle; ++i) {
      const std::size_t s = std::size_t(words_[i]);
      seen[s].insert(seen[s].end(), words_.begin() + std::ptrdiff_t(pair.middle),
                     words_.begin() + std::ptrdiff_t(pair.end));
      if (seen[s].size() > 2 * sorted[s] + 64) {
        tidy(seen[s]);
        sorted[s] = seen[s].size();
      }
    }
  }
  for (std::size_t s = 0; s < table_.size(); ++s) {
    tidy(seen[s]);
    table_[s].clear();
    for (const int target : seen[s]) table_[s].push_back({target, 1.0f, 0.0f});
    seen[s] = {};
  }
  std::vector<Entry*> entries;
  for (int round = 0; round < rounds; ++round) {
    for (const Pair& pair : pairs_) {
      for (std::size_t j = pair.middle; j < pair.end; ++j) {
        entries.clear();
        double total = 0;
        for (std::size_t i = pair.begin; i < pair.middle; ++i) {
          entries.push_back(&find(words_[i], words_[j]));
          total += double(entries.back()->probability);
        }
        if (!(total > 0)) continue;
        for (Entry* entry : entries) entry->count += float(double(entry->probability) / total);
      }
    }
    for (std::vector<Entry>& list : table_) {
      double total = 0;
      for (const Entry& entry : list) total += double(entry.count);
      for (Entry& entry : list) {
        entry.probability = total > 0 ? float(double(entry.count) / total) : 0.0f;
        entry.count = 0;
      }
    }
  }
}

std::vector<WordTranslation::Translation> WordTranslation::translations(int source, int most) const {
  std::vector<Translation> result;
  for (const Entry& entry : table_[std::size_t(source)]) {
    if (entry.probability > 0) result.push_back({entry.target, entry.probability});
  }
  std::sort(result.begin(), result.end(), [](const Translation& a, const Translation& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.target < b.target;
  });
  if (int(result.size()) > most) result.resize(std::size_t(most));
  return result;
}

}  // namespace dragoman
