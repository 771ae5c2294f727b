#include "translate/translate_files.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "translate/translate_support.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

class TranslateFiles : public ::testing::Test {
 protected:
  TranslateFiles() {
    settings_.models = {save_toy_model(folder_, "model")};
    settings_.search.beam_size = 3;
    settings_.search.min_length = 3;
    settings_.batching.cpu_threads = 2;
    settings_.quiet_translation = true;
  }

  /// The output for an input with this content.
  std::string translate(const std::string& input) {
    settings_.input.at(0) = folder_.file("input", input);
    settings_.output = folder_ / "output";
    EXPECT_EQ(translate_files(settings_), 0);
    return read_file(settings_.output);
  }

  Folder folder_;
  TranslateSettings settings_;
};

TEST_F(TranslateFiles, GivesALineForEachLineInOrder) {
  auto lines = toy_lines(50);
  lines[3] = "";
  const auto whole = lines_of(translate(joined(lines)));
  ASSERT_EQ(whole.size(), 50u);
  EXPECT_EQ(whole[3], "");
  for (const std::size_t i : {0, 20, 49}) EXPECT_EQ(translate(lines[i] + "\n"), whole[i] + "\n");
}

TEST_F(TranslateFiles, DoesNotDependOnHowMuchIsReadAtATime) {
  const std::string text = joined(toy_lines(50));
  for (const auto& sampling : {std::vector<std::string>{}, std::vector<std::string>{"topk", "20"}}) {
    settings_.search.output_sampling = sampling;
    settings_.seed = 7;
    settings_.batching = {.cpu_threads = 2};
    const std::string whole = translate(text);
    settings_.batching = {.mini_batch = 1, .maxi_batch = 1, .cpu_threads = 1};
    EXPECT_EQ(translate(text), whole);
    settings_.batching = {.mini_batch = 4, .mini_batch_words = 30, .maxi_batch = 3, .maxi_batch_sort = "none"};
    EXPECT_EQ(translate(text), whole);
  }
}

TEST_F(TranslateFiles, GivesALineForWhateverBytesALineHas) {
  const std::vector<std::string> strange = {
      "\xEF\xBB\xBFthe dog",         // a byte order mark
      "the \xFF\xFE dog",            // no UTF-8
      std::string("the\0dog", 7),    // NUL
      "the dog\r",                   // CR LF
      "the\rdog",                    // CR inside
      "the \xE2\x80\xA8 dog",        // U+2028 LINE SEPARATOR
      "the \xC2\x85 dog \x0B \x0C",  // NEL, VT, FF
      "\xC3",                        // half a character
      "</s> <unk> <s>",              // what a vocabulary may know
      std::string(3000, 'x'),        //
      "\xF0\x9F\x90\x95\xE2\x80\x8D\xF0\x9F\x90\x95",
      "\t",
      "|||",
  };
  std::string text;
  for (const std::string& line : strange) text += line + "\n";
  const std::string output = translate(text);
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), std::ptrdiff_t(strange.size()));
  EXPECT_EQ(output.find('\r'), std::string::npos);
  EXPECT_EQ(output.find('\0'), std::string::npos);
  EXPECT_TRUE(output.ends_with('\n'));
}

TEST_F(TranslateFiles, GivesALineForALastOneWithoutAnEnd) {
  EXPECT_EQ(translate("the dog\nthe tree"), translate("the dog\nthe tree\n"));
  EXPECT_EQ(translate(""), "");
  EXPECT_EQ(translate("\n\n"), "\n\n");
}

TEST_F(TranslateFiles, ReadsCompressedFilesAndStandardInput) {
  const std::string text = joined(toy_lines(10));
  const std::string plain = translate(text);
  EXPECT_EQ(translate(gzip(text)), plain);
  EXPECT_EQ(translate(zstd(text)), plain);
  StandardInput input(text);
  input.end();
  settings_.input = {"stdin"};
  EXPECT_EQ(translate_files(settings_), 0);
  EXPECT_EQ(read_file(settings_.output), plain);
}

TEST_F(TranslateFiles, PrintsNBestListsAsMarianDoes) {
  settings_.search.n_best = true;
  settings_.word_scores = true;
  const auto lines = lines_of(translate("the dog\n\nthe old tree\n"));
  ASSERT_EQ(lines.size(), 7u);
  for (const std::size_t i : {0, 1, 2, 4, 5, 6}) {
    EXPECT_THAT(lines[i], MatchesRegex("[02] \\|\\|\\| [^|]+ \\|\\|\\| WordScores=( -?[0-9.]+)+ \\|\\|\\| F0= "
                                       "-[0-9.]+ \\|\\|\\| -[0-9.]+"));
    EXPECT_THAT(lines[i], StartsWith(i < 3 ? "0 ||| " : "2 ||| "));
  }
  EXPECT_EQ(lines[3], "1 |||  ||| WordScores= ||| F0= 0 ||| 0");
}

TEST_F(TranslateFiles, TakesPrefixesFromAFileOrAColumn) {
  settings_.force_decode = true;
  settings_.input = {"", folder_.file("prefixes", "der\n\ngrün Baum\n")};
  const auto lines = lines_of(translate("the dog\nthe tree\nchildren\n"));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], StartsWith("der"));
  EXPECT_THAT(lines[2], StartsWith("grün Baum"));
  settings_.tsv = true;
  settings_.input = {""};
  EXPECT_EQ(lines_of(translate("the dog\tder\nthe tree\t\nchildren\tgrün Baum\n")), lines);
}

TEST_F(TranslateFiles, NamesBothFilesIfThereAreNotAsManyPrefixes) {
  settings_.force_decode = true;
  settings_.input = {folder_.file("source", "a\nb\nc\n"), folder_.file("prefixes", "der\n")};
  settings_.output = folder_ / "output";
  EXPECT_THAT(error_of([&] { translate_files(settings_); }),
              AllOf(HasSubstr("source has 3 lines"), HasSubstr("prefixes has 1")));
  EXPECT_FALSE(file_exists(settings_.output));
}

TEST_F(TranslateFiles, NamesTheLineThatLacksColumns) {
  settings_.force_decode = true;
  settings_.tsv = true;
  settings_.input = {folder_.file("source.tsv", "the\tder\n\nthe dog\n")};
  settings_.output = folder_ / "output";
  EXPECT_THAT(error_of([&] { translate_files(settings_); }),
              AllOf(HasSubstr("source.tsv line 3"), HasSubstr("expected 2")));
}

TEST_F(TranslateFiles, RefusesModelsThatDoNotFitTheirVocabulary) {
  ModelOptions options = toy_options();
  options.dim_vocabs = {50, 50};
  const std::string other = save_toy_model(folder_, "other", 1, options);
  settings_.models = {other};
  EXPECT_THAT(error_of([&] { translate_files(settings_); }), AllOf(HasSubstr("dim-vocabs"), HasSubstr("has 50")));
}

TEST_F(TranslateFiles, RefusesAnEnsembleWithDifferentVocabularies) {
  const std::string bytes = toy_vocabulary("bpe").bytes();
  ModelOptions options = toy_options();
  options.dim_vocabs.assign(2, toy_vocabulary("bpe").size());
  save_model(folder_ / "other", *toy_model(1, options), {bytes, bytes});
  settings_.models.push_back(folder_ / "other");
  EXPECT_THAT(error_of([&] { translate_files(settings_); }), HasSubstr("another vocabulary"));
}

TEST_F(TranslateFiles, EndsWhenItIsInterruptedAndLeavesNoFile) {
  for (const auto& [signal, begun] : {std::pair(SIGTERM, "the dog\n"), std::pair(SIGINT, "")}) {
    ::signal(signal, SIG_DFL);  // a shell's background jobs are made to ignore SIGINT, and the program respects that
    const StandardInput input(begun);  // which does not end
    settings_.input = {"-"};
    settings_.output = folder_ / "interrupted";
    std::jthread killer([signal = signal] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      ::kill(::getpid(), signal);
    });
    EXPECT_EQ(translate_files(settings_), 128 + signal);
    EXPECT_FALSE(file_exists(settings_.output));
  }
}

}  // namespace
}  // namespace dragoman
