#include "decode/candidate_scores.h"

#include <algorithm>
#include <iterator>

#include "ops/log_softmax.h"

namespace dragoman {
namespace {

constexpr int sentences_together = 8;  // so many rows keep the product busy, and more tokens would leave the cache

}  // namespace

CandidateScores::CandidateScores(const Context& ctx, const Seq2Seq& model,
                                 std::span<const std::vector<TokenId>> candidates)
    : candidates_(candidates) {
  for (int first = 0; first < int(candidates.size()); first += sentences_together) {
    const int end = std::min(int(candidates.size()), first + sentences_together);
    std::vector<TokenId> tokens = candidates[std::size_t(first)];
    for (int s = first + 1; s < end; ++s) {
      std::vector<TokenId> both;
      std::set_union(tokens.begin(), tokens.end(), candidates[std::size_t(s)].begin(), candidates[std::size_t(s)].end(),
                     std::back_inserter(both));
      tokens.swap(both);
    }
    std::vector<std::vector<int>> places(std::size_t(end - first));
    for (int s = first; s < end && end - first > 1; ++s) {
      auto at = tokens.begin();
      for (const TokenId token : candidates[std::size_t(s)]) {
        at = std::lower_bound(at, tokens.end(), token);
        places[std::size_t(s - first)].push_back(int(at - tokens.begin()));
      }
    }
    const auto layer = model.output_layer(ctx);
    ChosenWords words(ctx, layer.weight, layer.bias, tokens);
    groups_.push_back({first, end, std::move(tokens), std::move(places), std::move(words)});
  }
}

std::span<const float> CandidateScores::compute(const Context& ctx, Tensor output,
                                                std::span<const int> sentence_of_row) const {
  std::size_t size = 0;
  for (const int sentence : sentence_of_row) size += candidates_[std::size_t(sentence)].size();
  const std::span<float> all = ctx.arena.array<float>(size);
  float* to = all.data();
  std::size_t row = 0;
  for (const Group& group : groups_) {
    const std::size_t begin = row;
    while (row < sentence_of_row.size() && sentence_of_row[row] < group.end) ++row;
    if (row == begin) continue;
    const Tensor rows{{int(row - begin), output.width()}, output.row(std::int64_t(begin)), nullptr};
    const Tensor logits = group.words.logits(ctx, rows);
    for (std::size_t r = begin; r < row; ++r) {
      const float* from = logits.row(std::int64_t(r - begin));
      const std::vector<int>& places = group.places[std::size_t(sentence_of_row[r] - group.first)];
      const int count = int(candidates_[std::size_t(sentence_of_row[r])].size());
      if (places.empty()) {
        std::copy_n(from, count, to);
      } else {
        for (int i = 0; i < count; ++i) to[i] = from[places[std::size_t(i)]];
      }
      log_softmax(ctx, {{1, count}, to, nullptr});
      to += count;
    }
  }
  return all;
}

}  // namespace dragoman
