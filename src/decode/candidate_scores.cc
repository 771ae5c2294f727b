#include "decode/candidate_scores.h"

#include <algorithm>

#include "ops/log_softmax.h"

namespace dragoman {
namespace {

constexpr int sentences_together = 8;  // so many rows keep the product busy, and more tokens would leave the cache

}  // namespace

CandidateScores::CandidateScores(const Context& ctx, const Seq2Seq& model,
                                 std::span<const std::vector<TokenId>> candidates)
    : candidates_(candidates) {
  std::vector<int> place(std::size_t(model.target_vocabulary()));  // of each token among those of a group
  for (int first = 0; first < int(candidates.size()); first += sentences_together) {
    const int end = std::min(int(candidates.size()), first + sentences_together);
    const auto own = candidates.subspan(std::size_t(first), std::size_t(end - first));
    std::vector<TokenId> tokens = own[0];
    std::vector<std::vector<int>> places(own.size());
    if (own.size() > 1) {
      std::fill(place.begin(), place.end(), -1);
      for (const auto& list : own) {
        for (const TokenId token : list) place[std::size_t(token)] = 0;
      }
      tokens.clear();
      for (std::size_t token = 0; token < place.size(); ++token) {
        if (place[token] < 0) continue;
        place[token] = int(tokens.size());
        tokens.push_back(TokenId(token));
      }
      for (std::size_t s = 0; s < own.size(); ++s) {
        places[s].reserve(own[s].size());
        for (const TokenId token : own[s]) places[s].push_back(place[std::size_t(token)]);
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
