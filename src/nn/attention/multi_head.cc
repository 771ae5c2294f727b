#include "nn/attention/multi_head.h"

#include <cassert>
#include <vector>

#include "ops/attention_step.h"
#include "ops/gather.h"

namespace dragoman {

SelfAttention::SelfAttention(const Scope& scope, const std::string& score, int width, int heads, bool causal,
                             bool fused, AttentionPlace place)
    : score_(make_score(scope, score, "self-attention", width, heads)),
      width_(width),
      heads_(heads),
      causal_(causal),
      fused_(fused),
      place_(place) {
  const float query_size = initial_query_size(score, width, heads);
  if (fused) {
    query_key_value_ = Linear(scope / "query_key_value", width, 3 * width, 3, query_size);
  } else {
    query_ = Linear(scope / "query", width, width, 1, query_size);
    key_value_ = Linear(scope / "key_value", width, 2 * width, 2);
  }
  output_ = Linear(scope / "output", width, width);
}

SelfAttention::Projected SelfAttention::project(const Context& ctx, Tensor x, Tensor memory) const {
  if (fused_) {
    const Tensor all = query_key_value_.forward(ctx, x);
    return {score_->queries(ctx, {all, 0}), {all, width_}, {all, 2 * width_}};
  }
  const Tensor queries = query_.forward(ctx, x), keys_values = key_value_.forward(ctx, memory);
  return {score_->queries(ctx, {queries, 0}), {keys_values, 0}, {keys_values, width_}};
}

AttentionOptions SelfAttention::options(const Context& ctx) const {
  return {.heads = heads_,
          .width = width_,
          .causal = causal_,
          .scaled = score_->scaled(),
          .additive = score_->additive(ctx),
          .place = place_};
}

Tensor SelfAttention::forward(const Context& ctx, Tensor x, Tensor memory, std::span<const int> offsets,
                              double dropout) const {
  const Projected p = project(ctx, x, memory);
  AttentionOptions how = options(ctx);
  how.dropout = dropout;
  return output_.forward(ctx, attention(ctx, p.queries, p.keys, p.values, offsets, offsets, how));
}

Tensor SelfAttention::step(const Context& ctx, Tensor x, Tensor memory, StepMemory& past, int layer) const {
  DecoderCache& cache = past.cache;
  const Projected p = project(ctx, x, memory);
  cache.store(layer, p.keys.tensor.data + p.keys.first, p.values.tensor.data + p.values.first, p.keys.tensor.width());
  std::vector<StepKeys> keys;
  keys.reserve(std::size_t(x.rows()));
  const float* stored = cache.data(layer);
  for (int row = 0; row < cache.rows(); ++row) {
    const auto slots = cache.slots(row);
    for (int i = cache.fresh(row); i > 0; --i) {
      keys.push_back({stored, stored + width_, 2 * width_, slots.data(), int(slots.size()) - i + 1});
    }
  }
  return output_.forward(ctx, attention_step(ctx, p.queries, keys, options(ctx)));
}

CrossAttention::CrossAttention(const Scope& scope, const CrossAttentionOptions& o)
    : plain_values_(o.plain_values), width_(o.width), heads_(o.heads), place_(o.place) {
  query_ = NormedLinear(scope / "query", {.in = o.query_width,
                                          .out = o.width,
                                          .size = initial_query_size(o.score, o.width, o.heads),
                                          .has_bias = !o.plain_values,
                                          .norm = o.norm});
  if (o.plain_values) {
    assert(o.memory_width == o.width);
    key_value_ = NormedLinear(scope / "key", {.in = o.memory_width, .out = o.width, .norm = o.norm});
  } else {
    key_value_ = NormedLinear(scope / "key_value", {.in = o.memory_width, .out = 2 * o.width, .parts = 2});
    output_ = NormedLinear(scope / "output", {.in = o.width, .out = o.width});
  }
  score_ = make_score(scope, o.score, "attention", o.width, o.heads);
}

Tensor CrossAttention::prepare(const Context& ctx, Tensor encoded) const {
  const Tensor keys = key_value_.forward(ctx, encoded);
  if (!plain_values_) return keys;
  const Tensor both[] = {keys, encoded};
  return join_columns(ctx, both);
}

AttentionOptions CrossAttention::options(const Context& ctx) const {
  return {
      .heads = heads_, .width = width_, .scaled = score_->scaled(), .additive = score_->additive(ctx), .place = place_};
}

Tensor CrossAttention::projected(const Context& ctx, Tensor result) const {
  return plain_values_ ? result : output_.forward(ctx, result);
}

Tensor CrossAttention::attend(const Context& ctx, Tensor queries, Tensor prepared, std::span<const int> target_offsets,
                              std::span<const int> source_offsets, double dropout) const {
  AttentionOptions how = options(ctx);
  how.dropout = dropout;
  return attention(ctx, score_->queries(ctx, {queries, 0}), {prepared, 0}, {prepared, width_}, target_offsets,
                   source_offsets, how);
}

Tensor CrossAttention::forward(const Context& ctx, Tensor x, Tensor prepared, std::span<const int> target_offsets,
                               std::span<const int> source_offsets, double dropout) const {
  const Tensor queries = query_.forward(ctx, x);
  return projected(ctx, attend(ctx, queries, prepared, target_offsets, source_offsets, dropout));
}

CrossAttention::Pass::Pass(const Context& ctx, const CrossAttention& attention, int rows)
    : attention_(&attention), query_(attention.query_.begin(ctx, rows)) {
  if (!attention.plain_values_) output_ = attention.output_.begin(ctx, rows);
}

Tensor CrossAttention::Pass::forward(const Context& ctx, Tensor x, Tensor prepared, std::span<const int> target_offsets,
                                     std::span<const int> source_offsets) {
  const Tensor queries = query_.forward(ctx, x);
  const Tensor result = attention_->attend(ctx, queries, prepared, target_offsets, source_offsets, 0);
  return output_ ? output_->forward(ctx, result) : result;
}

Tensor CrossAttention::step(const Context& ctx, Tensor x, Tensor prepared, std::span<const int> target_offsets,
                            std::span<const int> source_offsets, std::span<const int> sentence_of_row) const {
  const Tensor queries = query_.forward(ctx, x);
  std::vector<StepKeys> keys;
  keys.reserve(std::size_t(x.rows()));
  for (std::size_t row = 0; row < sentence_of_row.size(); ++row) {
    const int first = source_offsets[sentence_of_row[row]], count = source_offsets[sentence_of_row[row] + 1] - first;
    const float* at = prepared.row(first);
    for (int i = target_offsets[row]; i < target_offsets[row + 1]; ++i) {
      keys.push_back({at, at + width_, 2 * width_, nullptr, count});
    }
  }
  return projected(ctx, attention_step(ctx, score_->queries(ctx, {queries, 0}), keys, options(ctx)));
}

}  // namespace dragoman
