#pragma once
// Multi-head attention (Vaswani et al. 2017) with its projections and whatever score.

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "nn/attention/cache.h"
#include "nn/attention/score.h"
#include "nn/autoregression/autoregression.h"
#include "nn/linear.h"
#include "nn/normed_linear.h"
#include "ops/attention.h"

namespace dragoman {

/// Attention of tokens to the tokens of their own sentence. Where queries, keys and values come from the same vectors
/// the three projections are one product: parameters "query_key_value" [width, 3 width], else "query" and "key_value",
/// and "output" [width, width]. `score`: see nn/attention/score.h.
class SelfAttention : public Autoregression {
 public:
  SelfAttention() = default;
  /// `place` names it to observers.
  SelfAttention(const Scope& scope, const std::string& score, int width, int heads, bool causal, bool fused,
                AttentionPlace place = {});

  /// x: what queries are made of, memory: what keys and values are made of (the same tensor if fused), [tokens, width].
  Tensor forward(const Context& ctx, Tensor x, Tensor memory, std::span<const int> offsets,
                 double dropout) const override;

  /// One step of decoding: the tokens' keys and values are added to the cache, and each token attends to what its row
  /// has there up to itself. `layer` numbers the cache.
  Tensor step(const Context& ctx, Tensor x, Tensor memory, StepMemory& past, int layer) const override;

 private:
  struct Projected {
    Columns queries, keys, values;
  };
  Projected project(const Context& ctx, Tensor x, Tensor memory) const;
  AttentionOptions options(const Context& ctx) const;

  Linear query_key_value_, query_, key_value_, output_;
  std::unique_ptr<const Score> score_;
  int width_ = 0, heads_ = 1;
  bool causal_ = false, fused_ = true;
  AttentionPlace place_;
};

struct CrossAttentionOptions {
  std::string score;  ///< see nn/attention/score.h
  int query_width = 0, memory_width = 0;
  int width = 0;  ///< of queries, keys, values and the result
  int heads = 1;
  /// The source's vectors themselves are the values, and their weighted sum is the result, as in Bahdanau et al. 2015.
  /// REQUIRES: memory_width == width.
  bool plain_values = false;
  MapNorm norm = MapNorm::none;  ///< of queries and keys, with plain values
  AttentionPlace place = {};
};

/// Attention of target tokens to the source: parameters "query" [query width, width], "key_value" [memory width,
/// 2 width] and "output" [width, width]; with plain values "query" (which has no bias) and "key".
class CrossAttention {
 public:
  CrossAttention() = default;
  CrossAttention(const Scope& scope, const CrossAttentionOptions& options);

  int width() const { return width_; }

  /// Keys and values of encoded source tokens, [source tokens, 2 width]; once per sentence.
  Tensor prepare(const Context& ctx, Tensor encoded) const;

  /// Whole sentences: target sentence s attends to source sentence s.
  Tensor forward(const Context& ctx, Tensor x, Tensor prepared, std::span<const int> target_offsets,
                 std::span<const int> source_offsets, double dropout) const;

  /// A way through tokens that come in several pieces.
  class Pass {
   public:
    Pass(const Context& ctx, const CrossAttention& attention, int rows);

    /// The next piece, as CrossAttention::forward without dropout.
    Tensor forward(const Context& ctx, Tensor x, Tensor prepared, std::span<const int> target_offsets,
                   std::span<const int> source_offsets);

   private:
    const CrossAttention* attention_;
    NormedLinear::Pass query_;
    std::optional<NormedLinear::Pass> output_;
  };
  /// `rows`: of all pieces together.
  Pass begin(const Context& ctx, int rows) const { return {ctx, *this, rows}; }

  /// One step of decoding: the tokens of row r attend to source sentence sentence_of_row[r].
  Tensor step(const Context& ctx, Tensor x, Tensor prepared, std::span<const int> target_offsets,
              std::span<const int> source_offsets, std::span<const int> sentence_of_row) const;

 private:
  AttentionOptions options(const Context& ctx) const;

  /// Of projected queries; the result is not projected yet.
  Tensor attend(const Context& ctx, Tensor queries, Tensor prepared, std::span<const int> target_offsets,
                std::span<const int> source_offsets, double dropout) const;
  Tensor projected(const Context& ctx, Tensor result) const;

  NormedLinear query_, key_value_, output_;
  bool plain_values_ = false;
  std::unique_ptr<const Score> score_;
  int width_ = 0, heads_ = 1;
  AttentionPlace place_;
};

}  // namespace dragoman
