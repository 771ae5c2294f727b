#include "text/vocabulary_training.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/files.h"
#include "text/text_support.h"
#include "text/vocabulary.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using testing::toy_corpus;

int number_at_end(const std::string& text) { return std::stoi(text.substr(text.find_last_of(' ') + 1)); }

TEST(VocabularyTraining, GivesTheSameBytesFromPlainAndCompressedFiles) {
  const Folder folder;
  const auto [source, target] = toy_corpus(500);
  for (const std::string type : {"unigram", "bpe"}) {
    VocabularyOptions options;
    options.sentencepiece_type = type;
    train_vocabulary({{folder.file("s", source)}, {folder.file("t", target)}}, folder / "plain.spm", 80, options);
    train_vocabulary({{folder.file("s.gz", testing::gzip(source))}, {folder.file("t.zst", testing::zstd(target))}},
                     folder / "sub/packed.spm", 80, options);
    EXPECT_EQ(read_file(folder / "plain.spm"), read_file(folder / "sub/packed.spm"));
    EXPECT_EQ(Vocabulary::load(folder / "plain.spm").size(), 80);
  }
  // Nothing but what was asked for is left behind.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "sub"), {}), 1);
}

TEST(VocabularyTraining, TellsTheLargestSizeThatTheCorpusAllows) {
  const Folder folder;
  const std::string path = folder.file("s", toy_corpus(500).first);
  for (const std::string type : {"unigram", "bpe"}) {
    VocabularyOptions options;
    options.sentencepiece_type = type;
    const std::string message = error_of([&] { train_vocabulary({{path}}, folder / "v.spm", 8000, options); });
    EXPECT_THAT(message, HasSubstr("with 8000 pieces: " + path + " allows at most "));
    EXPECT_FALSE(file_exists(folder / "v.spm"));
    const int largest = number_at_end(message);
    train_vocabulary({{path}}, folder / "largest.spm", largest, options);
    EXPECT_EQ(Vocabulary::load(folder / "largest.spm").size(), largest);
    train_vocabulary({{path}}, folder / "default.spm", 0, options);
    EXPECT_EQ(read_file(folder / "default.spm"), read_file(folder / "largest.spm"));
    EXPECT_THAT(error_of([&] { train_vocabulary({{path}}, folder / "v.spm", 9, options); }),
                HasSubstr("with 9 pieces: the characters in " + path + " alone need "));
  }
}

TEST(VocabularyTraining, NamesBadSettings) {
  const Folder folder;
  const std::string path = folder.file("s", toy_corpus(100).first);
  const auto error_with = [&](const std::string& text) {
    VocabularyOptions options;
    options.sentencepiece_options = text;
    return error_of([&] { train_vocabulary({{path}}, folder / "v.spm", 50, options); });
  };
  EXPECT_THAT(error_with("--no_such_option=1"), HasSubstr("no_such_option"));
  EXPECT_THAT(error_with("--vocab_size=7"), HasSubstr("--vocab_size is given by dragoman"));
  EXPECT_THAT(error_with("character_coverage=1"), HasSubstr("expected --name=value, found 'character_coverage=1'"));
  EXPECT_THAT(error_with("--character_coverage=much"), HasSubstr("much"));
  EXPECT_THAT(error_with("--a='b\\"), HasSubstr("sentencepiece-options"));
  VocabularyOptions options;
  options.sentencepiece_type = "wordpiece";
  EXPECT_THAT(error_of([&] { train_vocabulary({{path}}, folder / "v.spm", 50, options); }), HasSubstr("wordpiece"));
  EXPECT_THAT(error_of([&] { train_vocabulary({{path}}, folder / "v.spm", -1, {}); }), HasSubstr("size -1"));
  EXPECT_THAT(error_of([&] { train_vocabulary({{folder / "none"}}, folder / "v.spm", 50, {}); }),
              HasSubstr(folder / "none"));
  EXPECT_THAT(error_of([&] { train_vocabulary({{folder.file("e", "\n \n")}}, folder / "v.spm", 50, {}); }),
              HasSubstr("no text in " + (folder / "e")));
  EXPECT_THAT(error_of([&] { train_vocabulary({{"-"}}, folder / "v.spm", 50, {}); }), HasSubstr("standard input"));
}

TEST(VocabularyTraining, PassesOptionsOn) {
  const Folder folder;
  VocabularyOptions options;
  options.sentencepiece_options = "--byte_fallback  --model_type=bpe --user_defined_symbols=<b>";
  options.user_defined_symbols = {"<a>", "x,y", "q\"r"};
  train_vocabulary({{folder.file("s", toy_corpus(200).first)}}, folder / "v.spm", 330, options);
  const Vocabulary vocabulary = Vocabulary::load(folder / "v.spm");
  for (const std::string piece : {"<0x41>", "<a>", "<b>", "x,y", "q\"r"}) {
    EXPECT_NE(vocabulary.id(piece), vocabulary.unk_id()) << piece;
  }
  const std::vector<int> ids = vocabulary.encode("the <a>dog x,y<b>");
  for (const std::string piece : {"<a>", "x,y", "<b>"}) {
    EXPECT_EQ(std::count(ids.begin(), ids.end(), vocabulary.id(piece)), 1) << piece;
  }
}

TEST(VocabularyTraining, SamplesLinesEvenlyOverTheCorpus) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::string(1, char('a' + i / 10)) + (i % 10 == 3 ? " Z\n" : "\n");
  VocabularyOptions options;
  options.sentencepiece_max_lines = 10;  // one from each block of ten
  train_vocabulary({{folder.file("s", text)}}, folder / "v.spm", 0, options);
  const Vocabulary vocabulary = Vocabulary::load(folder / "v.spm");
  for (char c = 'a'; c < 'k'; ++c) EXPECT_NE(vocabulary.id(std::string(1, c)), vocabulary.unk_id()) << c;
  EXPECT_EQ(vocabulary.id("Z"), vocabulary.unk_id());
}

TEST(VocabularyTraining, LeavesOutLinesThatWereRepaired) {
  const Folder folder;
  const std::string text = toy_corpus(200).first;
  train_vocabulary({{folder.file("good", text)}}, folder / "good.spm", 50, {});
  train_vocabulary({{folder.file("bad", "\xFFZebra\n" + text)}}, folder / "bad.spm", 50, {});
  EXPECT_EQ(read_file(folder / "good.spm"), read_file(folder / "bad.spm"));
}

TEST(VocabularyTraining, LearnsOnlyMissingVocabularies) {
  const Folder folder;
  const auto [source, target] = toy_corpus(400);
  DataOptions data;
  data.train_sets = {folder.file("s", source), folder.file("t", target)};
  data.vocabs = {folder / "joint.spm", folder / "joint.spm"};
  EXPECT_THAT(train_missing_vocabularies(data, {80, 80}, {}), ElementsAre(folder / "joint.spm"));
  const Vocabulary joint = Vocabulary::load(folder / "joint.spm");
  EXPECT_NE(joint.id("ü"), joint.unk_id());
  EXPECT_NE(joint.id("w"), joint.unk_id());
  EXPECT_TRUE(train_missing_vocabularies(data, {70, 70}, {}).empty());
  EXPECT_EQ(Vocabulary::load(folder / "joint.spm").size(), 80);

  data.vocabs = {folder / "joint.spm", folder / "target.spm"};
  EXPECT_THAT(train_missing_vocabularies(data, {80, 60}, {}), ElementsAre(folder / "target.spm"));
  const Vocabulary alone = Vocabulary::load(folder / "target.spm");
  EXPECT_EQ(alone.size(), 60);
  EXPECT_EQ(alone.id("w"), alone.unk_id());

  std::string rows;
  std::istringstream sources(source), targets(target);
  for (std::string s, t; std::getline(sources, s) && std::getline(targets, t);) rows += s + "\t" + t + "\n";
  DataOptions tsv;
  tsv.tsv = true;
  tsv.train_sets = {folder.file("tsv", rows)};
  tsv.vocabs = {folder / "s2.spm", folder / "t2.spm"};
  EXPECT_EQ(train_missing_vocabularies(tsv, {60, 60}, {}).size(), 2u);
  EXPECT_EQ(read_file(folder / "t2.spm"), read_file(folder / "target.spm"));
}

TEST(VocabularyTraining, ChecksPathsAndSizes) {
  DataOptions data;
  data.train_sets = {"s", "t"};
  data.vocabs = {"v"};
  EXPECT_THAT(error_of([&] { train_missing_vocabularies(data, {}, {}); }), HasSubstr("vocabs: 1 path, expected 2"));
  data.vocabs = {"v", "v"};
  EXPECT_THAT(error_of([&] { train_missing_vocabularies(data, {80, 60}, {}); }), HasSubstr("dim-vocabs: 80 and 60"));
}

}  // namespace
}  // namespace dragoman
