#include "search/token_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "random_model.h"

namespace dragoman {
namespace {

using Method = Sampling::Method;
using Probabilities = std::vector<std::pair<TokenId, double>>;

std::vector<float> logs(const std::vector<double>& values) {
  std::vector<float> result;
  for (const double value : values) result.push_back(float(std::log(value)));
  return result;
}

TEST(TokenDistribution, KeepsWhatEachMethodKeeps) {
  const auto row = logs({0.1, 0.4, 0.2, 0.05, 0.25});  // token 0 is </s>
  const TokenRules rules({}, 5, 0, -1);
  const auto of = [&](const Sampling& sampling) {
    TokenDistribution distribution;
    EXPECT_TRUE(distribution.set(row, rules, 0, sampling));
    return distribution.probabilities();
  };
  const auto expect = [](const Probabilities& found, Probabilities expected) {
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].first, expected[i].first);
      EXPECT_NEAR(found[i].second, expected[i].second, 1e-6);
    }
  };
  expect(of({.method = Method::full}), {{0, 0.1}, {1, 0.4}, {2, 0.2}, {3, 0.05}, {4, 0.25}});
  expect(of({.method = Method::topk, .size = 2}), {{1, 0.4 / 0.65}, {4, 0.25 / 0.65}});
  expect(of({.method = Method::topk, .size = 9}), {{0, 0.1}, {1, 0.4}, {2, 0.2}, {3, 0.05}, {4, 0.25}});
  expect(of({.method = Method::nucleus, .threshold = 0.6}), {{1, 0.4 / 0.65}, {4, 0.25 / 0.65}});
  expect(of({.method = Method::nucleus, .threshold = 0.7}), {{1, 0.4 / 0.85}, {4, 0.25 / 0.85}, {2, 0.2 / 0.85}});
  expect(of({.method = Method::nucleus, .threshold = 0.01}), {{1, 1}});
  expect(of({.method = Method::epsilon, .threshold = 0.15}), {{1, 0.4 / 0.85}, {4, 0.25 / 0.85}, {2, 0.2 / 0.85}});
  expect(of({.method = Method::epsilon, .threshold = 0.9}), {{1, 1}});
  expect(of({.method = Method::topk, .size = 2, .temperature = 0.5}),
         {{1, 0.16 / (0.16 + 0.0625)}, {4, 0.0625 / (0.16 + 0.0625)}});
}

TEST(TokenDistribution, LeavesOutForbiddenTokensFirst) {
  const auto row = logs({0.5, 0.25, 0.125, 0.125});
  const TokenRules rules({}, 4, 0, 1);  // no unk
  TokenDistribution distribution;
  ASSERT_TRUE(distribution.set(row, rules, -1, {.method = Method::epsilon, .threshold = 0.3}));
  EXPECT_EQ(distribution.probabilities().size(), 2u);  // 0.5 each of what is left
  TokenDistribution none;
  EXPECT_FALSE(none.set(std::vector<float>(4, NAN), rules, 0, {}));
}

TEST(TokenDistribution, EqualsTheDefinitionOnWideRows) {
  Random random(6);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const int vocabulary = 2 + int(random.below(3000));
    auto row = RandomModel{.seed = seed, .vocabulary = vocabulary, .sharpness = 4 * random.uniform()}.row({});
    for (int ties = 0; ties < vocabulary / 4; ++ties) row[random.below(row.size())] = row[0];
    row[random.below(row.size())] = -INFINITY;
    Sampling sampling;
    sampling.method = Method(seed % 4);
    sampling.size = 1 + int(random.below(200));
    sampling.threshold = sampling.method == Method::epsilon ? 0.01 * random.uniform() : random.uniform();
    sampling.temperature = seed % 3 == 0 ? 1 : 0.3 + random.uniform();
    SCOPED_TRACE(seed);

    // By the definition: sorted whole, in double precision.
    std::vector<std::pair<double, TokenId>> sorted;
    double total = 0;
    for (int i = 0; i < vocabulary; ++i) {
      sorted.push_back({-std::exp(double(row[std::size_t(i)])), i});
      total -= sorted.back().first;
    }
    std::sort(sorted.begin(), sorted.end());
    std::map<TokenId, double> expected;
    double before = 0, kept = 0;
    for (const auto& [negative, token] : sorted) {
      const double p = -negative / total;
      const bool keep = sampling.method == Method::full      ? true
                        : sampling.method == Method::topk    ? int(expected.size()) < sampling.size
                        : sampling.method == Method::nucleus ? before <= sampling.threshold
                                                             : p >= sampling.threshold || expected.empty();
      before += p;
      if (keep && p > 0) kept += expected[token] = std::pow(p, 1 / sampling.temperature);
    }

    const TokenRules rules({}, vocabulary, 0, -1);
    TokenDistribution distribution;
    ASSERT_TRUE(distribution.set(row, rules, 0, sampling));
    const auto found = distribution.probabilities();
    // Rounding may move a token over a threshold, or a power of it below what floats hold.
    ASSERT_NEAR(double(found.size()), double(expected.size()), sampling.method == Method::topk ? 0 : 1);
    for (const auto& [token, probability] : found) {
      if (expected.contains(token)) {
        EXPECT_NEAR(probability, expected[token] / kept, 1e-5 + 0.01 * probability);
      }
    }
    Random draws(seed);
    for (int i = 0; i < 50; ++i) {
      const TokenId token = distribution.draw(draws);
      ASSERT_TRUE(std::ranges::any_of(found, [&](const auto& choice) { return choice.first == token; }));
    }
  }
}

TEST(TokenDistribution, DrawsInProportion) {
  const auto row = RandomModel{.seed = 8, .vocabulary = 200, .sharpness = 1}.row({});
  const TokenRules rules({}, 200, 0, -1);
  for (const auto& setting : {"full", "full 0.7", "topk 20", "nucleus 0.9", "epsilon 0.004 1.5"}) {
    SCOPED_TRACE(setting);
    TokenDistribution distribution;
    ASSERT_TRUE(distribution.set(row, rules, 0, *parse_sampling({setting})));
    const auto expected = distribution.probabilities();
    const int n = 100000;
    std::vector<int> counts(200);
    Random random(3);
    for (int i = 0; i < n; ++i) ++counts[std::size_t(distribution.draw(random))];
    double chi_square = 0;
    for (const auto& [token, p] : expected) {
      chi_square += std::pow(counts[std::size_t(token)] - n * p, 2) / (n * p);
      counts[std::size_t(token)] = 0;
    }
    for (const int count : counts) EXPECT_EQ(count, 0);  // nothing else was drawn
    const double freedom = double(expected.size()) - 1;
    EXPECT_LT(chi_square, freedom + 5 * std::sqrt(2 * freedom));
  }
}

}  // namespace
}  // namespace dragoman
