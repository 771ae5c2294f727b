#include "text/batch.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace dragoman {

void Batch::add(const SentencePair& pair, int source_end, int target_end) {
  source_ids.insert(source_ids.end(), pair.source.begin(), pair.source.end());
  source_ids.push_back(source_end);
  source_offsets.push_back(int(source_ids.size()));
  target_ids.insert(target_ids.end(), pair.target.begin(), pair.target.end());
  target_ids.push_back(target_end);
  target_offsets.push_back(int(target_ids.size()));
  lines.push_back(pair.line);
  links.insert(links.end(), pair.alignment.begin(), pair.alignment.end());
  link_offsets.push_back(int(links.size()));
}

bool BatchRule::full(std::int64_t n, std::int64_t source, std::int64_t target, std::int64_t count) const {
  return (sentences > 0 && n >= count * sentences) || (target_words > 0 && target >= count * target_words) ||
         (words_that_fit > 0 && source + target >= count * words_that_fit);
}

std::vector<Batch> make_batches(const std::vector<SentencePair>& pairs, const BatchRule& rule, int source_end,
                                int target_end, Random random) {
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  if (rule.sort != BatchRule::Sort::none) {
    const auto lengths = [&](std::size_t i) {
      const std::size_t source = pairs[i].source.size(), target = pairs[i].target.size();
      return rule.sort == BatchRule::Sort::target ? std::pair(target, source) : std::pair(source, target);
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return lengths(a) < lengths(b); });
  }
  std::vector<Batch> batches;
  for (const std::size_t i : order) {
    const SentencePair& pair = pairs[i];
    const auto overflows = [&](const Batch& batch) {
      const std::int64_t source = batch.source_words() + std::int64_t(pair.source.size()) + 1;
      const std::int64_t target = batch.target_words() + std::int64_t(pair.target.size()) + 1;
      return (rule.sentences > 0 && batch.sentences() == rule.sentences) ||
             (rule.target_words > 0 && target > rule.target_words) ||
             (rule.words_that_fit > 0 && source + target > rule.words_that_fit);
    };
    if (batches.empty() || overflows(batches.back())) batches.emplace_back();
    batches.back().add(pair, source_end, target_end);
  }
  if (rule.shuffle) {
    for (std::size_t i = batches.size(); i > 1; --i) std::swap(batches[i - 1], batches[random.below(i)]);
  }
  return batches;
}

}  // namespace dragoman
