#include "ops/attention.h"

#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "ops/attention_step.h"
#include "ops/head_map.h"
#include "ops/ops_support.h"

namespace dragoman {
namespace {

const std::vector<int> queries_of = {0, 3, 4, 4, 9}, keys_of = {0, 5, 6, 8, 10};  // the third has no query

TEST(Attention, GradientsOfSelfAttentionMatchDifferences) {
  for (const auto& [heads, width] : {std::pair(1, 1), std::pair(3, 9), std::pair(2, 16), std::pair(1, 17)}) {
    for (const bool causal : {false, true}) {
      for (const double p : {0.0, 0.3}) {
        Numbers numbers;
        const int w = width;
        const AttentionOptions options{.heads = heads, .width = width, .causal = causal, .dropout = p};
        expect_gradients({numbers.normal({9, 3 * width})}, [&](const Context& ctx, auto t) {  // one fused projection
          return attention(ctx, {t[0], 0}, {t[0], w}, {t[0], 2 * w}, queries_of, queries_of, options);
        });
      }
    }
  }
}

TEST(Attention, GradientsOfCrossAttentionMatchDifferences) {
  for (const auto& [heads, width] : {std::pair(1, 1), std::pair(3, 9), std::pair(2, 16)}) {
    for (const double p : {0.0, 0.3}) {
      Numbers numbers;
      const int w = width;
      const AttentionOptions options{.heads = heads, .width = width, .causal = false, .dropout = p};
      const Tensor queries = numbers.normal({9, width}), memory = numbers.normal({10, 2 * width});
      expect_gradients({queries, memory}, [&](const Context& ctx, auto t) {
        return attention(ctx, {t[0], 0}, {t[1], 0}, {t[1], w}, queries_of, keys_of, options);
      });
    }
  }
}

TEST(Attention, GradientsOfAdditiveScoresMatchDifferences) {
  for (const auto& [heads, width] : {std::pair(1, 1), std::pair(3, 9), std::pair(2, 32), std::pair(1, 17)}) {
    for (const double p : {0.0, 0.3}) {
      Numbers numbers;
      const int w = width, n = heads;
      expect_gradients({numbers.normal({9, 3 * width}), numbers.normal({width})}, [&](const Context& ctx, auto t) {
        const AttentionOptions options{
            .heads = n, .width = w, .causal = p == 0, .dropout = p, .scaled = false, .additive = t[1]};
        return attention(ctx, {t[0], 0}, {t[0], w}, {t[0], 2 * w}, queries_of, queries_of, options);
      });
    }
  }
}

TEST(Attention, GradientsOfAdditiveScoresAcrossSentencesMatchDifferences) {
  Numbers numbers;
  const AttentionOptions options{.heads = 3, .width = 9, .dropout = 0.3, .scaled = false};
  expect_gradients({numbers.normal({9, 9}), numbers.normal({10, 18}), numbers.normal({9})},
                   [&](const Context& ctx, auto t) {
                     AttentionOptions how = options;
                     how.additive = t[2];
                     return attention(ctx, {t[0], 0}, {t[1], 0}, {t[1], 9}, queries_of, keys_of, how);
                   });
}

TEST(Attention, OfAdditiveScoresIsTheFormula) {
  Arena arena;
  Numbers numbers;
  const int width = 5;
  const Tensor queries = numbers.normal({2, width}), memory = numbers.normal({3, 2 * width}),
               v = numbers.normal({width});
  const std::vector<int> query_offsets = {0, 2}, key_offsets = {0, 3};
  const AttentionOptions options{.heads = 1, .width = width, .scaled = false, .additive = v};
  const Tensor y = attention({arena}, {queries, 0}, {memory, 0}, {memory, width}, query_offsets, key_offsets, options);
  for (int i = 0; i < 2; ++i) {
    double weights[3], total = 0;
    for (int j = 0; j < 3; ++j) {
      double score = 0;
      for (int c = 0; c < width; ++c) score += v.data[c] * std::tanh(double(queries.row(i)[c]) + memory.row(j)[c]);
      total += weights[j] = std::exp(score);
    }
    for (int c = 0; c < width; ++c) {
      double expected = 0;
      for (int j = 0; j < 3; ++j) expected += weights[j] / total * memory.row(j)[width + c];
      EXPECT_NEAR(y.row(i)[c], expected, 1e-6);
    }
  }
}

TEST(HeadMap, MapsEachHeadByItsOwnMatrix) {
  Numbers numbers;
  expect_gradients({numbers.normal({4, 9}), numbers.normal({6, 2})}, [](const Context& ctx, auto t) {
    return head_map(ctx, {t[0], 2}, t[1]);
  });
  Arena arena;
  const Tensor x = numbers.normal({4, 9}), w = numbers.normal({6, 2});
  const Tensor y = head_map({arena}, {x, 2}, w);
  for (int i = 0; i < 4; ++i) {
    for (int c = 0; c < 6; ++c) {
      const int head = c / 2;
      const float expected =
          x.row(i)[2 + 2 * head] * w.row(2 * head)[c % 2] + x.row(i)[3 + 2 * head] * w.row(2 * head + 1)[c % 2];
      EXPECT_NEAR(y.row(i)[c], expected, 1e-6);
    }
  }
}

TEST(Attention, GradientsAddUpOverQueriesKeysAndValues) {
  Numbers numbers;
  const AttentionOptions options{.heads = 2, .width = 6};
  expect_gradients({numbers.normal({9, 6})}, [&](const Context& ctx, auto t) {
    return attention(ctx, {t[0], 0}, {t[0], 0}, {t[0], 0}, queries_of, queries_of, options);
  });
}

TEST(Attention, OfASentenceDoesNotSeeOthers) {
  for (const bool additive : {false, true}) {
    Arena arena;
    Numbers numbers;
    const Tensor queries = numbers.normal({9, 6}), memory = numbers.normal({10, 12});
    const AttentionOptions options{.heads = 2, .width = 6, .additive = additive ? numbers.normal({6}) : Tensor{}};
    const Tensor all = attention({arena}, {queries, 0}, {memory, 0}, {memory, 6}, queries_of, keys_of, options);
    const std::vector<int> one_query = {0, 5}, one_key = {0, 2};
    const Tensor q{{5, 6}, queries.row(4), nullptr}, m{{2, 12}, memory.row(8), nullptr};
    const Tensor alone = attention({arena}, {q, 0}, {m, 0}, {m, 6}, one_query, one_key, options);
    for (int i = 0; i < 30; ++i) EXPECT_EQ(alone.data[i], all.row(4)[i]) << "must be equal to the last bit";
  }
}

TEST(Attention, StepByStepEqualsWhole) {
  Arena arena;
  Numbers numbers;
  for (const auto& [heads, width, additive] :
       {std::tuple(1, 1, false), std::tuple(3, 9, false), std::tuple(2, 32, false), std::tuple(1, 16, false),
        std::tuple(1, 1, true), std::tuple(3, 9, true), std::tuple(2, 32, true)}) {
    const AttentionOptions options{.heads = heads,
                                   .width = width,
                                   .causal = true,
                                   .scaled = heads != 1,
                                   .additive = additive ? numbers.normal({width}) : Tensor{}};
    const Tensor all = numbers.normal({9, 3 * width});
    const Tensor whole = attention({arena}, {all, 0}, {all, width}, {all, 2 * width}, queries_of, queries_of, options);
    std::vector<StepKeys> keys;
    const std::vector<int> slots = {0, 1, 2, 3, 4};
    for (std::size_t s = 0; s + 1 < queries_of.size(); ++s) {
      for (int i = queries_of[s]; i < queries_of[s + 1]; ++i) {
        const float* first = all.row(queries_of[s]);
        keys.push_back(
            {first + width, first + 2 * width, 3 * width, i % 2 ? slots.data() : nullptr, i - queries_of[s] + 1});
      }
    }
    const Tensor stepwise = attention_step({arena}, {all, 0}, keys, options);
    for (std::int64_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(stepwise.data[i], whole.data[i], 2e-6);
  }
}

/// Collects what it is shown, in order.
struct Collector : AttentionObserver {
  bool trains(AttentionPlace place) const override { return place.kind == AttentionKind::cross; }
  void observe(const AttentionWeights& one) override { seen.push_back(one); }
  std::vector<AttentionWeights> seen;
};

/// Attention's result and its weights in one row, so that both are differentiated.
Tensor with_weights(const Context& ctx, Tensor y, std::span<const AttentionWeights> seen) {
  int size = int(y.size());
  for (const AttentionWeights& one : seen) size += one.queries * one.keys;
  const Tensor all = ctx.make({1, size});
  float* to = std::copy_n(y.data, y.size(), all.data);
  for (const AttentionWeights& one : seen) {
    for (int i = 0; i < one.queries; ++i) {
      for (int j = 0; j < one.keys; ++j) *to++ = one.at(i, j);
    }
  }
  ctx.on_backward([=] {
    const float* from = all.gradient->data;
    float* dy = y.summed_gradient();
    for (std::int64_t i = 0; i < y.size(); ++i) dy[i] += *from++;
    for (const AttentionWeights& one : seen) {
      for (int i = 0; i < one.queries; ++i) {
        for (int j = 0; j < one.keys; ++j) one.gradient[i * one.stride + j] += *from++;
      }
    }
  });
  return all;
}

TEST(Attention, GradientsOfObservedWeightsMatchDifferences) {
  for (const auto& [p, additive] : {std::pair(0.0, false), std::pair(0.3, false), std::pair(0.3, true)}) {
    Numbers numbers;
    std::vector<Tensor> inputs = {numbers.normal({9, 9}), numbers.normal({10, 18})};
    if (additive) inputs.push_back(numbers.normal({9}));
    const AttentionOptions options{.heads = 3, .width = 9, .dropout = p, .place = {AttentionKind::cross, 0}};
    Collector observer;  // outlives the tape
    expect_gradients(inputs, [&](const Context& plain, auto t) {
      Context ctx = plain;
      ctx.observer = &observer;
      observer.seen.clear();
      AttentionOptions how = options;
      if (t.size() > 2) how.additive = t[2];
      const Tensor y = attention(ctx, {t[0], 0}, {t[1], 0}, {t[1], 9}, queries_of, keys_of, how);
      return with_weights(ctx, y, observer.seen);
    });
    EXPECT_EQ(observer.seen.size(), 4u * 3u);
  }
}

TEST(Attention, ShowsTheSameWeightsStepByStep) {
  Arena arena;
  Numbers numbers;
  const AttentionOptions options{.heads = 2, .width = 6, .place = {AttentionKind::decoder, 3}};
  const Tensor queries = numbers.normal({4, 6}), memory = numbers.normal({5, 12});
  const std::vector<int> query_offsets = {0, 4}, key_offsets = {0, 5};
  struct Copier : AttentionObserver {
    void observe(const AttentionWeights& one) override {
      EXPECT_EQ(one.place, (AttentionPlace{AttentionKind::decoder, 3}));
      EXPECT_EQ(one.gradient, nullptr);
      for (int i = 0; i < one.queries; ++i) {
        float total = 0;
        for (int j = 0; j < one.keys; ++j) total += weights[{one.head, one.first_query + i, j}] = one.at(i, j);
        EXPECT_NEAR(total, 1, 1e-6);
      }
    }
    std::map<std::array<int, 3>, float> weights;
  } whole, steps;
  Context ctx{arena};
  ctx.observer = &whole;
  attention(ctx, {queries, 0}, {memory, 0}, {memory, 6}, query_offsets, key_offsets, options);
  ctx.observer = &steps;
  attention_step(ctx, {queries, 0}, std::vector(4, StepKeys{memory.data, memory.data + 6, 12, nullptr, 5}), options);
  ASSERT_EQ(whole.weights.size(), 2u * 4u * 5u);
  ASSERT_EQ(steps.weights.size(), whole.weights.size());
  for (const auto& [at, weight] : whole.weights) EXPECT_NEAR(steps.weights[at], weight, 1e-6);
}

}  // namespace
}  // namespace dragoman
