#include "translate/score_files.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "translate/translate_files.h"
#include "translate/translate_support.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class ScoreFiles : public ::testing::Test {
 protected:
  ScoreFiles() {
    settings_.model_path = save_toy_model(folder_, "model");
    settings_.batching.cpu_threads = 2;
    settings_.output = folder_ / "scores";
  }

  std::vector<std::string> score(const std::string& source, const std::string& target) {
    settings_.train_sets = {folder_.file("s", source), folder_.file("t", target)};
    EXPECT_EQ(score_files(settings_), 0);
    std::vector<std::string> lines;
    std::istringstream in(read_file(settings_.output));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  std::vector<double> numbers(const std::string& source, const std::string& target) {
    std::vector<double> result;
    for (const auto& line : score(source, target)) result.push_back(std::stod(line));
    return result;
  }

  Folder folder_;
  ScoreSettings settings_;
};

TEST_F(ScoreFiles, GivesEachPairTheSameScoreAloneAndAmongOthers) {
  const auto [source, target] = toy_corpus(40, 9);
  const auto whole = numbers(source, target);
  ASSERT_EQ(whole.size(), 40u);
  settings_.batching = {.mini_batch = 1, .maxi_batch = 1, .maxi_batch_sort = "none", .cpu_threads = 1};
  const auto alone = numbers(source, target);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_LT(whole[i], 0);
    EXPECT_EQ(whole[i], alone[i]);
  }
}

TEST_F(ScoreFiles, AgreesWithTheScoresOfTranslating) {
  TranslateSettings translate;
  translate.models = {settings_.model_path};
  translate.search = {.beam_size = 4, .min_length = 3, .n_best = true};
  translate.no_spm_decode = true;
  translate.input = {folder_.file("input", "the old dog walks\n")};
  translate.output = folder_ / "lists";
  ASSERT_EQ(translate_files(translate), 0);
  std::istringstream lists(read_file(translate.output));
  int count = 0;
  for (std::string line; std::getline(lists, line); ++count) {
    const auto begin = line.find("||| ") + 4, end = line.find(" ||| F0= ");
    const std::string pieces = line.substr(begin, end - begin);
    const double expected = std::stod(line.substr(end + 9));
    const auto ids = ids_of_pieces(pieces, toy_vocabulary());
    const std::string text = toy_vocabulary().decode(ids);
    if (toy_vocabulary().encode(text) != ids) continue;  // the text has another best segmentation
    EXPECT_NEAR(numbers("the old dog walks\n", text + "\n").at(0), expected, 1e-3);
  }
  EXPECT_EQ(count, 4);
}

TEST_F(ScoreFiles, SumsWordScoresUp) {
  settings_.word_scores = true;
  const auto lines = score("the dog\n\n", "der Hund\n\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1], MatchesRegex("-[0-9.]+ \\|\\|\\| WordScores= -[0-9.]+"));
  std::istringstream in(lines[0]);
  double total = 0, sum = 0;
  std::string bars, label;
  in >> total >> bars >> label;
  std::size_t count = 0;
  for (double score = 0; in >> score; ++count) sum += score;
  EXPECT_NEAR(sum, total, 1e-4);
  EXPECT_EQ(count, toy_vocabulary().encode("der Hund").size() + 1);
}

TEST_F(ScoreFiles, NormalizesByTheLengthOfTheTarget) {
  const double plain = numbers("the dog\n", "der Hund\n").at(0);
  settings_.normalize = true;
  EXPECT_NEAR(numbers("the dog\n", "der Hund\n").at(0) * double(toy_vocabulary().encode("der Hund").size() + 1), plain,
              1e-4);
}

TEST_F(ScoreFiles, PrintsOneFigureAsSummary) {
  const auto [source, target] = toy_corpus(20, 9);
  double sum = 0, tokens = 0;
  for (const double score : numbers(source, target)) sum -= score;
  std::istringstream in(target);
  for (std::string line; std::getline(in, line);) tokens += double(toy_vocabulary().encode(line).size() + 1);
  settings_.summary = "ce-mean";
  EXPECT_NEAR(numbers(source, target).at(0), sum / 20, 1e-3);
  settings_.summary = "perplexity";
  const auto perplexity = numbers(source, target);
  ASSERT_EQ(perplexity.size(), 1u);
  EXPECT_NEAR(std::log(perplexity[0]), sum / tokens, 1e-4);
}

TEST_F(ScoreFiles, AddsAFeatureToNBestLists) {
  const auto plain = numbers("the dog\nthe dog\nthe old tree\n", "der Hund\nHund\nBaum\n");
  settings_.n_best = true;
  settings_.n_best_feature = "Dragoman";
  const auto lines = score("the dog\nunder\nthe old tree\n",
                           "0 ||| der Hund ||| F0= -1.5 ||| -0.5\n0 ||| Hund ||| WordScores= -1 ||| F0= -2 ||| -2\n"
                           "2 ||| Baum ||| F0= -3\n");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], fmt::format("0 ||| der Hund ||| F0= -1.5 Dragoman= {:.6g} ||| -0.5", plain[0]));
  EXPECT_EQ(lines[1], fmt::format("0 ||| Hund ||| WordScores= -1 ||| F0= -2 Dragoman= {:.6g} ||| -2", plain[1]));
  EXPECT_EQ(lines[2], fmt::format("2 ||| Baum ||| F0= -3 Dragoman= {:.6g}", plain[2]));
}

TEST_F(ScoreFiles, NamesTheLineThatIsNotOfAnNBestList) {
  settings_.n_best = true;
  const std::string good = "0 ||| der Hund ||| F0= -1.5 ||| -0.5\n";
  EXPECT_THAT(error_of([&] { score("the dog\n", good + "der Hund\n"); }),
              AllOf(HasSubstr("/t line 2"), HasSubstr("expected 'NUMBER |||")));
  EXPECT_THAT(error_of([&] { score("the dog\n", good + "1 ||| x ||| y ||| z\n"); }),
              AllOf(HasSubstr("/t line 2"), HasSubstr("/s has 1 lines")));
  EXPECT_THAT(error_of([&] { score("the dog\na\n", "1 ||| x ||| y ||| z\n" + good); }),
              HasSubstr("line 2: a candidate of line 0 after one of line 1"));
}

TEST_F(ScoreFiles, NamesFilesOfUnequalLength) {
  EXPECT_THAT(error_of([&] { score("a\nb\n", "a\nb\nc\n"); }), AllOf(HasSubstr("has 2 lines"), HasSubstr("has 3")));
}

TEST_F(ScoreFiles, RefusesOrCropsSentencesOverTheLimit) {
  settings_.max_length = 4;
  const std::string long_line = "der alt Hund läuft unter der Baum\n";
  EXPECT_THAT(error_of([&] { score("the dog\nthe dog\n", "der\n" + long_line); }),
              AllOf(HasSubstr("/t line 2"), HasSubstr("max-length is 4")));
  settings_.max_length_crop = true;
  settings_.word_scores = true;
  const auto lines = score("the dog\n", long_line);
  EXPECT_EQ(std::count(lines.at(0).begin(), lines.at(0).end(), ' '), 7);  // four tokens and </s>
}

std::vector<std::vector<double>> rows_of(const std::string& line) {
  std::vector<std::vector<double>> rows;
  std::istringstream groups(line.substr(line.rfind("||| ") + 4));
  for (std::string group; groups >> group;) {
    rows.emplace_back();
    std::istringstream weights(group);
    for (std::string weight; std::getline(weights, weight, ',');) rows.back().push_back(std::stod(weight));
  }
  return rows;
}

TEST_F(ScoreFiles, PrintsSoftAlignmentsWhoseRowsSumToOneAndThatOtherPairsDoNotSway) {
  const auto [source, target] = toy_corpus(30, 4);
  settings_.alignment = "soft";
  const auto lines = score(source, target);
  ASSERT_EQ(lines.size(), 30u);
  for (const std::string& line : lines) {
    const auto rows = rows_of(line);
    ASSERT_GE(rows.size(), 2u) << line;
    for (const auto& row : rows) {
      EXPECT_EQ(row.size(), rows[0].size());
      EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-4);
    }
  }
  settings_.batching = {.mini_batch = 1, .maxi_batch = 1, .maxi_batch_sort = "none", .cpu_threads = 1};
  EXPECT_EQ(score(source, target), lines);
}

TEST_F(ScoreFiles, PrintsTheLargestWeightOfEachTargetTokenAsAHardAlignment) {
  const auto [source, target] = toy_corpus(10, 4);
  settings_.alignment = "soft";
  const auto soft = score(source, target);
  settings_.alignment = "hard";
  const auto hard = score(source, target);
  ASSERT_EQ(hard.size(), soft.size());
  for (std::size_t i = 0; i < soft.size(); ++i) {
    const auto rows = rows_of(soft[i]);
    std::istringstream links(hard[i].substr(hard[i].rfind("||| ") + 4));
    std::size_t count = 0;
    for (std::string link; links >> link; ++count) {
      const int from = std::stoi(link), to = std::stoi(link.substr(link.find('-') + 1));
      EXPECT_EQ(rows.at(std::size_t(to)).at(std::size_t(from)), std::ranges::max(rows[std::size_t(to)])) << link;
    }
    EXPECT_EQ(count, rows.size());
  }
}

TEST_F(ScoreFiles, NamesALayerThatTheModelDoesNotHave) {
  settings_.alignment = "hard";
  settings_.transformer_guided_alignment_layer = "7";
  const auto [source, target] = toy_corpus(2, 4);
  settings_.train_sets = {folder_.file("s", source), folder_.file("t", target)};
  try {
    score_files(settings_);
    FAIL() << "a layer that is not there was taken";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("7"));
  }
}

}  // namespace
}  // namespace dragoman
