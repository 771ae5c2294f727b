#include "format/ctranslate2_vocabulary.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(CTranslate2Config, IsReadAndWritten) {
  const CTranslate2Config config = parse_ctranslate2_config(
      R"({"unk_token": "U", "bos_token": "B", "eos_token": "E", "decoder_start_token": "D", "add_source_bos": true,
          "add_source_eos": true, "layer_norm_epsilon": 1e-6, "multi_query_attention": false, "else": [1, {}]})",
      "config.json");
  for (const CTranslate2Config& c : {config, parse_ctranslate2_config(ctranslate2_config_json(config), "again")}) {
    EXPECT_EQ(c.unk_token + c.bos_token + c.eos_token + *c.decoder_start_token, "UBED");
    EXPECT_TRUE(c.add_source_bos && c.add_source_eos);
    EXPECT_EQ(c.layer_norm_epsilon, 1e-6);
  }
  const CTranslate2Config usual = parse_ctranslate2_config("{}", "config.json");
  EXPECT_EQ(usual.decoder_start_token, "<s>");
  EXPECT_FALSE(usual.add_source_bos || usual.add_source_eos || usual.layer_norm_epsilon);
  CTranslate2Config nothing =
      parse_ctranslate2_config(R"({"decoder_start_token": null, "layer_norm_epsilon": null})", "c");
  EXPECT_FALSE(nothing.decoder_start_token || nothing.layer_norm_epsilon);
  EXPECT_FALSE(parse_ctranslate2_config(ctranslate2_config_json(nothing), "again").decoder_start_token);
}

TEST(CTranslate2Config, ErrorsNameTheKey) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no JSON"},
      {"{", "no JSON"},
      {"[]", "expected an object, found array"},
      {R"({"eos_token": 3})", "eos_token: expected a text, found number"},
      {R"({"decoder_start_token": 3})", "decoder_start_token: expected a text, found number"},
      {R"({"add_source_eos": "yes"})", "add_source_eos: expected true or false, found string"},
      {R"({"layer_norm_epsilon": -1})", "layer_norm_epsilon: expected a positive number up to 1, found -1"},
      {R"({"layer_norm_epsilon": "x"})", "layer_norm_epsilon: expected a positive number up to 1, found string"},
  };
  for (const auto& [json, expected] : cases) {
    EXPECT_THAT(error_of([&, text = json] { parse_ctranslate2_config(text, "d/config.json"); }),
                AllOf(StartsWith("d/config.json: "), HasSubstr(expected)));
  }
  EXPECT_THAT(error_of([] { parse_ctranslate2_config(std::string(2 << 20, '['), "c"); }), HasSubstr("at most"));
}

TEST(CTranslate2Vocabulary, HasATokenOnEachLineOrIsAnArray) {
  EXPECT_THAT(parse_ctranslate2_vocabulary("<s>\n\na b\nlast", "v.txt"), ElementsAre("<s>", "", "a b", "last"));
  EXPECT_THAT(parse_ctranslate2_vocabulary("a\r\nb\r\n", "v.txt"), ElementsAre("a", "b"));
  EXPECT_THAT(parse_ctranslate2_vocabulary("a\r\nb\n", "v.txt"), ElementsAre("a\r", "b"));
  const std::vector<std::string> tokens{"<unk>", "\"", "\xe2\x96\x81gr\xc3\xbc\xc3\x9f", "\n"};
  EXPECT_EQ(parse_ctranslate2_vocabulary(ctranslate2_vocabulary_json(tokens, "v.json"), "v.json"), tokens);
  EXPECT_THAT(error_of([] { ctranslate2_vocabulary_json({"\xff"}, "v.json"); }), HasSubstr("not UTF-8"));
  const std::pair<const char*, const char*> cases[] = {
      {"[\"a\", 3]", "token 1: expected an array of texts, found a number"},
      {"{\"a\": 3}", "token 0: expected an array of texts, found an object"},
      {"[\"a\", [", "token 1: expected an array of texts, found an array"},
      {"\"a\"", "token 0: expected an array of texts, found a text"},
      {"[\"a\", \"b\"", "token 2: no JSON at byte"},
      {"[\"\xff\"]", "token 0: no JSON at byte"},
      {"[]", "a vocabulary without tokens"},
  };
  for (const auto& [json, expected] : cases) {
    EXPECT_THAT(error_of([&, text = json] { parse_ctranslate2_vocabulary(text, "v.json"); }),
                AllOf(StartsWith("v.json: "), HasSubstr(expected)));
  }
}

TEST(CTranslate2Vocabulary, IsSharedOrOneForEachSide) {
  std::string folder = (std::filesystem::temp_directory_path() / "dragoman-ctranslate2-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const auto read = [&] { return read_ctranslate2_vocabularies(folder, "<unk>"); };
  EXPECT_THAT(error_of(read), HasSubstr("no vocabulary: expected shared_vocabulary.json"));
  write_atomically(folder + "/source_1_vocabulary.json", R"(["a"])");
  EXPECT_THAT(error_of(read), HasSubstr("several factors"));
  write_atomically(folder + "/source_vocabulary.txt", "a\n<unk>\n");
  EXPECT_THAT(error_of(read), HasSubstr("no vocabulary"));
  write_atomically(folder + "/target_vocabulary.json", R"(["b", "c"])");
  EXPECT_THAT(read().source, ElementsAre("a", "<unk>"));
  EXPECT_THAT(read().target, ElementsAre("b", "c", "<unk>")) << "a missing unknown token is added";
  write_atomically(folder + "/shared_vocabulary.json", R"(["<unk>", "d"])");
  EXPECT_THAT(read().source, ElementsAre("<unk>", "d"));
  EXPECT_EQ(read().target_path, folder + "/shared_vocabulary.json");
  std::filesystem::remove_all(folder);
}

TEST(VocabularyMap, AllowsTargetTokensByNgram) {
  const VocabularyMap map = parse_vocabulary_map("\t. , the\nhund\tdog hound\ndas  haus\thouse\nleer\t\n", "vmap.txt");
  EXPECT_THAT(map.always, ElementsAre(".", ",", "the"));
  EXPECT_THAT(map.allowed.at("hund"), ElementsAre("dog", "hound"));
  EXPECT_THAT(map.allowed.at("das  haus"), ElementsAre("house"));
  EXPECT_TRUE(map.allowed.at("leer").empty());
  EXPECT_EQ(map.longest, 3);
  EXPECT_THAT(error_of([] { parse_vocabulary_map("a\tb\nno tab\n", "vmap.txt"); }),
              HasSubstr("vmap.txt line 2: expected a source n-gram, one tab and target tokens, found 'no tab'"));
  EXPECT_THAT(error_of([] { parse_vocabulary_map("a\tb\tc", "vmap.txt"); }), HasSubstr("vmap.txt line 1"));
}

}  // namespace
}  // namespace dragoman
