#include "report/run_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "format/option_fields.h"
#include "report/run_support.h"
#include "report/run_tables.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using RunSummaries = RunFiles;

TEST_F(RunSummaries, TellTheBestOfEachMetricAndWhen) {
  const RunSummary s =
      summarize(run_of({train_line(10, 4), valid_line(10, "perplexity", 9, 0), valid_line(10, "bleu", 20, 0),
                        train_line(20, 3), valid_line(20, "perplexity", 7, 0), valid_line(20, "bleu", 25, 0),
                        train_line(25, 2.5), valid_line(25, "perplexity", 8, 1), valid_line(25, "bleu", 24, 1)}));
  ASSERT_EQ(s.metrics.size(), 2u);
  EXPECT_EQ(s.metrics[0].metric, "perplexity");
  EXPECT_EQ(s.metrics[0].best->value, 7);  // less is better: the records say so
  EXPECT_EQ(s.metrics[0].last.value, 8);
  EXPECT_EQ(s.metrics[1].best->value, 25);
  EXPECT_EQ(s.metrics[1].best->at.update, 20u);
  EXPECT_EQ(s.last_loss, 2.5);
  EXPECT_EQ(s.end.update, 25u);
  EXPECT_EQ(s.tokens_per_second, 200);
  EXPECT_EQ(s.skipped, 1);
  EXPECT_EQ(s.state, "");
  EXPECT_THAT(s.resumes, IsEmpty());
}

TEST_F(RunSummaries, AMetricThatWasNeverANumberHasNoBest) {
  const RunSummary s = summarize(run_of(
      {R"({"type":"valid","epoch":1,"update":5,"tokens":9,"seconds":1,"metric":"bleu","value":null,"stalled":1})"}));
  ASSERT_EQ(s.metrics.size(), 1u);
  EXPECT_FALSE(s.metrics[0].best);
}

TEST_F(RunSummaries, TellOfStopsAndResumes) {
  const RunSummary s = summarize(
      run_of({start_line(0), train_line(5, 5), end_line(5, "SIGTERM"), start_line(5), train_line(10, 4), start_line(8),
              train_line(20, 3), end_line(20, "finished"), start_line(20), train_line(25, 2)}));
  EXPECT_EQ(s.began, "2026-11-23T10:00:00Z");
  EXPECT_EQ(s.ended, "");
  EXPECT_EQ(s.state, "running, or killed");
  EXPECT_THAT(s.resumes, ElementsAre("at update 5, after SIGTERM", "at update 8, after it was killed",
                                     "at update 20, with a later end"));
  const RunSummary ended = summarize(run_of({start_line(0), train_line(5, 5), end_line(5, "finished")}));
  EXPECT_EQ(ended.state, "finished");
  EXPECT_EQ(ended.ended, "2026-11-23T11:00:00Z");
  EXPECT_THAT(ended.resumes, IsEmpty());
}

TEST_F(RunSummaries, OverlapsOfOlderFilesAreResumes) {
  const RunHistory run = run_of({train_line(10, 4), train_line(20, 3), train_line(20, 3), train_line(15, 3)});
  EXPECT_THAT(summarize(run).resumes, ElementsAre("at update 15"));
  ASSERT_EQ(resumes_of(run).size(), 1u);
  EXPECT_EQ(resumes_of(run)[0].update, 15u);
}

TEST_F(RunSummaries, PartsOfEpochsFollowFromTokens) {
  std::vector<std::string> lines;
  for (int update = 3; update <= 45; update += 3) lines.push_back(train_line(update, 1));
  const RunHistory run = run_of(lines);  // 1,000 tokens an epoch
  const auto tokens = tokens_per_epoch(run);
  ASSERT_TRUE(tokens);
  EXPECT_NEAR(*tokens, 1000, 35);
  EXPECT_NEAR(summarize(run).epochs, 4.5, 0.2);
  for (const TrainPoint& point : run.train) {
    EXPECT_GE(epochs_at(point.at, tokens), double(point.at.epoch - 1));
    EXPECT_LE(epochs_at(point.at, tokens), double(point.at.epoch));
  }
  EXPECT_FALSE(tokens_per_epoch(run_of({train_line(5, 1)})));  // still in the first
  EXPECT_TRUE(std::isnan(epochs_at({.epoch = 1, .update = 1, .tokens = 5, .seconds = 1}, {})));
}

TEST_F(RunSummaries, AnEmptyRunKnowsNothing) {
  const RunSummary s = summarize(RunHistory{});
  EXPECT_TRUE(std::isnan(s.last_loss));
  EXPECT_TRUE(std::isnan(s.tokens_per_second));
  EXPECT_THAT(s.metrics, IsEmpty());
}

TEST_F(RunSummaries, TablesShowSettingsThatDifferFromDefaultsOrBetweenRuns) {
  TrainSettings defaults;
  const std::string depth = describe(defaults).find("enc-depth")->default_yaml;
  RunHistory a = run_of({start_line(0, R"({"dim-emb":"96","old-setting":"<b>","enc-depth":")" + depth + "\"}")}), b = a;
  b.settings[0].second = "128";
  const std::string html = settings_tables({a, b});
  const std::string shown = html.substr(0, html.find("<details>"));
  EXPECT_THAT(shown, HasSubstr("<td class=\"value differs\" dir=\"auto\">96</td>"
                               "<td class=\"value differs\" dir=\"auto\">128</td>"));
  EXPECT_THAT(shown, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(shown, Not(HasSubstr(">enc-depth<")));
  EXPECT_THAT(html, HasSubstr(">enc-depth<"));
  EXPECT_THAT(settings_tables({RunHistory{}}), HasSubstr("None are recorded"));
}

TEST(RunTables, NumbersReadWell) {
  EXPECT_EQ(number_text(38.19654), "38.2");
  EXPECT_EQ(number_text(0.00075), "0.00075");
  EXPECT_EQ(number_text(21834.4), "21,834");
  EXPECT_EQ(number_text(17821721), "17.82M");
  EXPECT_EQ(number_text(std::nan("")), "\u2013");
  EXPECT_EQ(time_text(11.44), "11.4 s");
  EXPECT_EQ(time_text(725), "12 min 5 s");
  EXPECT_EQ(time_text(3600 * 30 + 20 * 60), "30 h 20 min");
}

}  // namespace
}  // namespace dragoman
