// What dropout of each kind does to the numbers: the share that goes, the mean that stays, and that the way back takes
// the way of the numbers that were kept.

#include <cmath>

#include "ops/activation.h"
#include "ops/attention.h"
#include "ops/dropout.h"
#include "ops/embedding.h"
#include "ops/ops_support.h"

namespace dragoman {
namespace {

constexpr int count = 40000;

/// A pass with its tape; everything that it makes has room for a gradient.
struct Pass {
  Arena arena;
  Tape tape;
  Random random{11};
  Context ctx{arena, &tape, &random};
};

/// Tells of elements that were 1 before dropout with probability p: each is 0 or 1 / (1 - p), as many are 0 as p says
/// (within 5 standard deviations), and so the mean is that of before.
void expect_dropped_ones(std::span<const float> values, double p) {
  int zeros = 0;
  double sum = 0;
  for (const float value : values) {
    if (value == 0) {
      ++zeros;
    } else {
      EXPECT_NEAR(value, 1 / (1 - p), 1e-5);
    }
    sum += double(value);
  }
  const double n = double(values.size()), deviation = std::sqrt(p * (1 - p) / n);
  EXPECT_NEAR(zeros / n, p, 5 * deviation);
  EXPECT_NEAR(sum / n, 1, 5 * deviation / (1 - p));
}

Tensor ones(Numbers& numbers, Shape shape) {
  const Tensor x = numbers.with_gradient(numbers.normal(shape, 0), std::nanf(""));
  std::fill(x.values().begin(), x.values().end(), 1.0f);
  return x;
}

/// Runs backward with a gradient of 1 for each element of y.
void back(Pass& pass, Tensor y) {
  float* dy = y.summed_gradient();
  for (std::int64_t i = 0; i < y.size(); ++i) dy[i] += 1;
  pass.tape.run_backward();
}

TEST(Regularisation, DropoutKeepsTheMeanAndItsGradientTakesTheSameElements) {
  for (const double p : {0.1, 0.5, 0.9}) {
    Pass pass;
    Numbers numbers;
    const Tensor x = ones(numbers, {count / 10, 10});
    const Tensor y = dropout(pass.ctx, x, p);
    expect_dropped_ones(y.values(), p);
    back(pass, y);
    for (std::int64_t i = 0; i < x.size(); ++i) ASSERT_EQ(x.gradient->data[i], y.data[i]);
  }
}

TEST(Regularisation, DropoutOfAResidualConcernsTheSublayerOnly) {
  const double p = 0.3;
  Pass pass;
  Numbers numbers;
  const Tensor x = ones(numbers, {count / 10, 10}), f = ones(numbers, {count / 10, 10});
  const Tensor y = residual(pass.ctx, x, f, p);
  std::vector<float> sublayer = copy(y);
  for (float& value : sublayer) value -= 1;
  expect_dropped_ones(sublayer, p);
  back(pass, y);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(x.gradient->data[i], 1);
    ASSERT_NEAR(f.gradient->data[i], sublayer[std::size_t(i)], 1e-6);
  }
}

TEST(Regularisation, DropoutInsideFeedForwardLayersComesAfterTheActivation) {
  const double p = 0.25;
  Pass pass;
  Numbers numbers;
  const Tensor x = ones(numbers, {count / 10, 10});
  const Tensor y = activation(pass.ctx, Activation::relu, x, p);
  expect_dropped_ones(y.values(), p);
  back(pass, y);
  for (std::int64_t i = 0; i < x.size(); ++i) ASSERT_EQ(x.gradient->data[i], y.data[i]);
}

TEST(Regularisation, DropoutOfAttentionTakesWeightsAfterTheSoftmax) {
  // queries of 0 attend to all keys alike, and values that are unit vectors show the weights
  const int keys = 8, queries = count / keys;
  const double p = 0.4;
  Pass pass;
  Numbers numbers;
  const Tensor q = numbers.with_gradient(numbers.normal({queries, keys}, 0), std::nanf(""));
  const Tensor k = numbers.with_gradient(numbers.normal({keys, keys}), std::nanf(""));
  const Tensor v = numbers.with_gradient(numbers.normal({keys, keys}, 0), std::nanf(""));
  for (int j = 0; j < keys; ++j) v.row(j)[j] = 1;
  const std::vector<int> query_offsets = {0, queries}, key_offsets = {0, keys};
  const Tensor y = attention(pass.ctx, {q, 0}, {k, 0}, {v, 0}, query_offsets, key_offsets,
                             {.heads = 1, .width = keys, .dropout = p});
  std::vector<float> weights = copy(y);
  for (float& weight : weights) weight *= keys;
  expect_dropped_ones(weights, p);
  back(pass, y);
  for (int j = 0; j < keys; ++j) {
    double kept = 0;  // what went through key j comes back to its value
    for (int i = 0; i < queries; ++i) kept += double(y.row(i)[j]);
    for (int d = 0; d < keys; ++d) ASSERT_NEAR(v.gradient->data[j * keys + d], kept, 1e-2);
  }
}

TEST(Regularisation, DropoutOfWordsTakesWholeWordsAndTheirGradients) {
  const int words = 20000, width = 3;
  const double p = 0.2;
  Pass pass;
  Numbers numbers;
  const Tensor table = ones(numbers, {words, width});
  std::vector<int> ids;
  for (int i = 0; i < words; ++i) ids.push_back(i);
  const Tensor y = embed(pass.ctx, table, ids, {}, {}, {.word_dropout = p});
  std::vector<float> first;
  for (int i = 0; i < words; ++i) {
    first.push_back(y.row(i)[0]);
    for (int d = 1; d < width; ++d) ASSERT_EQ(y.row(i)[d], y.row(i)[0]) << "a word is whole";
  }
  expect_dropped_ones(first, p);
  back(pass, y);
  for (std::int64_t i = 0; i < table.size(); ++i) ASSERT_EQ(table.gradient->data[i], y.data[i]);
}

TEST(Regularisation, DropoutOfEmbeddingsTakesElementsOfWordsAndPositions) {
  const int words = count / 10, width = 10;
  const double p = 0.2;
  Pass pass;
  Numbers numbers;
  const Tensor table = ones(numbers, {words, width});
  std::vector<int> ids;
  for (int i = 0; i < words; ++i) ids.push_back(i);
  const Tensor y = embed(pass.ctx, table, ids, {}, {}, {.dropout = p});
  expect_dropped_ones(y.values(), p);
  back(pass, y);
  for (std::int64_t i = 0; i < table.size(); ++i) ASSERT_EQ(table.gradient->data[i], y.data[i]);
}

}  // namespace
}  // namespace dragoman
