// Each way to score is its formula; which one a setting means, and that wrong settings are named.

#include "nn/attention/score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "dragoman/error.h"
#include "nn/attention/multi_head.h"
#include "ops/threads.h"

namespace dragoman {
namespace {

const bool one_thread = (use_one_thread_per_operation(), true);

constexpr int width = 6, heads = 2, d = width / heads, keys = 4;

/// A score with random parameters, and the weights that it gives one query's keys.
class Scored {
 public:
  explicit Scored(const std::string& name)
      : score_(make_score(Scope(parameters), name, "attention", width, heads)), random_(3) {
    parameters.allocate();
    for (const Parameter& p : parameters.list()) fill(parameters.values_of(p));
    fill(query);
    fill(memory);
  }

  /// The logarithm of the ratio of each key's weight to the first one's is the difference of their scores.
  double score_above_first(int head, int key) {
    Arena arena;
    struct Weights : AttentionObserver {
      void observe(const AttentionWeights& one) override {
        for (int j = 0; j < one.keys; ++j) of[{one.head, j}] = one.at(0, j);
      }
      std::map<std::pair<int, int>, double> of;
    } weights;
    Context ctx{arena};
    ctx.observer = &weights;
    const Tensor q{{1, width}, query.data(), nullptr}, m{{keys, 2 * width}, memory.data(), nullptr};
    const AttentionOptions options{
        .heads = heads, .width = width, .scaled = score_->scaled(), .additive = score_->additive(ctx)};
    const std::vector<int> one = {0, 1}, all = {0, keys};
    attention(ctx, score_->queries(ctx, {q, 0}), {m, 0}, {m, width}, one, all, options);
    return std::log(weights.of[{head, key}] / weights.of[{head, 0}]);
  }

  template <class Formula>
  void expect(Formula formula) {
    for (int head = 0; head < heads; ++head) {
      const std::span<const float> q = std::span(query).subspan(std::size_t(head * d), d);
      const auto of = [&](int key) {
        return formula(head, q, std::span<const float>(memory).subspan(std::size_t(key * 2 * width + head * d), d));
      };
      for (int key = 1; key < keys; ++key) EXPECT_NEAR(score_above_first(head, key), of(key) - of(0), 1e-5);
    }
  }

  double parameter(const std::string& name, int at) {
    return parameters.values_of(*parameters.find(name))[std::size_t(at)];
  }

  const Score& score() const { return *score_; }

  Parameters parameters;
  std::vector<float> query = std::vector<float>(width), memory = std::vector<float>(keys * 2 * width);

 private:
  void fill(std::span<float> values) {
    for (float& value : values) value = float(random_.normal());
  }

  std::unique_ptr<const Score> score_;
  Random random_;
};

using Part = std::span<const float>;

double dot(Part q, Part k) {
  double total = 0;
  for (std::size_t i = 0; i < q.size(); ++i) total += double(q[i]) * k[i];
  return total;
}

TEST(Score, DotIsAProduct) {
  Scored scored("dot");
  scored.expect([](int, Part q, Part k) { return dot(q, k); });
  EXPECT_EQ(scored.parameters.count(), 0);
}

TEST(Score, ScaledDotIsDividedByTheRootOfTheWidth) {
  Scored scored("scaled-dot");
  scored.expect([](int, Part q, Part k) { return dot(q, k) / std::sqrt(d); });
  EXPECT_EQ(scored.parameters.count(), 0);
}

TEST(Score, GeneralMapsKeysByAMatrixOfEachHead) {
  Scored scored("general");
  scored.expect([&](int head, Part q, Part k) {
    double total = 0;
    for (int r = 0; r < d; ++r) {
      for (int c = 0; c < d; ++c) {
        total += q[std::size_t(r)] * scored.parameter("general.weight", (head * d + r) * d + c) * k[std::size_t(c)];
      }
    }
    return total;
  });
  EXPECT_EQ(scored.parameters.count(), width * d);
}

TEST(Score, AdditiveWeighsHyperbolicTangents) {
  Scored scored("additive");
  scored.expect([&](int head, Part q, Part k) {
    double total = 0;
    for (int i = 0; i < d; ++i) {
      total +=
          scored.parameter("additive.weight", head * d + i) * std::tanh(double(q[std::size_t(i)]) + k[std::size_t(i)]);
    }
    return total;
  });
  EXPECT_EQ(scored.parameters.count(), width);
}

TEST(Score, GatedAdditiveWeighsByNumbersBetween0And1) {
  Scored scored("gated-additive");
  scored.expect([&](int head, Part q, Part k) {
    double total = 0;
    for (int i = 0; i < d; ++i) {
      total += 1 / (1 + std::exp(-scored.parameter("gate.weight", head * d + i))) *
               std::tanh(double(q[std::size_t(i)]) + k[std::size_t(i)]);
    }
    return total;
  });
  const std::vector<float> gates = {-80, -3, 0, 0.5f, 3, 80};
  std::copy(gates.begin(), gates.end(), scored.parameters.values().begin());
  Arena arena;
  const Tensor factors = scored.score().additive({arena});
  for (int i = 0; i < width; ++i) {
    EXPECT_NEAR(factors.data[i], 1 / (1 + std::exp(-double(gates[std::size_t(i)]))), 1e-6);
    EXPECT_GE(factors.data[i], 0);
    EXPECT_LE(factors.data[i], 1);
  }
}

TEST(Score, OfAnUnknownNameIsAnErrorThatNamesTheSetting) {
  Parameters parameters;
  try {
    make_score(Scope(parameters), "cosine", "self-attention", width, heads);
    FAIL() << "expected an error";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "self-attention: expected dot, scaled-dot, general, additive or gated-additive, found 'cosine'");
  }
}

/// Variance of some columns of a matrix with `columns` ones.
double variance(std::span<const float> values, int columns, int first, int count) {
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int column = int(i) % columns;
    if (column >= first && column < first + count) squares += double(values[i]) * values[i];
  }
  return squares * columns / (double(values.size()) * count);
}

TEST(SelfAttention, QueriesOfAProductThatNobodyScalesBeginSmaller) {
  constexpr int model_width = 64, model_heads = 4;  // d is 16
  for (const std::string score : {"dot", "scaled-dot", "additive"}) {
    for (const bool fused : {true, false}) {
      Parameters parameters;
      const SelfAttention layer(Scope(parameters), score, model_width, model_heads, false, fused);
      parameters.allocate();
      parameters.initialise(1);
      const auto part = [&](int index) {  // of queries, keys and values
        const Parameter& all = *parameters.find(fused        ? "query_key_value.weight"
                                                : index == 0 ? "query.weight"
                                                             : "key_value.weight");
        const int columns = all.shape[1], first = fused || index == 0 ? index : index - 1;
        return variance(parameters.values_of(all), columns, first * model_width, model_width);
      };
      const double usual = 1.0 / model_width;  // Glorot's
      EXPECT_NEAR(part(0), score == "dot" ? usual / 16 : usual, part(0) * 0.1) << score << fused;
      EXPECT_NEAR(part(1), usual, usual * 0.1) << score << fused;
      EXPECT_NEAR(part(2), usual, usual * 0.1) << score << fused;
    }
  }
}

}  // namespace
}  // namespace dragoman
