#include <numeric>

#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

/// One head of attention with rows that lie further apart than the head is wide, in exactly sized memory.
struct Case {
  int queries, keys, width;
  bool causal;
  double dropout;
  int gap;  ///< floats between rows, and columns of weights beyond the padding in units of a vector
  bool additive = false;
  bool weights_trained = false;  ///< a loss gives the weights a gradient of their own

  std::string text() const {
    return testing::PrintToString(std::vector<int>{queries, keys, width, causal, gap}) + " dropout " +
           std::to_string(dropout) + (additive ? " additive" : "") + (weights_trained ? " weights trained" : "");
  }
};

struct Reference {
  std::vector<double> weights, dropped, out, dq, dk, dv, dadditive;
};

/// The same in double precision, straight from the formulas.
Reference reference(const Case& c, const AttentionBlock& b, const std::vector<float>& dout) {
  const auto at = [](const float* data, std::int64_t stride, int row, int column) {
    return double(data[row * stride + column]);
  };
  const auto size = [](int rows, int columns) { return std::size_t(rows) * std::size_t(columns); };
  Reference r{std::vector<double>(size(c.queries, c.keys)),  std::vector<double>(size(c.queries, c.keys)),
              std::vector<double>(size(c.queries, c.width)), std::vector<double>(size(c.queries, c.width)),
              std::vector<double>(size(c.keys, c.width)),    std::vector<double>(size(c.keys, c.width)),
              std::vector<double>(size(1, c.width))};
  for (int i = 0; i < c.queries; ++i) {
    const int visible = c.causal ? i + 1 + c.keys - c.queries : c.keys;
    double total = 0;
    double* weights = &r.weights[size(i, c.keys)];
    for (int j = 0; j < visible; ++j) {
      double score = 0;
      for (int d = 0; d < c.width; ++d) {
        const double q = at(b.q, b.q_stride, i, d), k = at(b.k, b.k_stride, j, d);
        score += c.additive ? b.additive[d] * std::tanh(q + k) : q * k;
      }
      weights[j] = std::exp(score * double(b.scale));
      total += weights[j];
    }
    std::vector<double> dweights(std::size_t(c.keys));
    double inner = 0;
    for (int j = 0; j < visible; ++j) {
      weights[j] /= total;
      const double factor = dropout_factor(b.first_element + std::uint32_t(i * b.weights_stride + j), b.dropout);
      r.dropped[size(i, c.keys) + j] = weights[j] * factor;
      for (int d = 0; d < c.width; ++d) {
        const double g = dout[size(i, c.width + c.gap) + d], w = weights[j] * factor;
        r.out[size(i, c.width) + d] += w * at(b.v, b.v_stride, j, d);
        r.dv[size(j, c.width) + d] += w * g;
        dweights[j] += g * at(b.v, b.v_stride, j, d) * factor;
      }
      if (c.weights_trained) dweights[j] += at(b.weights_gradient, b.weights_stride, i, j);
      inner += dweights[j] * weights[j];
    }
    for (int j = 0; j < visible; ++j) {
      const double dscore = double(b.scale) * weights[j] * (dweights[j] - inner);
      for (int d = 0; d < c.width; ++d) {
        const double q = at(b.q, b.q_stride, i, d), k = at(b.k, b.k_stride, j, d), t = std::tanh(q + k);
        const double inside = c.additive ? b.additive[d] * (1 - t * t) : 0;
        r.dq[size(i, c.width) + d] += dscore * (c.additive ? inside : k);
        r.dk[size(j, c.width) + d] += dscore * (c.additive ? inside : q);
        r.dadditive[std::size_t(d)] += dscore * t;
      }
    }
  }
  return r;
}

class AttentionKernel : public KernelTest {
 protected:
  /// Rows of `width` numbers, the last without the gap behind it.
  static std::int64_t extent(int rows, int width, int gap) { return std::int64_t(rows) * (width + gap) - gap; }

  static void expect_rows(const std::vector<float>& found, const std::vector<float>& before,
                          const std::vector<double>& expected, int rows, int width, int gap, const std::string& what) {
    for (int r = 0; r < rows; ++r) {
      for (int d = 0; d < width + gap; ++d) {
        const std::size_t at = std::size_t(r) * (width + gap) + d;
        if (at >= found.size()) continue;
        if (d < width) {
          const double sum = expected[std::size_t(r) * width + d] + (before.empty() ? 0 : before[at]);
          ASSERT_NEAR(found[at], sum, 2e-5 * (1 + std::abs(sum))) << what << " row " << r << " column " << d;
        } else {
          ASSERT_EQ(found[at], before.empty() ? 77 : before[at]) << what << ": wrote into the next head";
        }
      }
    }
  }

  void check(const Case& c) const {
    SCOPED_TRACE(c.text());
    const auto q = random_floats(extent(c.queries, c.width, c.gap), 1),
               k_rows = random_floats(extent(c.keys, c.width, c.gap), 2);
    const auto v = random_floats(extent(c.keys, c.width, c.gap), 3),
               dout = random_floats(extent(c.queries, c.width, c.gap), 4);
    const std::int64_t stride =
        (c.keys + k.vector_width - 1) / k.vector_width * k.vector_width + (c.gap > 0 ? k.vector_width : 0);
    std::vector<float> weights(std::size_t(c.queries * stride), nan);
    std::vector<float> scratch(std::size_t(k.attention_scratch(c.queries, c.keys, c.width)), nan);
    const std::int64_t row = c.width + c.gap;
    const auto additive = random_floats(c.width, 8), weights_gradient = random_floats(c.queries * stride, 9);
    const auto dadditive_before = random_floats(c.width, 10);
    auto dadditive = dadditive_before;
    const AttentionBlock block{.queries = c.queries,
                               .keys = c.keys,
                               .head_width = c.width,
                               .q = q.data(),
                               .k = k_rows.data(),
                               .v = v.data(),
                               .q_stride = row,
                               .k_stride = row,
                               .v_stride = row,
                               .scale = 1 / std::sqrt(float(c.width)),
                               .causal = c.causal,
                               .weights = weights.data(),
                               .weights_stride = stride,
                               .dropout = c.dropout > 0 ? some_mask(c.dropout) : DropoutMask{},
                               .first_element = 1234,
                               .scratch = scratch.data(),
                               .additive = c.additive ? additive.data() : nullptr,
                               .additive_gradient = c.additive ? dadditive.data() : nullptr,
                               .weights_gradient = c.weights_trained ? weights_gradient.data() : nullptr};
    const Reference expected = reference(c, block, dout);
    std::vector<float> out(q.size(), 77);
    k.attention(block, out.data(), row);
    expect_rows(out, {}, expected.out, c.queries, c.width, c.gap, "out");
    for (int i = 0; i < c.queries; ++i) {
      for (int j = 0; j < c.keys; ++j) {
        const double weight = expected.weights[std::size_t(i) * c.keys + j];
        ASSERT_NEAR(weights[i * stride + j], weight, 2e-6) << "weight " << i << ", " << j;
        if (weight == 0) {
          ASSERT_EQ(weights[i * stride + j], 0) << "a key that is not to be seen";
        }
      }
    }
    const auto dq_before = random_floats(std::int64_t(q.size()), 5),
               dk_before = random_floats(std::int64_t(v.size()), 6),
               dv_before = random_floats(std::int64_t(v.size()), 7);
    auto dq = dq_before, dk = dk_before, dv = dv_before;
    scratch.assign(scratch.size(), nan);
    k.attention_gradient(block, dout.data(), row, dq.data(), row, dk.data(), row, dv.data(), row);
    expect_rows(dq, dq_before, expected.dq, c.queries, c.width, c.gap, "dq");
    expect_rows(dk, dk_before, expected.dk, c.keys, c.width, c.gap, "dk");
    expect_rows(dv, dv_before, expected.dv, c.keys, c.width, c.gap, "dv");
    if (c.additive) expect_rows(dadditive, dadditive_before, expected.dadditive, 1, c.width, 0, "gradient of v");
  }
};
DRAGOMAN_FOR_ALL_KERNELS(AttentionKernel);

TEST_P(AttentionKernel, IsRightForAllHeadWidthsAndStrides) {
  for (const int width : {1, 3, 4, 8, 12, 16, 32, 33, 48, 64}) {
    for (const int gap : {0, 5}) {
      for (const double dropout : {0.0, 0.3}) {
        check({5, 7, width, false, dropout, gap});
        check({9, 9, width, true, dropout, gap});
      }
    }
  }
}

TEST_P(AttentionKernel, IsRightForAllLengths) {
  for (const int queries : {1, 2, 4, 7, 8, 13, 33}) {
    for (const int keys : {1, 2, 3, 8, 15, 16, 17, 40}) {
      for (const int width : {3, 16}) {
        check({queries, keys, width, false, 0.2, 2});
        if (keys >= queries) check({queries, keys, width, true, 0.2, 2});
      }
    }
  }
}

TEST_P(AttentionKernel, IsRightForAdditiveScores) {
  for (const int width : {1, 3, 4, 8, 12, 16, 32, 33, 48, 64}) {
    for (const int gap : {0, 5}) {
      for (const double dropout : {0.0, 0.3}) {
        check({5, 7, width, false, dropout, gap, true});
        check({9, 9, width, true, dropout, gap, true});
      }
    }
  }
  for (const int queries : {1, 2, 7, 13, 33}) {
    for (const int keys : {1, 2, 15, 16, 17, 40}) {
      check({queries, keys, 11, false, 0.2, 2, true});
      if (keys >= queries) check({queries, keys, 11, true, 0.2, 2, true});
    }
  }
}

TEST_P(AttentionKernel, AddsTheGradientOfItsWeights) {
  for (const bool additive : {false, true}) {
    for (const double dropout : {0.0, 0.3}) {
      check({5, 7, 3, false, dropout, 2, additive, true});
      check({9, 9, 16, true, dropout, 0, additive, true});
    }
  }
}

TEST_P(AttentionKernel, BearsScoresThatAreFarApart) {
  const std::vector<float> q = {300, -300}, keys = {-300, 0, 300}, v = {1, 2, 3};
  std::vector<float> weights(std::size_t(2 * k.vector_width), nan), out(2, nan);
  std::vector<float> scratch(std::size_t(k.attention_scratch(2, 3, 1)), nan);
  k.attention({.queries = 2,
               .keys = 3,
               .head_width = 1,
               .q = q.data(),
               .k = keys.data(),
               .v = v.data(),
               .q_stride = 1,
               .k_stride = 1,
               .v_stride = 1,
               .scale = 1,
               .causal = false,
               .weights = weights.data(),
               .weights_stride = k.vector_width,
               .dropout = {},
               .first_element = 0,
               .scratch = scratch.data()},
              out.data(), 1);
  EXPECT_NEAR(out[0], 3, 1e-6);
  EXPECT_NEAR(out[1], 1, 1e-6);
}

TEST_P(AttentionKernel, BearsAdditiveScoresOfLargeNumbers) {
  // tanh is flat there; sums of opposite numbers are not
  const std::vector<float> q = {300, 20}, keys = {-300, 300, -20}, v = {1, 2, 3}, factor = {4}, dout = {1, -1};
  std::vector<float> weights(std::size_t(2 * k.vector_width), nan), out(2, nan);
  std::vector<float> scratch(std::size_t(k.attention_scratch(2, 3, 1)), nan), dfactor(1), dq(2), dk(3), dv(3);
  const AttentionBlock block{.queries = 2,
                             .keys = 3,
                             .head_width = 1,
                             .q = q.data(),
                             .k = keys.data(),
                             .v = v.data(),
                             .q_stride = 1,
                             .k_stride = 1,
                             .v_stride = 1,
                             .scale = 1,
                             .causal = false,
                             .weights = weights.data(),
                             .weights_stride = k.vector_width,
                             .dropout = {},
                             .first_element = 0,
                             .scratch = scratch.data(),
                             .additive = factor.data(),
                             .additive_gradient = dfactor.data()};
  k.attention(block, out.data(), 1);
  const double e = std::exp(4.0);  // scores of the first query: 0, 4, 4; of the second: -4, 4, 0
  EXPECT_NEAR(out[0], (1 + 2 * e + 3 * e) / (1 + 2 * e), 2e-6);
  EXPECT_NEAR(out[1], (1 / e + 2 * e + 3) / (1 / e + e + 1), 2e-6);
  k.attention_gradient(block, dout.data(), 1, dq.data(), 1, dk.data(), 1, dv.data(), 1);
  const double p = 1 / (1 + 2 * e), dscore = p * (1 - (5 * e + 1) / (1 + 2 * e));  // of the only key that is not flat
  EXPECT_NEAR(dq[0], 4 * dscore, 1e-6);
  EXPECT_NEAR(dk[0], 4 * dscore, 1e-6);
  EXPECT_EQ(dk[1], 0);
}

TEST_P(AttentionKernel, OfOneQueryAndAllHeadsEqualsThatOfSentences) {
  for (const int width : {1, 3, 8, 16, 32, 33}) {
    for (const int keys : {1, 2, 7, 16, 33}) {
      for (const auto& [shuffled, additive] :
           {std::pair(false, false), std::pair(true, false), std::pair(false, true), std::pair(true, true)}) {
        const int heads = 3, all = heads * width, stride = 2 * all + 3, slots = keys + 4;
        const auto q = random_floats(all, 1), store = random_floats(std::int64_t(slots) * stride - 3, 2);
        const auto factors = random_floats(all, 3);
        std::vector<int> places(std::size_t(keys), 0);
        for (int t = 0; t < keys; ++t) places[t] = shuffled ? (5 * t + 3) % slots : t;  // may repeat: that is allowed
        std::vector<float> out(std::size_t(all), nan), weights(std::size_t(heads) * keys, nan);
        const float scale = 1 / std::sqrt(float(width));
        k.attention_step(heads, width, q.data(), store.data(), store.data() + all, stride,
                         shuffled ? places.data() : nullptr, keys, scale, additive ? factors.data() : nullptr,
                         out.data(), weights.data());
        for (int h = 0; h < heads; ++h) {
          double total = 0;
          std::vector<double> expected(std::size_t(width), 0.0), scores;
          for (int t = 0; t < keys; ++t) {
            const float* key = &store[std::size_t(places[t]) * stride + std::size_t(h) * width];
            double score = 0;
            for (int d = 0; d < width; ++d) {
              const std::size_t column = std::size_t(h) * width + d;
              score += additive ? factors[column] * std::tanh(double(q[column]) + key[d]) : double(q[column]) * key[d];
            }
            scores.push_back(std::exp(score * double(scale)));
            total += scores.back();
          }
          for (int t = 0; t < keys; ++t) {
            const float* value = &store[std::size_t(places[t]) * stride + all + std::size_t(h) * width];
            for (int d = 0; d < width; ++d) expected[d] += scores[t] / total * value[d];
            ASSERT_NEAR(weights[std::size_t(h) * keys + t], scores[t] / total, 2e-6);
          }
          for (int d = 0; d < width; ++d) {
            ASSERT_NEAR(out[std::size_t(h) * width + d], expected[d], 1e-5) << width << " " << keys << " " << shuffled;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace dragoman
