#include "train/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dragoman/error.h"
#include "train/limits.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using Unit = Period::Unit;

TEST(SavedFields, NumbersReadBackAsTheSameBits) {
  SavedFields fields;
  for (const double value : {0.1, -1.0 / 3, 1e-310, 6.02e23, std::numeric_limits<double>::infinity()}) {
    fields.set_number("x", value);
    EXPECT_EQ(fields.number("x"), value) << fields.text("x");
  }
  fields.set_number("x", std::nan(""));
  EXPECT_TRUE(std::isnan(fields.number("x")));
  fields.set_integer("n", std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(fields.integer("n", std::numeric_limits<std::uint64_t>::max()), std::numeric_limits<std::uint64_t>::max());
}

TEST(SavedFields, MissingAndMalformedFieldsAreErrorsThatNameThem) {
  const SavedFields fields({{"n", "12x"}, {"m", "-1"}, {"x", ""}}, "model/training.safetensors");
  const auto error = [](auto access) -> std::string {
    try {
      access();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_THAT(error([&] { fields.text("other"); }), HasSubstr("model/training.safetensors: 'other' is missing"));
  EXPECT_THAT(error([&] { fields.integer("n"); }), HasSubstr("'n' is '12x', expected an integer"));
  EXPECT_THAT(error([&] { fields.integer("m"); }), HasSubstr("'m' is '-1'"));
  EXPECT_THAT(error([&] { fields.number("x"); }), HasSubstr("'x' is '', expected a number"));
}

TEST(Progress, IsSavedAndRestoredWhole) {
  const Progress progress{3, 1200, 17, 540, 29000, 123456789, 1234.567};
  SavedFields fields;
  save(progress, fields);
  EXPECT_EQ(restore_progress(fields), progress);
}

TEST(Progress, EpochsAreFractionalOnceTheirLengthIsKnown) {
  Progress progress;
  progress.sentences = 500;
  EXPECT_EQ(progress.epochs(), 0);
  progress.sentences = 1000;
  progress.next_epoch();
  EXPECT_EQ(progress.epoch, 2u);
  EXPECT_EQ(progress.epochs(), 1);
  progress.sentences = 250;
  EXPECT_EQ(progress.epochs(), 1.25);
  EXPECT_EQ(progress.in(Unit::epochs), 1.25);
}

TEST(Progress, PeriodsPassAtTheirMultiples) {
  const auto at = [](std::uint64_t updates, std::uint64_t tokens, std::uint64_t epoch) {
    Progress progress;
    progress.updates = updates;
    progress.tokens = tokens;
    progress.epoch = epoch;
    return progress;
  };
  EXPECT_FALSE(period_passed({10, Unit::updates}, at(8, 0, 1), at(9, 0, 1)));
  EXPECT_TRUE(period_passed({10, Unit::updates}, at(9, 0, 1), at(10, 0, 1)));
  EXPECT_FALSE(period_passed({10, Unit::updates}, at(10, 0, 1), at(11, 0, 1)));
  EXPECT_TRUE(period_passed({1000, Unit::tokens}, at(1, 990, 1), at(2, 1050, 1)));
  EXPECT_FALSE(period_passed({1000, Unit::tokens}, at(2, 1050, 1), at(3, 1110, 1)));
  EXPECT_TRUE(period_passed({1, Unit::epochs}, at(5, 0, 1), at(5, 0, 2)));
  EXPECT_FALSE(period_passed({2, Unit::epochs}, at(5, 0, 1), at(5, 0, 2)));
  EXPECT_TRUE(period_passed({2, Unit::epochs}, at(5, 0, 2), at(5, 0, 3)));
  EXPECT_FALSE(period_passed({0, Unit::updates}, at(5, 0, 2), at(6, 0, 3)));
}

TEST(Limits, AnyOfThePeriodsEndsTraining) {
  TrainingOptions options;
  options.after = {"0e", "1Mt"};
  options.after_epochs = 3;
  options.after_batches = 100;
  const Limits limits = limits_of(options);
  EXPECT_EQ(limits.periods().size(), 3u);
  Progress progress;
  progress.updates = 99;
  progress.tokens = 999'999;
  progress.epoch = 3;
  EXPECT_FALSE(limits.reached(progress));
  progress.updates = 100;
  EXPECT_TRUE(limits.reached(progress));
  progress.updates = 99;
  progress.epoch = 4;
  EXPECT_TRUE(limits.reached(progress));
  progress.epoch = 3;
  progress.tokens = 1'000'000;
  EXPECT_TRUE(limits.reached(progress));
}

TEST(Limits, AnEpochIsNotOverBeforeTheNextBegins) {
  const Limits limits({{2, Unit::epochs}});
  Progress progress;
  progress.epoch = 2;
  progress.epoch_sentences = progress.sentences = 1000;
  EXPECT_FALSE(limits.reached(progress));
  EXPECT_EQ(limits.share_done(progress), 1);
  progress.next_epoch();
  EXPECT_TRUE(limits.reached(progress));
}

TEST(Limits, TheShareDoneIsThatOfTheNearestLimit) {
  const Limits limits({{1000, Unit::updates}, {10'000, Unit::tokens}});
  Progress progress;
  EXPECT_EQ(limits.share_done(progress), 0);
  progress.updates = 100;
  progress.tokens = 4000;
  EXPECT_EQ(limits.share_done(progress), 0.4);
  progress.updates = 5000;
  EXPECT_EQ(limits.share_done(progress), 1);
  EXPECT_EQ(Limits().share_done(progress), 0);
  EXPECT_FALSE(Limits().reached(progress));
}

TEST(Limits, BadSettingsAreErrorsThatNameTheSetting) {
  TrainingOptions options;
  options.after_epochs = -1;
  EXPECT_THROW(limits_of(options), Error);
  options.after_epochs = 0;
  options.after = {"soon"};
  EXPECT_THROW(limits_of(options), Error);
}

}  // namespace
}  // namespace dragoman
