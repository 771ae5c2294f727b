#include "model/ranked_attention.h"

#include <numeric>

#include "ops/gather.h"

namespace dragoman {

void RankedAttention::Renamer::observe(const AttentionWeights& seen) {
  for (int i = 0; i < seen.queries; ++i) {
    AttentionWeights one = seen;
    one.first_query = tokens[seen.first_query + i];
    one.queries = 1;
    one.weights += i * seen.stride;
    if (one.gradient != nullptr) one.gradient += i * seen.stride;
    observer->observe(one);
  }
}

RankedAttention::RankedAttention(const Context& ctx, const CrossAttention& attention, const TimeOrder& order,
                                 const SourceView& source, bool single)
    : attention_(attention),
      order_(order),
      source_(source),
      pass_(attention.begin(ctx, single ? int(order.tokens.size()) : 0)) {
  const int ranks = int(order.sentences.size());
  const std::span<int> count = ctx.arena.array<int>(std::size_t(ranks + 1));
  std::iota(count.begin(), count.end(), 0);
  count_ = count;
  for (const int row : order.sentences) sentence_of_rank_.push_back(source.sentence_of_row[row]);
}

Tensor RankedAttention::at_next_time(const Context& ctx, Tensor queries) {
  const int n = order_.active[time_++];
  Context seen = ctx;
  if (ctx.observer != nullptr) {
    renamer_.observer = ctx.observer;
    renamer_.tokens = order_.tokens.data() + place_;
    seen.observer = &renamer_;
  }
  place_ += n;
  const auto one_each = count_.first(std::size_t(n) + 1);
  if (!ctx.recording()) {
    return attention_.step(seen, queries, source_.prepared, one_each, source_.offsets,
                           std::span(sentence_of_rank_).first(n));
  }
  if (ranked_.data == nullptr) {  // once for all times
    const std::span<int> rows = ctx.arena.array<int>(std::size_t(source_.prepared.rows()));
    const std::span<int> offsets = ctx.arena.array<int>(sentence_of_rank_.size() + 1);
    int to = offsets[0] = 0;
    for (std::size_t rank = 0; rank < sentence_of_rank_.size(); ++rank) {
      const int s = sentence_of_rank_[rank];
      for (int i = source_.offsets[s]; i < source_.offsets[s + 1]; ++i) rows[to++] = i;
      offsets[rank + 1] = to;
    }
    ranked_ = gather_rows(ctx, source_.prepared, rows.first(to));
    ranked_offsets_ = offsets;
  }
  return pass_.forward(seen, queries, ranked_, one_each, ranked_offsets_.first(std::size_t(n) + 1));
}

Tensor RankedAttention::at_all_times(const Context& ctx, Tensor queries) {
  // back to the order of sentences, where a sentence's queries lie together, and forth again
  const int rows = int(order_.sentences.size());
  const std::span<int> offsets = ctx.arena.array<int>(std::size_t(rows) + 1);
  std::fill(offsets.begin(), offsets.end(), 0);
  for (const int n : order_.active) {
    for (int rank = 0; rank < n; ++rank) ++offsets[order_.sentences[rank] + 1];
  }
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
  const Tensor sorted = gather_rows(ctx, queries, order_.places);
  const Tensor context =
      ctx.recording()
          ? attention_.forward(ctx, sorted, source_.prepared, offsets, source_.offsets, 0)
          : attention_.step(ctx, sorted, source_.prepared, offsets, source_.offsets, source_.sentence_of_row);
  return gather_rows(ctx, context, order_.tokens);
}

}  // namespace dragoman
