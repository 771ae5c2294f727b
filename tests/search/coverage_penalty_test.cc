#include "search/coverage_penalty.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "dragoman/error.h"
#include "random_model.h"
#include "search/ensemble.h"
#include "search/search.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

TEST(CoveragePenalty, IsThatOfWuEtAl) {
  const std::vector<float> covered = {0.5f, 1, 2.5f, 0.25f};
  EXPECT_NEAR(coverage_penalty(covered, 0.2), 0.2 * (std::log(0.5) + std::log(0.25)), 1e-9);
  EXPECT_EQ(coverage_penalty(covered, 0), 0);
  EXPECT_EQ(coverage_penalty({}, 1), 0);
}

TEST(CoveragePenalty, OfWhatNothingLookedAtIsFinite) {
  const std::vector<float> covered = {0};
  EXPECT_NEAR(coverage_penalty(covered, 1), std::log(1e-10), 1e-9);
}

TEST(CoveragePenalty, OfAnEnsembleSeesTheMeanAttentionOfModelsWithAWeight) {
  RandomModel a{.seed = 1}, b{.seed = 2};
  RandomScorer one({a}), two({b}), ignored({a});
  const double weights[] = {1, 0.5, 0};
  EnsembleScorer ensemble({&one, &two, &ignored}, weights);
  ensemble.advance({});
  const auto mean = ensemble.attention(0);
  const auto first = random_attention(a, {}), second = random_attention(b, {});
  ASSERT_EQ(mean.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(mean[i], (first[i] + second[i]) / 2, 1e-6);
}

/// One that shows nothing.
class Blind : public RandomScorer {
 public:
  using RandomScorer::RandomScorer;
  std::span<const float> attention(int) override { return {}; }
};

TEST(CoveragePenalty, WhatCannotBeIsAnError) {
  const auto error = [](const SearchOptions& options) -> std::string {
    Blind scorer({RandomModel{.seed = 1}});
    const int lengths[] = {3};
    try {
      search(scorer, lengths, options);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_THAT(error({.coverage_penalty = -1}), HasSubstr("coverage-penalty: -1, expected 0 (off) or more"));
  EXPECT_THAT(error({.coverage_penalty = 0.2}), HasSubstr("does not show its attention"));
  EXPECT_THAT(error({.coverage_penalty = 0.2, .output_sampling = {"full"}}), HasSubstr("output-sampling draws"));
  EXPECT_EQ(error({}), "no error");
}

}  // namespace
}  // namespace dragoman
