#include "text/vocabulary.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <thread>

#include "base/files.h"
#include "text/sentencepiece_model.h"
#include "text/subword_sampler.h"
#include "text/text_support.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::toy_corpus;
using testing::toy_vocabulary;
using Ids = std::vector<int>;

std::vector<std::string> toy_lines(int count) {
  std::istringstream text(toy_corpus(count, 99).second);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(Vocabulary, EncodesWithoutSentenceEndAndDecodes) {
  for (const std::string type : {"unigram", "bpe"}) {
    const Vocabulary& vocabulary = toy_vocabulary(type);
    EXPECT_EQ(vocabulary.size(), 90);
    EXPECT_EQ(vocabulary.end_id(), 0);
    EXPECT_EQ(vocabulary.unk_id(), 1);
    EXPECT_EQ(vocabulary.piece(0), "</s>");
    EXPECT_EQ(vocabulary.id("</s>"), 0);
    EXPECT_EQ(vocabulary.id("no such piece"), 1);
    for (const std::string& line : toy_lines(20)) {
      Ids ids = vocabulary.encode(line);
      EXPECT_THAT(ids, Not(::testing::Contains(0)));
      ids.push_back(0);
      EXPECT_EQ(vocabulary.decode(ids), line);
    }
    EXPECT_TRUE(vocabulary.encode("").empty());
    EXPECT_TRUE(vocabulary.encode("  ").empty());
    EXPECT_EQ(vocabulary.decode({}), "");
  }
}

TEST(Vocabulary, RefusesToDecodeWhatIsNoToken) {
  EXPECT_THAT(error_of([] { toy_vocabulary().decode(Ids{5, 90}); }), HasSubstr("token 90"));
  EXPECT_THAT(error_of([] { toy_vocabulary().decode(Ids{-1}); }), HasSubstr("token -1"));
}

TEST(Vocabulary, GivesItsBytesToBeCopied) {
  const Vocabulary& vocabulary = toy_vocabulary();
  const Vocabulary copy = Vocabulary::from_bytes(vocabulary.bytes(), "copy");
  EXPECT_EQ(copy.encode("the small house"), vocabulary.encode("the small house"));
  EXPECT_EQ(copy.name(), "copy");
}

TEST(Vocabulary, NamesFilesThatAreMissingOrNoModels) {
  const Folder folder;
  EXPECT_EQ(error_of([&] { Vocabulary::load(folder / "v.spm"); }),
            "cannot open vocabulary " + (folder / "v.spm") + ": no such file");
  for (const std::string& content : {std::string(), std::string("this is text\n"), std::string(1000, '\0')}) {
    const std::string path = folder.file("bad.spm", content);
    EXPECT_THAT(error_of([&] { Vocabulary::load(path); }), HasSubstr(path + ": "));
  }
}

TEST(Vocabulary, SurvivesModelsThatAreTruncatedOrDamagedAnywhere) {
  const std::string& whole = toy_vocabulary().bytes();
  ASSERT_GT(whole.size(), 10000u);
  const auto attempt = [](const std::string& bytes) {
    try {
      const Vocabulary vocabulary = Vocabulary::from_bytes(bytes, "damaged.spm");
      const Ids ids = vocabulary.encode("the small grün ½ ﬁ ① house \xF0\x9F\x98\x80");
      if (vocabulary.can_sample()) vocabulary.sample("the small grün ½ ﬁ ① house", 0.3, 7);
      vocabulary.decode(ids);
      return true;
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr("damaged.spm"));
      return false;
    }
  };
  ASSERT_TRUE(attempt(whole));
  for (std::size_t size = 0; size < whole.size(); size += size < 3000 ? 97 : 9973) attempt(whole.substr(0, size));
  EXPECT_FALSE(attempt(whole.substr(0, whole.size() - 1000)));
  Random random(3);
  for (int i = 0; i < 400; ++i) {
    std::string bytes = whole;
    const std::size_t range = i % 2 == 0 ? 2000 : bytes.size();  // the pieces come first
    bytes[random.below(range)] = char(random.below(256));
    attempt(bytes);
  }
}

TEST(Vocabulary, RefusesPiecesThatTheLibraryWouldTakeForEmptyOnes) {
  std::string bytes = toy_vocabulary().bytes();
  const std::string& piece = toy_vocabulary().piece(89);
  const std::size_t place = bytes.find("\x0a" + std::string(1, char(piece.size())) + piece);  // its field in its record
  ASSERT_NE(place, std::string::npos);
  bytes[place + 2] = '\0';
  EXPECT_EQ(error_of([&] { Vocabulary::from_bytes(bytes, "nul.spm"); }),
            "nul.spm: corrupt SentencePiece model: piece 89 has a NUL inside");
}

TEST(Vocabulary, RefusesNormalisationTablesThatPointOutsideOfThemselves) {
  std::string bytes = toy_vocabulary().bytes();
  const std::string name = "nmt_nfkc\x12";  // a field, and the tag of the next, which is the table
  const std::size_t size = bytes.find(name) + name.size();
  ASSERT_LT(size, bytes.size());
  std::size_t table = size;
  while ((bytes[table++] & 0x80) != 0) {
  }
  bytes[table + 4 + 3] = char(0x80);  // the root, after the size of the trie: as if it were a leaf
  EXPECT_EQ(error_of([&] { Vocabulary::from_bytes(bytes, "root.spm"); }),
            "root.spm: corrupt SentencePiece model: the normalisation table is damaged");
}

TEST(Vocabulary, AcceptsOtherIdsThanItsOwn) {
  const Folder folder;
  VocabularyOptions options;
  options.sentencepiece_options = "--bos_id=1 --eos_id=2 --unk_id=0 --pad_id=3";
  train_vocabulary({{folder.file("s", toy_corpus(400).first)}}, folder / "v.spm", 60, options);
  const Vocabulary vocabulary = Vocabulary::load(folder / "v.spm");
  EXPECT_EQ(vocabulary.end_id(), 2);
  EXPECT_EQ(vocabulary.unk_id(), 0);
  EXPECT_EQ(vocabulary.decode(vocabulary.encode("the old dog")), "the old dog");
  EXPECT_EQ(vocabulary.decode(vocabulary.sample("the old dog", 0.2, 5)), "the old dog");
  EXPECT_THAT(error_of([&] {
                options.sentencepiece_options = "--eos_id=-1";
                train_vocabulary({{folder / "s"}}, folder / "none.spm", 60, options);
              }),
              HasSubstr("no </s>"));
  EXPECT_FALSE(file_exists(folder / "none.spm"));
}

TEST(TokenList, WithoutASegmenterTokensAreWords) {
  const Vocabulary vocabulary = Vocabulary::from_tokens({.tokens = {"<s>", "</s>", "a", "<unk>", "b@@", "a"}}, "list");
  EXPECT_EQ(vocabulary.size(), 6);
  EXPECT_EQ(vocabulary.end_id(), 1);
  EXPECT_EQ(vocabulary.unk_id(), 3);
  EXPECT_EQ(vocabulary.encode("  a b@@\tc  a"), (std::vector<int>{2, 4, 3, 2})) << "of two equal tokens the first";
  EXPECT_EQ(vocabulary.encode(" "), std::vector<int>{});
  EXPECT_EQ(vocabulary.decode(std::vector<int>{4, 5, 1, 3}), "b@@ a <unk>");
  EXPECT_EQ(vocabulary.piece(4), "b@@");
  EXPECT_EQ(vocabulary.id("b@@"), 4);
  EXPECT_FALSE(vocabulary.can_sample());
  EXPECT_FALSE(vocabulary.is_sentencepiece());
  EXPECT_EQ(vocabulary.sentencepiece_model(), "");
  EXPECT_THROW(vocabulary.decode(std::vector<int>{6}), Error);
  const Vocabulary other = Vocabulary::from_tokens({.tokens = {"E", "U"}, .end = "E", .unknown = "U"}, "list");
  EXPECT_EQ(other.encode("E x"), (std::vector<int>{0, 1}));
  EXPECT_NE(other.bytes(), vocabulary.bytes());
  for (const TokenList& lacking : {TokenList{{"<unk>", "a"}}, TokenList{{"</s>"}}}) {
    try {
      Vocabulary::from_tokens(lacking, "list");
      FAIL() << "expected an Error";
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), ::testing::HasSubstr("list: there is no token '<"));
    }
  }
}

TEST(TokenList, ASentencePieceModelCutsTextForOtherNumbers) {
  const Vocabulary& pieces = toy_vocabulary();
  TokenList list{.tokens = {"extra"}};
  for (int id = pieces.size() - 1; id >= 0; --id) list.tokens.push_back(pieces.piece(id));
  const Vocabulary vocabulary = Vocabulary::from_tokens(list, "list", &pieces);
  const std::string text = toy_corpus(1).first.substr(0, toy_corpus(1).first.find('\n'));
  std::vector<int> turned;
  for (const int id : pieces.encode(text)) turned.push_back(pieces.size() - id);
  ASSERT_FALSE(turned.empty());
  EXPECT_EQ(vocabulary.encode(text), turned);
  EXPECT_EQ(vocabulary.decode(turned), text);
  EXPECT_EQ(vocabulary.decode(std::vector<int>{vocabulary.end_id()}), "");
  EXPECT_EQ(vocabulary.encode("\xe4\xb8\xad").back(), vocabulary.unk_id());
  EXPECT_EQ(vocabulary.sentencepiece_model(), pieces.bytes());
  EXPECT_FALSE(vocabulary.is_sentencepiece());
  EXPECT_TRUE(pieces.is_sentencepiece());
  EXPECT_EQ(vocabulary.sample(text, 0, 1), turned);
  if (vocabulary.can_sample()) {
    EXPECT_EQ(vocabulary.decode(vocabulary.sample(text, 0.5, 3)), text);
  }
  list.tokens.resize(2);
  list.tokens.insert(list.tokens.end(), {"</s>", "<unk>"});
  try {
    Vocabulary::from_tokens(list, "list", &pieces);
    FAIL() << "expected an Error";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), ::testing::HasSubstr("pieces are tokens of list, so it belongs to others"));
  }
}

TEST(Vocabulary, SamplesAreAFunctionOfTheSeed) {
  for (const std::string type : {"unigram", "bpe"}) {
    const Vocabulary& vocabulary = toy_vocabulary(type);
    const Vocabulary copy = Vocabulary::from_bytes(vocabulary.bytes(), "copy");
    const std::string line = "sleeping beautiful children";
    const double alpha = type == "bpe" ? 0.3 : 0.01;
    std::map<Ids, int> different;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const Ids ids = vocabulary.sample(line, alpha, seed);
      ++different[ids];
      EXPECT_EQ(vocabulary.decode(ids), line);
      Ids in_a_thread;
      std::jthread([&] { in_a_thread = copy.sample(line, alpha, seed); }).join();
      EXPECT_EQ(in_a_thread, ids);
    }
    EXPECT_GT(different.size(), 3u) << type;
    EXPECT_EQ(vocabulary.sample(line, 0, 7), vocabulary.encode(line));
  }
}

TEST(Vocabulary, SamplingTendsToTheBestSegmentation) {
  for (const std::string& line : toy_lines(50)) {
    EXPECT_EQ(toy_vocabulary("unigram").sample(line, 200, 1), toy_vocabulary("unigram").encode(line)) << line;
    EXPECT_EQ(toy_vocabulary("bpe").sample(line, 1e-9, 1), toy_vocabulary("bpe").encode(line)) << line;
  }
  for (const std::string line : {"äß¿ the", "q", "unter¿¿¿Haus"}) {  // with characters that are not in the vocabulary
    EXPECT_EQ(toy_vocabulary("unigram").sample(line, 200, 1), toy_vocabulary("unigram").encode(line)) << line;
    EXPECT_EQ(toy_vocabulary("bpe").sample(line, 1e-9, 1), toy_vocabulary("bpe").encode(line)) << line;
  }
}

TEST(Vocabulary, WholeDropoutLeavesCharacters) {
  const Vocabulary& bpe = toy_vocabulary("bpe");
  Ids expected;
  for (const std::string piece : {"▁", "o", "l", "d", "▁", "g", "r", "ü", "n"}) expected.push_back(bpe.id(piece));
  EXPECT_EQ(bpe.sample("old grün", 1, 5), expected);
}

/// A model of a few pieces, by hand.
SentencePieceModel small_model(SentencePieceModel::Type type) {
  using PieceType = SentencePieceModel::PieceType;
  SentencePieceModel model;
  model.type = type;
  model.pieces = {{"</s>", 0, PieceType::control},   {"<unk>", 0, PieceType::unknown},
                  {"a", -2.0f, PieceType::normal},   {"b", -2.5f, PieceType::normal},
                  {"ab", -1.5f, PieceType::normal},  {"ba", -3.0f, PieceType::normal},
                  {"aba", -1.0f, PieceType::normal}, {"<x>", 0, PieceType::user_defined}};
  return model;
}

/// All segmentations of `text` into pieces of the model, with the sum of their scores.
void enumerate(const SentencePieceModel& model, std::string_view text, Ids& ids, double score,
               std::map<Ids, double>& result) {
  if (text.empty()) result[ids] = score;
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    const auto& piece = model.pieces[id];
    if (piece.type != SentencePieceModel::PieceType::normal || !text.starts_with(piece.text)) continue;
    ids.push_back(int(id));
    enumerate(model, text.substr(piece.text.size()), ids, score + piece.score, result);
    ids.pop_back();
  }
}

/// Compares counts with probabilities by Pearson's chi-squared statistic, which has about `cells` as its mean and
/// sqrt(2 cells) as its deviation; cells expected fewer than 5 times are put together.
void expect_frequencies(const std::map<Ids, double>& probabilities, const std::map<Ids, int>& counts, int samples) {
  double statistic = 0, rare_expected = 0, rare_found = 0;
  int cells = 0;
  for (const auto& [ids, probability] : probabilities) {
    const auto found = counts.find(ids);
    const double expected = probability * samples, count = found == counts.end() ? 0 : found->second;
    if (expected < 5) {
      rare_expected += expected;
      rare_found += count;
      continue;
    }
    statistic += (count - expected) * (count - expected) / expected;
    ++cells;
  }
  if (rare_expected > 0)
    statistic += (rare_found - rare_expected) * (rare_found - rare_expected) / rare_expected, ++cells;
  EXPECT_LT(statistic, cells + 4 * std::sqrt(2.0 * cells)) << cells << " cells";
  for (const auto& [ids, count] : counts) EXPECT_TRUE(probabilities.contains(ids)) << ::testing::PrintToString(ids);
}

TEST(SubwordSampler, UnigramFrequenciesAreTheSegmentationsProbabilities) {
  const SentencePieceModel model = small_model(SentencePieceModel::Type::unigram);
  const SubwordSampler sampler(model);
  for (const double alpha : {1.0, 0.3}) {
    std::map<Ids, double> probabilities;
    Ids ids;
    enumerate(model, "ababaab", ids, 0, probabilities);
    ASSERT_GT(probabilities.size(), 15u);
    double sum = 0;
    for (auto& [segmentation, score] : probabilities) sum += score = std::exp(alpha * score);
    for (auto& [segmentation, probability] : probabilities) probability /= sum;
    std::map<Ids, int> counts;
    constexpr int samples = 20000;
    for (int i = 0; i < samples; ++i) ++counts[sampler.sample("ababaab", alpha, Random(std::uint64_t(i)))];
    expect_frequencies(probabilities, counts, samples);
  }
}

TEST(SubwordSampler, BpeDropsEachMergeWithTheProbabilityGiven) {
  const SentencePieceModel model = small_model(SentencePieceModel::Type::bpe);
  const SubwordSampler sampler(model);
  const double p = 0.3, q = 1 - p;
  const int a = 2, b = 3, ab = 4, ba = 5, aba = 6;
  // "aba": ab comes first; if it is merged, aba may be. If it is dropped, ba may be merged, and then aba.
  const std::map<Ids, double> probabilities = {
      {{aba}, q * q + p * q * q}, {{ab, a}, q * p}, {{a, ba}, p * q * p}, {{a, b, a}, p * p}};
  std::map<Ids, int> counts;
  constexpr int samples = 20000;
  for (int i = 0; i < samples; ++i) ++counts[sampler.sample("aba", p, Random(std::uint64_t(i)))];
  expect_frequencies(probabilities, counts, samples);
}

TEST(SubwordSampler, NeverSplitsUserDefinedSymbols) {
  for (const auto type : {SentencePieceModel::Type::unigram, SentencePieceModel::Type::bpe}) {
    const SentencePieceModel model = small_model(type);
    const SubwordSampler sampler(model);
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const Ids ids = sampler.sample("<x>ab<x><x>ba", 0.2, Random(seed));
      EXPECT_EQ(std::count(ids.begin(), ids.end(), 7), 3);
      EXPECT_EQ(std::count(ids.begin(), ids.end(), 1), 0);
      EXPECT_EQ(ids.front(), 7);
    }
  }
}

TEST(SubwordSampler, JoinsUnknownCharactersInARow) {
  for (const auto type : {SentencePieceModel::Type::unigram, SentencePieceModel::Type::bpe}) {
    const SentencePieceModel model = small_model(type);
    EXPECT_THAT(SubwordSampler(model).sample("aöüb", type == SentencePieceModel::Type::bpe ? 0.5 : 1, Random(1)),
                ElementsAre(2, 1, 3));
    EXPECT_TRUE(SubwordSampler(model).sample("", 0.5, Random(1)).empty());
  }
}

TEST(SubwordSampler, TakesUnusedPiecesApartAgain) {
  SentencePieceModel model = small_model(SentencePieceModel::Type::bpe);
  model.pieces[6].type = SentencePieceModel::PieceType::unused;  // aba, which is ab and a
  EXPECT_THAT(SubwordSampler(model).sample("aba", 1e-9, Random(1)), ElementsAre(4, 2));
}

TEST(Vocabulary, SamplesWithByteFallback) {
  const Folder folder;
  for (const std::string type : {"unigram", "bpe"}) {
    VocabularyOptions options;
    options.sentencepiece_type = type;
    options.sentencepiece_options = "--byte_fallback=true";
    train_vocabulary({{folder.file("s", toy_corpus(400).first)}}, folder / "v.spm", 330, options);
    const Vocabulary vocabulary = Vocabulary::load(folder / "v.spm");
    const std::string line = "the ü <0x41> \xF0\x9F\x98\x80 dog";
    EXPECT_EQ(vocabulary.decode(vocabulary.encode(line)), line);
    EXPECT_EQ(vocabulary.sample(line, type == "bpe" ? 1e-9 : 200, 1), vocabulary.encode(line));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      EXPECT_EQ(vocabulary.decode(vocabulary.sample(line, 0.3, seed)), line);
    }
  }
}

/// Segments must be the ids of encode(), with places that never go back, and surfaces must make decode().
void expect_places(const Vocabulary& vocabulary, const std::string& line) {
  SCOPED_TRACE(line);
  Ids ids;
  std::size_t reached = 0;
  for (const Segment& segment : vocabulary.segments(line)) {
    ids.push_back(segment.id);
    EXPECT_GE(segment.begin, reached);
    EXPECT_GE(segment.end, segment.begin);
    reached = segment.end;
  }
  EXPECT_LE(reached, line.size());
  EXPECT_EQ(ids, vocabulary.encode(line));
  std::string text;
  const auto surfaces = vocabulary.surfaces(ids);
  EXPECT_EQ(surfaces.size(), ids.size());
  for (const std::string& surface : surfaces) text += surface;
  EXPECT_EQ(text, vocabulary.decode(ids));
}

TEST(Vocabulary, TellsWhereTokensStandAndWhatTheyContribute) {
  const Folder folder;
  VocabularyOptions options;
  options.sentencepiece_options = "--byte_fallback=true";
  train_vocabulary({{folder.file("s", toy_corpus(400).first)}}, folder / "v.spm", 330, options);
  const Vocabulary bytes = Vocabulary::load(folder / "v.spm");
  const Vocabulary list = Vocabulary::from_tokens({.tokens = {"</s>", "<unk>", "the", "dog"}}, "list");
  for (const std::string line :
       {"the small dog", "  the\tsmall   dogs  ", "ﬁ ½ ㌀ the", "the ü \xF0\x9F\x98\x80 dog", "", " "}) {
    for (const Vocabulary& vocabulary : {toy_vocabulary(), toy_vocabulary("bpe"), bytes, list}) {
      expect_places(vocabulary, line);
    }
  }
  const auto segments = toy_vocabulary().segments(" the  dog");
  EXPECT_EQ(segments.front().begin, 1u);
  EXPECT_EQ(segments.back().end, 9u);
  Ids ids = bytes.encode("\xF0\x9F\x98\x80");
  const auto surfaces = bytes.surfaces(ids);
  ASSERT_GE(surfaces.size(), 4u);
  EXPECT_EQ(surfaces.back(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(surfaces[surfaces.size() - 2], "");
  EXPECT_THAT(list.surfaces(Ids{2, 3, 0}), ElementsAre("the", " dog", ""));
  EXPECT_THAT(list.segments(" the cat").at(1).id, list.unk_id());
}

}  // namespace
}  // namespace dragoman
