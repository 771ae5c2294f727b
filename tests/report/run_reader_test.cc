#include "report/run_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "report/run_support.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class RunReader : public RunFiles {
 protected:
  static std::vector<std::uint64_t> updates(const RunHistory& run) {
    std::vector<std::uint64_t> result;
    for (const TrainPoint& point : run.train) result.push_back(point.at.update);
    return result;
  }
};

TEST_F(RunReader, TakesAllFieldsOfARecord) {
  const RunHistory run = run_of({start_line(0, R"({"seed":"7","vocabs":"[a, b]"})"), train_line(12, 3.5),
                                 valid_line(12, "bleu", 20.5, 0), sample_line(12, 5, "x"), end_line(12, "SIGTERM")});
  EXPECT_THAT(run.warnings, IsEmpty());
  ASSERT_EQ(run.train.size(), 1u);
  EXPECT_EQ(run.train[0].at.epoch, 2u);
  EXPECT_EQ(run.train[0].at.update, 12u);
  EXPECT_EQ(run.train[0].at.tokens, 1200);
  EXPECT_EQ(run.train[0].at.seconds, 6);
  EXPECT_EQ(run.train[0].loss, 3.5);
  EXPECT_EQ(run.train[0].learning_rate, 0.001);
  EXPECT_EQ(run.train[0].gradient_norm, 0.5);
  EXPECT_EQ(run.train[0].tokens_per_second, 200.5);
  EXPECT_EQ(run.train[0].skipped, 0);
  ASSERT_EQ(run.valid.size(), 1u);
  EXPECT_EQ(run.valid[0].metric, "bleu");
  EXPECT_EQ(run.valid[0].value, 20.5);
  EXPECT_TRUE(run.valid[0].is_best);
  ASSERT_EQ(run.samples.size(), 1u);
  EXPECT_EQ(run.samples[0].line, 5u);
  EXPECT_EQ(run.samples[0].output, "x");
  ASSERT_EQ(run.events.size(), 2u);
  EXPECT_EQ(run.events[0].time, "2026-11-23T10:00:00Z");
  EXPECT_EQ(run.events[1].reason, "SIGTERM");
  EXPECT_THAT(run.settings, ElementsAre(Pair("seed", "7"), Pair("vocabs", "[a, b]")));
}

TEST_F(RunReader, FindsTheFileOfAModelDirectory) {
  run_of({train_line(1, 2)});
  EXPECT_EQ(read_run(folder_).train.size(), 1u);
  std::filesystem::remove(folder_ / "metrics.jsonl");
  EXPECT_THAT(error_of(folder_), HasSubstr("there is no metrics.jsonl"));
  EXPECT_THAT(error_of(folder_ / "none"), HasSubstr((folder_ / "none").string()));
}

TEST_F(RunReader, TakesTheModelsSettingsWhereTheRunRecordedNone) {
  write("dim-emb: 96\ntransformer-heads: 4\n", "config.yml");
  const RunHistory run = run_of({train_line(1, 2)});
  EXPECT_THAT(run.settings, ::testing::Contains(Pair("dim-emb", "96")));
  write("dim-emb: wide\n", "config.yml");
  EXPECT_THAT(run_of({train_line(1, 2)}).warnings, ElementsAre(HasSubstr("config.yml")));
}

TEST_F(RunReader, ALineThatAKilledRunLeftIsAWarning) {
  const std::string path = write(train_line(1, 2) + "\n" + train_line(2, 2).substr(0, 40));
  const RunHistory run = read_run(path);
  EXPECT_EQ(updates(run), std::vector<std::uint64_t>{1});
  EXPECT_THAT(run.warnings, ElementsAre(path + " line 2: is cut off, as a run that was killed leaves it; left out"));
}

TEST_F(RunReader, AWholeLineWithoutAnEndCounts) {
  const RunHistory run = read_run(write(train_line(1, 2) + "\r\n\n" + train_line(2, 2)));
  EXPECT_THAT(updates(run), ElementsAre(1, 2));
  EXPECT_THAT(run.warnings, IsEmpty());
}

TEST_F(RunReader, DamagedLinesAreWarningsWithTheirNumbers) {
  const RunHistory run =
      run_of({train_line(1, 2), R"({"type":"train","update":2,"loss":NaN})", "[1]", R"({"type":5})",
              R"({"type":"tea","update":3})", R"({"type":"tea","update":4})", R"({"type":"train","update":-1})",
              std::string("{\"type\":\"\xff\"}"), train_line(9, 1)});
  EXPECT_THAT(updates(run), ElementsAre(1, 9));
  EXPECT_THAT(
      run.warnings,
      ElementsAre(HasSubstr("line 2: is no JSON"), HasSubstr("line 3: is no JSON object"),
                  HasSubstr("line 4: field 'type': expected a text, found 5"),
                  HasSubstr("line 5: a record of type 'tea', which reports do not know; left out (and 1 more line)"),
                  HasSubstr("line 7: field 'update': expected a whole number from 0, found -1")));
  EXPECT_THAT(run.warnings[0], HasSubstr("(and 1 more line)"));  // line 8
}

TEST_F(RunReader, FieldsThatAreWrongLeaveGaps) {
  const RunHistory run = run_of({R"({"type":"train","epoch":1,"update":1,"tokens":9,"seconds":1,"loss":null,)"
                                 R"("learning_rate":"high","tokens_per_second":5,"new":[{}]})"});
  ASSERT_EQ(run.train.size(), 1u);
  EXPECT_TRUE(std::isnan(run.train[0].loss));
  EXPECT_TRUE(std::isnan(run.train[0].learning_rate));
  EXPECT_TRUE(std::isnan(run.train[0].gradient_norm));
  EXPECT_TRUE(std::isnan(run.train[0].skipped));
  EXPECT_EQ(run.train[0].tokens_per_second, 5);
  // null stands for a number that is not finite; unknown fields are of other versions, and so is none for skipped
  EXPECT_THAT(run.warnings, ElementsAre(HasSubstr("field 'gradient_norm': expected a number, found none"),
                                        HasSubstr("field 'learning_rate': expected a number, found \"high\"")));
}

TEST_F(RunReader, WhatIsNoMetricsFileIsAnError) {
  EXPECT_THAT(error_of(write("cost: 5\n")), HasSubstr("metrics.jsonl line 1: expected a metrics file"));
  EXPECT_THAT(error_of(write(std::string("\x08\0\0{", 4))), HasSubstr("expected a metrics file"));
}

TEST_F(RunReader, AnEmptyFileIsARunThatHasRecordedNothing) {
  const RunHistory run = read_run(write(""));
  EXPECT_THAT(run.train, IsEmpty());
  EXPECT_THAT(run.warnings, IsEmpty());
}

TEST_F(RunReader, WhereRecordsOverlapTheLaterWin) {
  const RunHistory run = run_of({train_line(5, 5), train_line(10, 4), valid_line(10, "bleu", 1, 0),
                                 sample_line(10, 1, "old"), train_line(15, 3), valid_line(15, "bleu", 2, 0),
                                 train_line(10, 40), valid_line(10, "bleu", 10, 0), sample_line(10, 1, "new")});
  EXPECT_THAT(updates(run), ElementsAre(5, 10));
  EXPECT_EQ(run.train[1].loss, 40);
  ASSERT_EQ(run.valid.size(), 1u);
  EXPECT_EQ(run.valid[0].value, 10);
  ASSERT_EQ(run.samples.size(), 1u);
  EXPECT_EQ(run.samples[0].output, "new");
  ASSERT_EQ(run.events.size(), 1u);
  EXPECT_EQ(run.events[0].kind, RunEvent::Kind::rewind);
  EXPECT_EQ(run.events[0].at.update, 10u);
}

TEST_F(RunReader, AStartTakesBackWhatCameAfterItsCheckpoint) {
  const RunHistory run = run_of(
      {start_line(0), train_line(5, 5), train_line(10, 4), train_line(15, 3), start_line(10), train_line(20, 2)});
  EXPECT_THAT(updates(run), ElementsAre(5, 10, 20));
  EXPECT_EQ(run.events.size(), 2u);
}

TEST_F(RunReader, ALineOfTheSameUpdateReplacesTheOneBefore) {
  const RunHistory run = run_of({train_line(5, 5), train_line(5, 4), valid_line(5, "bleu", 1, 0),
                                 valid_line(5, "chrf", 2, 0), valid_line(5, "bleu", 3, 0)});
  ASSERT_EQ(run.train.size(), 1u);
  EXPECT_EQ(run.train[0].loss, 4);
  ASSERT_EQ(run.valid.size(), 2u);
  EXPECT_EQ(run.valid[1].value, 3);
}

TEST(RunNames, AreTheLastPartsThatTellThemApart) {
  EXPECT_THAT(run_names({"models/a", "models/b/"}), ElementsAre("a", "b"));
  EXPECT_THAT(run_names({"x/en-de/metrics.jsonl", "y/en-de", "y/fr"}), ElementsAre("x/en-de", "y/en-de", "y/fr"));
  EXPECT_THAT(run_names({"logs/m.jsonl"}), ElementsAre("m.jsonl"));
  EXPECT_THAT(run_names({"/a", "/a"}), ElementsAre("a (1)", "a (2)"));
  EXPECT_THAT(run_names({"/"}), ElementsAre("run"));
}

}  // namespace
}  // namespace dragoman
