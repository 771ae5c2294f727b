#include "train/metrics_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/files.h"
#include "dragoman/error.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

class MetricsFiles : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("dragoman-metrics-" + std::to_string(::getpid()));
  std::string path_ = folder_ / "deep/metrics.jsonl";
  void TearDown() override { fs::remove_all(folder_); }

  static Progress at(std::uint64_t update) {
    return {.epoch = 1,
            .updates = update,
            .batches = 0,
            .sentences = 0,
            .epoch_sentences = 0,
            .tokens = 100 * update,
            .seconds = 0.5 * double(update)};
  }
  static void run(MetricsFile& file, int first, int last) {
    for (int update = first; update <= last; ++update) {
      Tally tally;
      tally.add(300, 100, 10, 0.5, 2);
      file.train(at(std::uint64_t(update)), tally, 0.25, 7);
      if (update % 3 == 0) file.valid(at(std::uint64_t(update)), "bleu", update, {true, 0, double(update)});
    }
  }
};

TEST_F(MetricsFiles, LinesAreJsonWithTheDocumentedFields) {
  {
    MetricsFile file(path_, 0);
    run(file, 3, 3);
    file.sync();
  }
  std::istringstream lines(read_file(path_));
  std::string train, valid, more;
  ASSERT_TRUE(std::getline(lines, train) && std::getline(lines, valid));
  EXPECT_FALSE(std::getline(lines, more));
  EXPECT_EQ(nlohmann::json::parse(train),
            nlohmann::json::parse(
                R"({"type":"train","epoch":1,"update":3,"tokens":300,"seconds":1.5,"loss":3.0,"learning_rate":0.25,
                    "gradient_norm":0.5,"tokens_per_second":50.0,"skipped":7})"));
  EXPECT_EQ(nlohmann::json::parse(valid),
            nlohmann::json::parse(
                R"({"type":"valid","epoch":1,"update":3,"tokens":300,"seconds":1.5,"metric":"bleu","value":3.0,
                    "best":3.0,"stalled":0})"));
}

TEST_F(MetricsFiles, SamplesStartsAndEndsAreRecordsToo) {
  {
    MetricsFile file(path_, 0);
    file.start(at(0), {{"seed", "7"}, {"vocabs", "[a, b]"}});
    file.sample(at(3), {5, "a \"b\"", "c\xff", "\xd7\xa9"});
    file.end(at(3), "SIGTERM");
  }
  std::istringstream lines(read_file(path_));
  std::string start, sample, end;
  ASSERT_TRUE(std::getline(lines, start) && std::getline(lines, sample) && std::getline(lines, end));
  auto record = nlohmann::json::parse(start);
  EXPECT_EQ(record["type"], "start");
  EXPECT_EQ(record["settings"], nlohmann::json::parse(R"({"seed":"7","vocabs":"[a, b]"})"));
  EXPECT_EQ(std::string(record["time"]).size(), 20u);
  EXPECT_EQ(nlohmann::json::parse(sample),
            nlohmann::json::parse(R"({"type":"sample","epoch":1,"update":3,"tokens":300,"seconds":1.5,"line":5,
                                      "source":"a \"b\"","reference":"c\ufffd","output":"\u05e9"})"));
  record = nlohmann::json::parse(end);
  EXPECT_EQ(record["type"], "end");
  EXPECT_EQ(record["reason"], "SIGTERM");
}

TEST_F(MetricsFiles, StartsOfEarlierRunsStayWhenOneGoesOn) {
  {
    MetricsFile file(path_, 0);
    file.start(at(0), {});
    run(file, 1, 2);
  }
  const std::string before = read_file(path_);
  { MetricsFile file(path_, 2); }
  EXPECT_EQ(read_file(path_), before);
  { MetricsFile file(path_, 0); }
  EXPECT_EQ(read_file(path_), "");
}

TEST_F(MetricsFiles, NumbersThatAreNotFiniteAreNull) {
  {
    MetricsFile file(path_, 0);
    file.valid(at(1), "perplexity", std::nan(""), {false, 1, std::nan("")});
  }
  const auto line = nlohmann::json::parse(read_file(path_));
  EXPECT_TRUE(line["value"].is_null());
  EXPECT_TRUE(line["best"].is_null());
}

TEST_F(MetricsFiles, AResumedRunReadsAsOneThatWasNotInterrupted) {
  {
    MetricsFile file(path_, 0);
    run(file, 1, 20);
  }
  const std::string whole = read_file(path_);
  fs::remove(path_);
  {
    MetricsFile file(path_, 0);
    run(file, 1, 14);  // the checkpoint was at 9
  }
  std::ofstream(path_, std::ios::app) << R"({"type":"train","epoch":1,"upd)";  // killed while writing
  {
    MetricsFile file(path_, 9);
    run(file, 10, 20);
  }
  EXPECT_EQ(read_file(path_), whole);
}

TEST_F(MetricsFiles, AMissingLineFeedIsAddedAndRubbishIsDropped) {
  fs::create_directories(fs::path(path_).parent_path());
  std::ofstream(path_) << "{\"update\":1}\n{\"update\":2}";
  { MetricsFile file(path_, 5); }
  EXPECT_EQ(read_file(path_), "{\"update\":1}\n{\"update\":2}\n");
  std::ofstream(path_) << "{\"update\":1}\nrubbish\n[]\n{\"update\":-1}\n{\"update\":3}\n";
  { MetricsFile file(path_, 5); }
  EXPECT_EQ(read_file(path_), "{\"update\":1}\n{\"update\":3}\n");
}

TEST_F(MetricsFiles, ANewRunBeginsWithAnEmptyFile) {
  {
    MetricsFile file(path_, 0);
    run(file, 1, 3);
  }
  { MetricsFile file(path_, 0); }
  EXPECT_EQ(read_file(path_), "");
}

TEST_F(MetricsFiles, AFileThatCannotBeWrittenIsAnErrorThatNamesIt) {
  fs::create_directories(path_);
  try {
    MetricsFile file(path_, 0);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find(path_), std::string::npos);
  }
}

}  // namespace
}  // namespace dragoman
