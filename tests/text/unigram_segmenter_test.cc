// Our segmenter beside SentencePiece's own library.

#include "text/unigram_segmenter.h"

#include <gmock/gmock.h>
#include <sentencepiece_processor.h>

#include <map>

#include "base/files.h"
#include "text/line_reader.h"
#include "text/text_support.h"

namespace dragoman {
namespace {

using testing::Folder;
using testing::toy_corpus;

/// Both say the same of a line, and of a permutation of its pieces.
void expect_the_same(const Vocabulary& ours, const sentencepiece::SentencePieceProcessor& theirs,
                     const std::string& line, Random& random) {
  std::vector<int> ids;
  ASSERT_TRUE(theirs.Encode(line, &ids).ok());
  ASSERT_EQ(ours.encode(line), ids) << ::testing::PrintToString(line);
  for (std::size_t i = 1; i < ids.size() && random.below(2) == 0; ++i) std::swap(ids[i], ids[random.below(i)]);
  if (random.below(4) == 0) ids.insert(ids.begin(), int(random.below(std::uint64_t(ours.size()))));
  std::string text;
  ASSERT_TRUE(theirs.Decode(ids, &text).ok());
  ASSERT_EQ(ours.decode(ids), text) << ::testing::PrintToString(ids);
}

sentencepiece::SentencePieceProcessor& load(sentencepiece::SentencePieceProcessor& theirs, const Vocabulary& ours) {
  if (!theirs.LoadFromSerializedProto(ours.bytes()).ok()) throw std::runtime_error("SentencePiece cannot load it");
  return theirs;
}

/// Words, spaces of all kinds, characters that rules replace, and bytes that are none.
std::string random_line(Random& random) {
  static const std::vector<std::string> parts = {"the",
                                                 "house",
                                                 "grün",
                                                 "schläft",
                                                 "water",
                                                 "ing",
                                                 "x",
                                                 "é",
                                                 "e\xCC\x81",
                                                 "½",
                                                 "ﬁ",
                                                 "①",
                                                 "\xE3\x8C\x94",
                                                 "Å",
                                                 "\xE2\x84\xAB",
                                                 "中文",
                                                 "\xF0\x9F\x98\x80",
                                                 " ",
                                                 " ",
                                                 "  ",
                                                 "\t",
                                                 "\xC2\xA0",
                                                 "\xE3\x80\x80",
                                                 "\xE2\x96\x81",
                                                 "\xE2\x96\x81 ",
                                                 "\xE2\x80\x8B",
                                                 "\xEF\xBB\xBF",
                                                 "\xFF",
                                                 "\xC3",
                                                 "\xE2\x96",
                                                 "\xED\xA0\x80",
                                                 "\xF4\x90\x80\x80",
                                                 "<x>",
                                                 "<unk>",
                                                 "</s>",
                                                 "ab",
                                                 "\r",
                                                 "\x01",
                                                 "\xEF\xBF\xBD",
                                                 "0",
                                                 "9.",
                                                 "?!",
                                                 "ｶﾞ",
                                                 "ﾊﾟ",
                                                 "ＡＢ"};
  std::string line;
  for (std::uint64_t n = random.below(12); n > 0; --n) line += parts[random.below(parts.size())];
  if (random.below(8) == 0) line += char(random.below(256));
  return line;
}

TEST(UnigramSegmenter, CutsAndJoinsAsTheLibraryDoes) {
  const Folder folder;
  const auto [source, target] = toy_corpus(400);
  const std::string corpus = folder.file("s", source + target + "é ½ ﬁ 中文 ab ab ab\n");
  const std::string rules[] = {"",
                               "--normalization_rule_name=identity",
                               "--normalization_rule_name=nfkc_cf",
                               "--add_dummy_prefix=false",
                               "--remove_extra_whitespaces=false",
                               "--add_dummy_prefix=false --remove_extra_whitespaces=false",
                               "--unk_surface=?",
                               "--control_symbols=<c> --bos_id=2"};
  for (const std::string& options : rules) {
    for (const bool defines : {false, true}) {
      VocabularyOptions vocabulary{.sentencepiece_options = options};
      if (defines) vocabulary.user_defined_symbols = {"<x>", "ab", "½"};
      train_vocabulary({{corpus}}, folder / "v.spm", 110, vocabulary);
      const Vocabulary ours = Vocabulary::load(folder / "v.spm");
      ASSERT_TRUE(UnigramSegmenter::supports(parse_sentencepiece_model(ours.bytes(), "v.spm")));
      sentencepiece::SentencePieceProcessor theirs;
      load(theirs, ours);
      EXPECT_EQ(ours.end_id(), theirs.eos_id());
      EXPECT_EQ(ours.unk_id(), theirs.unk_id());
      for (int id = 0; id < ours.size(); ++id) {
        EXPECT_EQ(ours.piece(id), theirs.IdToPiece(id));
        EXPECT_EQ(ours.id(ours.piece(id)), id);
      }
      Random random(5);
      for (int i = 0; i < 3000; ++i) {
        ASSERT_NO_FATAL_FAILURE(expect_the_same(ours, theirs, random_line(random), random)) << options << defines;
      }
    }
  }
}

TEST(UnigramSegmenter, PassesOverSettingsThatAreWrittenAsNobodyReadsThem) {
  const Vocabulary& usual = testing::toy_vocabulary();
  const std::string no_number("\x1a\x02\x2a\x00", 4);  // escape_whitespaces of the normaliser, as a text
  const std::string number("\x1a\x02\x28\x00", 4);     // and as the number 0
  sentencepiece::SentencePieceProcessor theirs;
  Random random(8);
  for (const std::string& setting : {no_number, number}) {
    const Vocabulary ours = Vocabulary::from_bytes(usual.bytes() + setting, "changed");
    load(theirs, ours);
    for (int i = 0; i < 300; ++i) ASSERT_NO_FATAL_FAILURE(expect_the_same(ours, theirs, random_line(random), random));
    EXPECT_EQ(ours.encode("the old dog") == usual.encode("the old dog"), setting == no_number);
  }
}

TEST(UnigramSegmenter, LeavesUnusualModelsToTheLibrary) {
  const Folder folder;
  const std::string corpus = folder.file("s", toy_corpus(400).first);
  const auto supports = [&](const VocabularyOptions& options, int size) {
    train_vocabulary({{corpus}}, folder / "v.spm", size, options);
    return UnigramSegmenter::supports(parse_sentencepiece_model(read_file(folder / "v.spm"), "v.spm"));
  };
  EXPECT_TRUE(supports({}, 80));
  EXPECT_FALSE(supports({.sentencepiece_type = "bpe"}, 80));
  EXPECT_FALSE(supports({.sentencepiece_options = "--byte_fallback=true"}, 330));
  EXPECT_FALSE(supports({.sentencepiece_options = "--treat_whitespace_as_suffix=true"}, 80));
  EXPECT_FALSE(
      supports({.sentencepiece_options = "--denormalization_rule_tsv=" + folder.file("rules", "41\t42\n")}, 80));
}

TEST(UnigramSegmenter, CutsATextInManyLanguagesWithALargeVocabularyAsTheLibraryDoes) {
  const std::string shared = DRAGOMAN_SOURCE_DIR "/../shared/";
  const std::string model = shared + "models/en-pt-tiny/vocab.enpt.spm";
  if (!file_exists(model)) GTEST_SKIP() << model << " is not there";
  const Vocabulary ours = Vocabulary::load(model);
  sentencepiece::SentencePieceProcessor theirs;
  load(theirs, ours);
  Random random(6);
  for (const std::string name : {"data/flores/dev.en", "data/flores/dev.pt", "data/multi30k/test_2016_flickr.de.gz"}) {
    LineReader text(shared + name);
    for (std::string line; text.next(line);) {
      ASSERT_NO_FATAL_FAILURE(expect_the_same(ours, theirs, line, random));
    }
  }
  for (int i = 0; i < 5000; ++i) ASSERT_NO_FATAL_FAILURE(expect_the_same(ours, theirs, random_line(random), random));
}

TEST(PieceTrie, FindsWhatATextBeginsWith) {
  const std::vector<std::string> texts = {"b", "abc", "a", "ab", "abcdefgh", "\xC3\xA9", std::string("a\0b", 3)};
  std::vector<PieceTrie::Text> numbered;
  for (std::size_t i = 0; i < texts.size(); ++i) numbered.emplace_back(texts[i], int(i));
  const PieceTrie trie(numbered);
  const auto prefixes = [&](std::string_view where) {
    std::vector<std::pair<std::size_t, int>> found;
    trie.prefixes(where, [&](std::size_t length, int number) { found.emplace_back(length, number); });
    return found;
  };
  using Found = std::vector<std::pair<std::size_t, int>>;
  EXPECT_EQ(prefixes("abcdefghi"), (Found{{1, 2}, {2, 3}, {3, 1}, {8, 4}}));
  EXPECT_EQ(prefixes("abcdefg"), (Found{{1, 2}, {2, 3}, {3, 1}}));
  EXPECT_EQ(prefixes("\xC3\xA9"), (Found{{2, 5}}));
  EXPECT_EQ(prefixes("\xC3"), Found{});
  EXPECT_EQ(prefixes(""), Found{});
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(trie.find(texts[i]), int(i));
  for (const char* absent : {"", "abcd", "c", "bb"}) EXPECT_EQ(trie.find(absent), -1);
  EXPECT_EQ(trie.repeated(), -1);
  EXPECT_GE(PieceTrie({{"a", 0}, {"xyz", 1}, {"xyz", 2}}).repeated(), 1);
  EXPECT_TRUE(PieceTrie({}).empty());
  EXPECT_EQ(PieceTrie({}).find("a"), -1);
}

TEST(PieceTrie, HoldsManyTextsOfAllBytes) {
  Random random(7);
  std::map<std::string, int> texts;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::uint64_t n = 1 + random.below(6); n > 0; --n) text += char(random.below(random.below(2) == 0 ? 3 : 256));
    texts.emplace(std::move(text), i);
  }
  const PieceTrie trie({texts.begin(), texts.end()});
  for (const auto& [text, number] : texts) {
    ASSERT_EQ(trie.find(text), number);
    const std::string longer = text + char(random.below(256));
    ASSERT_EQ(trie.find(longer), texts.contains(longer) ? texts[longer] : -1);
  }
}

}  // namespace
}  // namespace dragoman
