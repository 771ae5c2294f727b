#include "search/ensemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/error.h"
#include "random_model.h"
#include "search/beam.h"

namespace dragoman {
namespace {

using Ints = std::vector<int>;

const std::vector<RandomModel> first = {{.seed = 1, .vocabulary = 20}, {.seed = 2, .vocabulary = 20}};
const std::vector<RandomModel> second = {{.seed = 3, .vocabulary = 20}, {.seed = 4, .vocabulary = 20}};

TEST(Ensemble, SumsWeightedLogProbabilities) {
  RandomScorer a(first), b(second);
  EnsembleScorer ensemble({&a, &b}, std::vector<double>{2.0, 0.25});
  const auto scores = ensemble.advance({});
  ASSERT_EQ(scores.size(), 40u);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_FLOAT_EQ(scores[i], 2 * first[0].row({})[i] + 0.25f * second[0].row({})[i]);
    EXPECT_FLOAT_EQ(scores[20 + i], 2 * first[1].row({})[i] + 0.25f * second[1].row({})[i]);
  }
}

TEST(Ensemble, AveragesWithoutWeightsAndMovesAllRows) {
  RandomScorer a(first), b(second);
  EnsembleScorer ensemble({&a, &b});
  ensemble.advance({});
  ensemble.reorder(Ints{1, 0, 1});
  const auto scores = ensemble.advance(Ints{5, 6, 7});
  ASSERT_EQ(scores.size(), 60u);
  const auto expected_a = first[1].row({5}), expected_b = second[1].row({5});
  for (std::size_t i = 0; i < 20; ++i) EXPECT_FLOAT_EQ(scores[i], 0.5f * expected_a[i] + 0.5f * expected_b[i]);
}

TEST(Ensemble, OfOneModelTwiceFindsWhatTheModelFinds) {
  RandomScorer a(first), b(first), c(first);
  EnsembleScorer ensemble({&a, &b});
  const SearchOptions options = {.beam_size = 4, .normalize = 0.6};
  const auto together = beam_search(ensemble, Ints{5, 6}, options);
  const auto alone = beam_search(c, Ints{5, 6}, options);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(together[i][0].tokens, alone[i][0].tokens);
    EXPECT_NEAR(together[i][0].score, alone[i][0].score, 1e-6);
  }
}

TEST(Ensemble, ModelOfWeightZeroHasNoSay) {
  RandomScorer a(first), b(second), c(first);
  EnsembleScorer ensemble({&b, &a}, std::vector<double>{0.0, 1.0});
  const SearchOptions options = {.beam_size = 4};
  const auto together = beam_search(ensemble, Ints{5, 6}, options);
  const auto alone = beam_search(c, Ints{5, 6}, options);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(together[i][0].tokens, alone[i][0].tokens);
}

TEST(Ensemble, ReportsModelsAndWeightsThatDoNotFit) {
  RandomScorer a(first), b(second), small({{.seed = 1, .vocabulary = 19}, {.seed = 2, .vocabulary = 19}});
  RandomScorer other_end({{.seed = 1, .vocabulary = 20, .end = 1}, {.seed = 1, .vocabulary = 20, .end = 1}});
  RandomScorer single({{.seed = 1, .vocabulary = 20}});
  const auto error_of = [](std::vector<StepScorer*> scorers, std::vector<double> weights) -> std::string {
    try {
      EnsembleScorer ensemble(std::move(scorers), weights);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  using testing::HasSubstr;
  EXPECT_EQ(error_of({&a, &b}, {1, 2}), "no error");
  EXPECT_THAT(error_of({}, {}), HasSubstr("no model"));
  EXPECT_THAT(error_of({&a, &b}, {1}), HasSubstr("weights: 1 given, expected one for each of 2"));
  EXPECT_THAT(error_of({&a, &b}, {1, -1}), HasSubstr("weights: -1 for model 2"));
  EXPECT_THAT(error_of({&a, &b}, {0, 0}), HasSubstr("all are 0"));
  EXPECT_THAT(error_of({&a, &small}, {}), HasSubstr("vocabulary of 19"));
  EXPECT_THAT(error_of({&a, &other_end}, {}), HasSubstr("</s>"));
  EXPECT_THAT(error_of({&a, &single}, {}), HasSubstr("1 sentences"));
}

}  // namespace
}  // namespace dragoman
