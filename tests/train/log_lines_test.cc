#include "train/log_lines.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dragoman/error.h"

namespace dragoman {
namespace {

Progress sample_progress() {
  return {.epoch = 2,
          .updates = 1000,
          .batches = 30,
          .sentences = 64000,
          .epoch_sentences = 128000,
          .tokens = 1234567,
          .seconds = 99};
}

Tally sample_tally() {
  Tally tally;
  tally.add(20000, 6000, 100, 1, 1.5);
  tally.add(30000, 6500, 150, 2, 1);
  return tally;
}

TEST(LogLines, TrainingLinesHaveMariansForm) {
  EXPECT_EQ(train_line(sample_progress(), sample_tally(),
                       {.cost_type = "ce-mean-words", .batch_tokens = 6500, .learning_rate = 1e-4, .show_rate = true}),
            "Ep. 2 : Up. 1000 : Sen. 64,000 : Cost 4.00000000 * 12,500 @ 6,500 after 1,234,567 : Time 2.50s : "
            "5000.00 words/s : gNorm 1.5000 : L.r. 1.0000e-04");
  EXPECT_EQ(train_line(sample_progress(), sample_tally(), {.cost_type = "ce-mean-words", .label_counts = false}),
            "Ep. 2 : Up. 1000 : Sen. 64,000 : Cost 4.00000000 : Time 2.50s : 5000.00 words/s : gNorm 1.5000");
}

TEST(LogLines, TheCostIsShownAsCostTypeSays) {
  const Tally tally = sample_tally();
  EXPECT_DOUBLE_EQ(displayed_cost(tally, "ce-mean", true), 200);
  EXPECT_DOUBLE_EQ(displayed_cost(tally, "ce-mean-words", true), 4);
  EXPECT_DOUBLE_EQ(displayed_cost(tally, "ce-sum", true), 4);
  EXPECT_DOUBLE_EQ(displayed_cost(tally, "ce-sum", false), 25000);
  EXPECT_DOUBLE_EQ(displayed_cost(tally, "perplexity", true), std::exp(4.0));
  EXPECT_DOUBLE_EQ(displayed_cost(Tally{}, "ce-mean", true), 0);
  EXPECT_THROW(displayed_cost(tally, "ce", true), Error);
}

TEST(LogLines, ValidationLinesHaveMariansForm) {
  EXPECT_EQ(valid_line(sample_progress(), "bleu", 35.1, {true, 0, 35.1}),
            "[valid] Ep. 2 : Up. 1000 : bleu : 35.1 : new best");
  EXPECT_EQ(valid_line(sample_progress(), "perplexity", 107.12749, {false, 2, 61.97160}),
            "[valid] Ep. 2 : Up. 1000 : perplexity : 107.127 : stalled 2 times (last best: 61.9716)");
}

TEST(LogLines, OtherLogicalEpochsAreFractions) {
  EXPECT_EQ(epoch_text(sample_progress(), {1, Period::Unit::epochs}), "2");
  EXPECT_EQ(epoch_text(sample_progress(), {1e6, Period::Unit::tokens}), "1.235");
  EXPECT_EQ(epoch_text(sample_progress(), {500, Period::Unit::updates}), "2.000");
}

TEST(LogLines, ThousandsAreSeparated) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(24150553337), "24,150,553,337");
}

TEST(LogLines, ATallySurvivesACheckpoint) {
  Tally one = sample_tally(), other;
  one.cost = 1.0 / 3;
  SavedFields fields;
  one.save(fields);
  other.restore(fields);
  const TrainLine line{.batch_tokens = 1, .learning_rate = 0.1, .show_rate = true};
  EXPECT_EQ(train_line(sample_progress(), one, line), train_line(sample_progress(), other, line));
  EXPECT_EQ(one.cost, other.cost);
}

}  // namespace
}  // namespace dragoman
