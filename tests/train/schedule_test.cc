#include "train/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dragoman/error.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using Unit = Period::Unit;

Progress updates(std::uint64_t count) {
  Progress progress;
  progress.updates = count;
  return progress;
}
Progress tokens(std::uint64_t count) {
  Progress progress;
  progress.tokens = count;
  return progress;
}
Progress epoch(std::uint64_t number) {
  Progress progress;
  progress.epoch = number;
  return progress;
}

LearningRate rate_of(const TrainingOptions& options) { return LearningRate(options, limits_of(options)); }

TEST(Schedule, WithoutSettingsTheRateIsConstant) {
  TrainingOptions options;
  options.learn_rate = 0.5;
  EXPECT_EQ(rate_of(options).at(updates(1)), 0.5);
  EXPECT_EQ(rate_of(options).at(updates(1'000'000)), 0.5);
}

TEST(Schedule, WarmUpIsLinearFromTheStartRate) {
  TrainingOptions options;
  options.learn_rate = 1;
  options.lr_warmup = {10, Unit::updates};
  EXPECT_DOUBLE_EQ(rate_of(options).at(updates(1)), 0.1);
  EXPECT_DOUBLE_EQ(rate_of(options).at(updates(10)), 1);
  EXPECT_DOUBLE_EQ(rate_of(options).at(updates(11)), 1);
  options.lr_warmup_start_rate = 0.5;
  EXPECT_DOUBLE_EQ(rate_of(options).at(updates(5)), 0.75);
  options.lr_warmup = {2000, Unit::tokens};
  EXPECT_DOUBLE_EQ(rate_of(options).at(tokens(500)), 0.625);
}

TEST(Schedule, WarmUpInEpochsNeverStartsAtZero) {
  TrainingOptions options;
  options.learn_rate = 1;
  options.lr_warmup = {4, Unit::epochs};
  EXPECT_DOUBLE_EQ(rate_of(options).at(epoch(1)), 0.25);
  Progress progress = epoch(3);
  progress.epoch_sentences = 100;
  progress.sentences = 50;
  EXPECT_DOUBLE_EQ(rate_of(options).at(progress), 2.5 / 4);
}

TEST(Schedule, InverseSquareRootIsMariansAndVaswanis) {
  TrainingOptions options;
  options.learn_rate = 0.0003;
  options.lr_warmup = {16000, Unit::updates};
  options.lr_decay_inv_sqrt = {"16000"};
  const LearningRate rate = rate_of(options);
  EXPECT_DOUBLE_EQ(rate.at(updates(16000)), 0.0003);
  EXPECT_DOUBLE_EQ(rate.at(updates(64000)), 0.00015);
  EXPECT_NEAR(rate.at(updates(55000)), 1.6181e-4, 1e-8);         // as Marian's log shows it
  for (const double step : {1.0, 4000.0, 16000.0, 100'000.0}) {  // Vaswani et al. 2017, equation 3, scaled
    const double vaswani = std::min(1 / std::sqrt(step), step * std::pow(16000, -1.5)) * std::sqrt(16000) * 0.0003;
    EXPECT_NEAR(rate.at(updates(std::uint64_t(step))), vaswani, 1e-12);
  }
}

TEST(Schedule, TheSecondValueOfInverseSquareRootIsWhereItStarts) {
  TrainingOptions options;
  options.learn_rate = 1;
  options.lr_decay_inv_sqrt = {"100", "500"};
  EXPECT_DOUBLE_EQ(rate_of(options).at(updates(500)), 1);
  EXPECT_DOUBLE_EQ(rate_of(options).at(updates(800)), 0.5);  // sqrt(100 / (800 - 500 + 100))
  options.lr_decay_inv_sqrt = {"100t", "0"};
  EXPECT_DOUBLE_EQ(rate_of(options).at(tokens(300)), 0.5);
  options.lr_decay_inv_sqrt = {"0"};
  EXPECT_DOUBLE_EQ(rate_of(options).at(updates(300)), 1);
}

TEST(Schedule, LinearDecayEndsAtTheFinalRate) {
  TrainingOptions options;
  options.learn_rate = 1;
  options.lr_final = 0.2;
  options.lr_schedule = "linear";
  options.lr_warmup = {100, Unit::updates};
  options.after_batches = 1100;
  const LearningRate rate = rate_of(options);
  EXPECT_DOUBLE_EQ(rate.at(updates(50)), 0.5);
  EXPECT_DOUBLE_EQ(rate.at(updates(100)), 1);
  EXPECT_DOUBLE_EQ(rate.at(updates(600)), 0.6);
  EXPECT_DOUBLE_EQ(rate.at(updates(1100)), 0.2);
  EXPECT_DOUBLE_EQ(rate.at(updates(2000)), 0.2);
}

TEST(Schedule, CosineDecayIsHalfWayInTheMiddleAndFlatAtBothEnds) {
  TrainingOptions options;
  options.learn_rate = 1;
  options.lr_schedule = "cosine";
  options.after = {"1000t"};
  const LearningRate rate = rate_of(options);
  EXPECT_DOUBLE_EQ(rate.at(tokens(0)), 1);
  EXPECT_NEAR(rate.at(tokens(250)), (1 + std::sqrt(0.5)) / 2, 1e-12);
  EXPECT_NEAR(rate.at(tokens(500)), 0.5, 1e-12);
  EXPECT_NEAR(rate.at(tokens(1000)), 0, 1e-12);
}

TEST(Schedule, DecayOverEpochsIsSmoothOnceTheirLengthIsKnown) {
  TrainingOptions options;
  options.learn_rate = 1;
  options.lr_schedule = "linear";
  options.after_epochs = 4;
  Progress progress = epoch(3);
  progress.epoch_sentences = 10;
  progress.sentences = 5;
  EXPECT_DOUBLE_EQ(rate_of(options).at(progress), 1 - 2.5 / 4);
}

TEST(Schedule, StrategyEpochDecaysFromItsStartOn) {
  TrainingOptions options;
  options.learn_rate = 1;
  options.lr_decay = 0.5;
  options.lr_decay_strategy = "epoch";
  options.lr_decay_start = {3};
  LearningRate rate = rate_of(options);
  EXPECT_FALSE(rate.after_epoch(epoch(2)));
  EXPECT_TRUE(rate.after_epoch(epoch(3)));
  EXPECT_TRUE(rate.after_epoch(epoch(4)));
  EXPECT_FALSE(rate.after_update(updates(3)));
  EXPECT_FALSE(rate.after_validation(3));
  EXPECT_DOUBLE_EQ(rate.at(epoch(4)), 0.25);
}

TEST(Schedule, StrategyBatchesDecaysAtItsStartAndThenAtItsFrequency) {
  TrainingOptions options;
  options.lr_decay = 0.5;
  options.lr_decay_strategy = "batches";
  options.lr_decay_start = {100};
  options.lr_decay_freq = 20;
  LearningRate rate = rate_of(options);
  std::vector<std::uint64_t> at;
  for (std::uint64_t update = 1; update <= 150; ++update) {
    if (rate.after_update(updates(update))) at.push_back(update);
  }
  EXPECT_EQ(at, (std::vector<std::uint64_t>{100, 120, 140}));
  EXPECT_DOUBLE_EQ(rate.factor(), 0.125);
}

TEST(Schedule, StrategyStalledDecaysAtMultiplesOfItsStart) {
  TrainingOptions options;
  options.lr_decay = 0.5;
  options.lr_decay_strategy = "stalled";
  options.lr_decay_start = {2};
  LearningRate rate = rate_of(options);
  std::vector<bool> decays;
  for (const std::uint64_t stalled : {0, 1, 2, 3, 4, 0, 1, 2}) decays.push_back(rate.after_validation(stalled));
  EXPECT_EQ(decays, (std::vector<bool>{false, false, true, false, true, false, false, true}));
}

TEST(Schedule, CombinedStrategiesDecayAtEpochsFromEitherStart) {
  TrainingOptions options;
  options.lr_decay = 0.5;  // epoch+stalled, {10, 1}: the defaults
  LearningRate stalled = rate_of(options);
  EXPECT_FALSE(stalled.after_epoch(epoch(2)));
  EXPECT_FALSE(stalled.after_validation(1));
  EXPECT_TRUE(stalled.after_epoch(epoch(3)));
  EXPECT_FALSE(stalled.after_validation(0));
  EXPECT_TRUE(stalled.after_epoch(epoch(4)));  // the most that it has ever stalled counts, as in Marian
  EXPECT_TRUE(rate_of(options).after_epoch(epoch(10)));

  options.lr_decay_strategy = "epoch+batches";
  options.lr_decay_start = {10, 500};
  LearningRate batches = rate_of(options);
  Progress progress = epoch(2);
  progress.updates = 499;
  EXPECT_FALSE(batches.after_epoch(progress));
  progress.updates = 500;
  EXPECT_TRUE(batches.after_epoch(progress));
}

TEST(Schedule, TheDecayFactorSurvivesACheckpoint) {
  TrainingOptions options;
  options.lr_decay = 0.7;
  LearningRate one = rate_of(options), other = rate_of(options);
  one.after_validation(3);
  one.after_epoch(epoch(2));
  SavedFields fields;
  one.save(fields);
  other.restore(fields);
  EXPECT_EQ(other.factor(), one.factor());
  EXPECT_TRUE(other.after_epoch(epoch(3)));  // it remembers the stalled validations too
}

TEST(Schedule, BadSettingsAreErrorsThatNameTheSetting) {
  const auto error = [](auto change) -> std::string {
    TrainingOptions options;
    change(options);
    try {
      rate_of(options);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  using Options = TrainingOptions;
  EXPECT_THAT(error([](Options& o) { o.learn_rate = 0; }), HasSubstr("learn-rate: 0"));
  EXPECT_THAT(error([](Options& o) { o.learn_rate = std::nan(""); }), HasSubstr("learn-rate: nan"));
  EXPECT_THAT(error([](Options& o) { o.lr_warmup_start_rate = -1; }), HasSubstr("lr-warmup-start-rate"));
  EXPECT_THAT(error([](Options& o) { o.lr_final = -1; }), HasSubstr("lr-final"));
  EXPECT_THAT(error([](Options& o) { o.lr_decay_inv_sqrt = {"1", "2", "3"}; }), HasSubstr("3 values"));
  EXPECT_THAT(error([](Options& o) { o.lr_decay_inv_sqrt = {"100u", "2e"}; }), HasSubstr("different units"));
  EXPECT_THAT(error([](Options& o) { o.lr_decay_inv_sqrt = {"often"}; }), HasSubstr("lr-decay-inv-sqrt"));
  EXPECT_THAT(error([](Options& o) { o.lr_schedule = "square"; }), HasSubstr("'square', expected linear or cosine"));
  EXPECT_THAT(error([](Options& o) { o.lr_schedule = "linear"; }), HasSubstr("must know the end of training"));
  EXPECT_THAT(error([](Options& o) {
                o.lr_schedule = "cosine";
                o.after_batches = 9;
                o.lr_decay_inv_sqrt = {"100"};
              }),
              HasSubstr("exclude each other"));
  EXPECT_THAT(error([](Options& o) { o.lr_decay = 2; }), HasSubstr("lr-decay: 2"));
  EXPECT_THAT(error([](Options& o) {
                o.lr_decay = 0.5;
                o.lr_decay_strategy = "often";
              }),
              HasSubstr("lr-decay-strategy: 'often'"));
  EXPECT_THAT(error([](Options& o) {
                o.lr_decay = 0.5;
                o.lr_decay_start = {1};
              }),
              HasSubstr("lr-decay-start: 1 values"));
}

}  // namespace
}  // namespace dragoman
