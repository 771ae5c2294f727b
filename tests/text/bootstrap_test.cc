#include "text/metrics/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/error.h"
#include "text/metrics/pcg64.h"
#include "text/metrics_golden.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using testing::Lines;

TEST(Pcg64, DrawsWhatNumpyDraws) {
  Pcg64 random(12345);
  const auto draws = testing::metrics_golden().at("draws").get<std::vector<std::uint32_t>>();
  std::size_t i = 0;
  for (const std::uint32_t n : {1u, 2u, 7u, 1000u, 3000000000u}) {
    for (int k = 0; k < 9; ++k, ++i) EXPECT_EQ(random.below(n), draws.at(i)) << "draw " << i << " below " << n;
  }
  EXPECT_EQ(i, draws.size());
}

TEST(Bootstrap, IntervalsAndPValuesEqualSacrebleus) {
  const auto& golden = testing::metrics_golden().at("bootstrap");
  const BootstrapOptions options{.samples = golden.at("samples").get<int>()};
  const Lines first = testing::golden_hypotheses(), second = golden.at("second").get<Lines>();
  const std::vector<Lines> references = testing::golden_references(1);
  for (const auto& [name, expected] : golden.at("metrics").items()) {
    SCOPED_TRACE(name);
    const std::unique_ptr<Metric> metric = make_metric(name);
    const StatisticsTable ours = describe_corpus(*metric, first, references);
    const StatisticsTable theirs = describe_corpus(*metric, second, references);
    const std::vector<double> our_scores = bootstrap_scores(*metric, ours, options);
    const std::vector<double> their_scores = bootstrap_scores(*metric, theirs, options);
    const ConfidenceInterval interval = confidence_interval(our_scores, options);
    // sacreBLEU computes samples in 32-bit floats.
    EXPECT_NEAR(interval.mean, expected.at("mean").get<double>(), 1e-4);
    EXPECT_NEAR(interval.half_width, expected.at("half_width").get<double>(), 1e-4);
    EXPECT_EQ(interval.samples, options.samples);
    const double difference = metric->value(theirs.sum()) - metric->value(ours.sum());
    EXPECT_NEAR(paired_p_value(our_scores, their_scores, difference), expected.at("p_value").get<double>(), 1e-9);
  }
}

TEST(Bootstrap, IntervalLeavesOutAFortiethAtEitherEnd) {
  std::vector<double> scores;
  for (int i = 0; i < 80; ++i) scores.push_back((i * 37) % 80);  // 0 to 79 in disorder
  const ConfidenceInterval interval = confidence_interval(scores);
  EXPECT_DOUBLE_EQ(interval.mean, 39.5);
  EXPECT_DOUBLE_EQ(interval.half_width, (77.0 - 2.0) / 2);
}

TEST(Bootstrap, ASystemIsNotBetterThanItself) {
  const std::vector<double> scores{10, 12, 11, 9};
  EXPECT_DOUBLE_EQ(paired_p_value(scores, scores, 0), 1.0 / 5);  // no sample differs by more: only the 1 is left
  const std::vector<double> shifted{20, 20, 23, 19};             // better by 10, 8, 12, 10
  EXPECT_DOUBLE_EQ(paired_p_value(scores, shifted, 10), 1.0 / 5);
  EXPECT_DOUBLE_EQ(paired_p_value(scores, shifted, -1), 2.0 / 5);
}

TEST(Bootstrap, NeedsSentencesAndSamples) {
  const Bleu metric;
  EXPECT_THAT([&] { bootstrap_scores(metric, StatisticsTable(0, metric.width())); },
              ::testing::ThrowsMessage<Error>(HasSubstr("no sentences")));
  EXPECT_THAT([&] { bootstrap_scores(metric, StatisticsTable(3, metric.width()), {.samples = 1}); },
              ::testing::ThrowsMessage<Error>(HasSubstr("at least 2 samples, found 1")));
}

TEST(MetricScore, PrintsTheIntervalAfterTheScore) {
  const MetricScore score{.name = "chrF2",
                          .value = 60.126,
                          .signature = "nrefs:1|nc:6",
                          .confidence = ConfidenceInterval{.mean = 60.1, .half_width = 1.25, .samples = 10, .seed = 1}};
  EXPECT_EQ(score.format(), "chrF2|nrefs:1|nc:6 = 60.13 (μ = 60.10 ± 1.25)");
  EXPECT_EQ(score.format_value(1), "60.1 (μ = 60.1 ± 1.2)");
}

}  // namespace
}  // namespace dragoman
