// Vocabularies of Marian's that are no SentencePiece models: what they hold, and what is wrong with them.

#include "text/token_file.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "text/text_support.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using Ids = std::vector<int>;

std::string error_in(const std::string& content, const std::string& path) {
  return error_of([&] { parse_token_file(content, path); });
}

TEST(TokenFile, AMapNumbersItsTokens) {
  const TokenList yaml =
      parse_token_file("</s>: 0\n<unk>: 1\n\"~\": 4\n'it''s': 2\na:b: 3\n# no token\n12: 5\nß: 6\n", "v.yml");
  EXPECT_THAT(yaml.tokens, ElementsAre("</s>", "<unk>", "it's", "a:b", "~", "12", "ß"));
  EXPECT_EQ(yaml.end, "</s>");
  EXPECT_EQ(yaml.unknown, "<unk>");
  const std::string json = " {\"</s>\": 0, \"\\u00df\": 2,\n \"<unk>\": 1, \"\\\"\": 3}";
  EXPECT_THAT(parse_token_file(json, "v.json").tokens, ElementsAre("</s>", "<unk>", "ß", "\""));
  EXPECT_THAT(parse_token_file(json, "v.yaml").tokens, ElementsAre("</s>", "<unk>", "ß", "\"")) << "JSON is YAML";
  EXPECT_THAT(parse_token_file("</s>: 0\n<unk>: 1\na: 2\n", "v.json").tokens, ElementsAre("</s>", "<unk>", "a"));
  EXPECT_THAT(parse_token_file("\xEF\xBB\xBF{</s>: 0, <unk>: 1}", "v.yml").tokens, ElementsAre("</s>", "<unk>"));
}

TEST(TokenFile, SpecialTokensMayHaveNematussNamesOrNone) {
  const TokenList named = parse_token_file("eos: 0\nUNK: 1\na: 2\n", "v.yml");
  EXPECT_EQ(named.end, "eos");
  EXPECT_EQ(named.unknown, "UNK");
  const TokenList absent = parse_token_file("{\"a\": 2, \"b\": 3}", "v.json");
  EXPECT_THAT(absent.tokens, ElementsAre("</s>", "<unk>", "a", "b"));
  EXPECT_EQ(absent.end, "</s>");
  const TokenList elsewhere = parse_token_file("a: 2\n<unk>: 3\n</s>: 0\n", "v.yml");
  EXPECT_THAT(elsewhere.tokens, ElementsAre("</s>", "UNK", "a", "<unk>"));
  EXPECT_EQ(elsewhere.unknown, "UNK") << "number 1 stands for it, as in Marian";
}

TEST(TokenFile, ATextHasATokenOnEachLine) {
  const TokenList list = parse_token_file("<unk>\n</s>\na: 3\nb", "v.txt");
  EXPECT_THAT(list.tokens, ElementsAre("<unk>", "</s>", "a: 3", "b"));
  EXPECT_THAT(parse_token_file("</s>\r\n<unk>\r\nx\r\n", "vocab").tokens, ElementsAre("</s>", "<unk>", "x"));
}

TEST(TokenFile, WhatIsWrongIsNamed) {
  EXPECT_EQ(error_in("</s>: 0\n<unk>: 1\na: 2\na: 3\n", "v.yml"), "v.yml: token 'a' is there twice");
  EXPECT_EQ(error_in("</s>: 0\n<unk>: 1\na: 2\nb: 2\n", "v.yml"), "v.yml: tokens 'a' and 'b' have the same number 2");
  EXPECT_EQ(error_in("</s>: 0\n<unk>: 1\nb: 2147483647\n", "v.yml"),
            "v.yml: no token has the number 2, although 'b' has 2147483647");
  EXPECT_EQ(error_in("</s>: 0\n<unk>: 1\nb: 4\n", "v.yml"), "v.yml: no token has the number 2, although 'b' has 4");
  for (const char* bad : {"-1", "2.5", "99999999999999999999", "0x2", "two", "\"\"", "2 3"}) {
    EXPECT_THAT(error_in("</s>: 0\n<unk>: 1\na: " + std::string(bad) + "\n", "v.yml"),
                HasSubstr("v.yml line 3: token 'a': expected a number from 0, found '"))
        << bad;
  }
  EXPECT_EQ(error_in("</s>: 0\n~: 1\n", "v.yml"),
            "v.yml line 2: expected a token, found nothing or an unquoted null or ~");
  EXPECT_THAT(error_in("</s>: 0\na:\n", "v.yml"),
              HasSubstr("expected the number of token 'a', found nothing or an unquoted null or ~"));
  EXPECT_EQ(error_in("- </s>\n- <unk>\n", "v.yml"), "v.yml line 1: expected a map of tokens to numbers, found a list");
  EXPECT_EQ(error_in("word", "v.yml"), "v.yml line 1: expected a map of tokens to numbers, found a text");
  EXPECT_EQ(error_in("a: &x 0\nb: *x\n", "v.yml"), "v.yml line 2: expected the number of token 'b', found an alias");
  EXPECT_EQ(error_in("a: {b: 1}\n", "v.yml"), "v.yml line 1: expected the number of token 'a', found a map");
  EXPECT_THAT(error_in("a: [1\n", "v.yml"), HasSubstr("v.yml line 1"));
  EXPECT_THAT(error_in("a: \"x\n", "v.yml"), HasSubstr("v.yml line"));
  EXPECT_EQ(error_in("</s>: 0\n<unk>: 1\n---\na: 2\n", "v.yml"), "v.yml line 4: expected a token, found a map")
      << "a second document";
  EXPECT_EQ(error_in("", "v.yml"), "v.yml: a vocabulary without tokens");
  EXPECT_EQ(error_in("", "v.txt"), "v.txt: a vocabulary without tokens");
  EXPECT_EQ(error_in("{\"a\": [0]}", "v.json"), "v.json: token 'a': expected a number from 0, found an array");
  EXPECT_EQ(error_in("{\"a\": {\"b\": 0}}", "v.json"), "v.json: token 'a': expected a number from 0, found an object");
  EXPECT_EQ(error_in("{\"a\": 1.5}", "v.json"), "v.json: token 'a': expected a number from 0, found '1.5'");
  EXPECT_EQ(error_in("{\"a\": true}", "v.json"), "v.json: token 'a': expected a number from 0, found a truth value");
  EXPECT_THAT(error_in("{\"a\": 1", "v.json"), HasSubstr("v.json: no JSON at byte 8"));
  EXPECT_EQ(error_in("</s>\n<unk>\n\na\n", "v.txt"), "v.txt line 3: expected a token, found an empty line");
  EXPECT_EQ(error_in("</s>\n<unk>\na\na\n", "v.txt"), "v.txt line 4: token 'a' is there twice");
  EXPECT_EQ(error_in("</s>\n<unk>\na\xff\n", "v.txt"), "v.txt line 3: expected UTF-8");
  EXPECT_EQ(error_in("</s>: 0\n<unk>: 1\na\xff: 2\n", "v.yml"), "v.yml line 3: expected UTF-8");
  EXPECT_EQ(error_in(std::string("</s>: 0\n\0", 9), "v.yml"), "v.yml: expected text, found a NUL byte");
}

TEST(TokenFile, WhatIsNestedDeeplyOrRepeatsItselfIsRefusedAtOnce) {
  const std::string deep(1000000, '['), maps = [] {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "{a: ";
    return text;
  }();
  for (const std::string& start : {std::string(), std::string("a: "), std::string("? ")}) {
    EXPECT_NE(error_in(start + deep, "v.yml"), "");
    EXPECT_NE(error_in(start + maps, "v.yml"), "");
  }
  EXPECT_NE(error_in("{\"a\": " + deep, "v.json"), "");
  // aliases of aliases would be a billion of tokens
  std::string laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    laughs += std::string(1, c) + ": &" + c + " [*" + char(c - 1) + ", *" + char(c - 1) + "]\n";
  }
  EXPECT_THAT(error_in(laughs, "v.yml"), HasSubstr("found a list"));
}

TEST(TokenFile, WhatIsWrittenIsReadBack) {
  const std::vector<std::string> tokens = {"</s>", "<unk>", "~", "null", "a: b", "#", "- x",
                                           "\\",   "\"",    "é", "\t",   "<<",   "1"};
  EXPECT_EQ(parse_token_file(token_map(tokens), "v.yml").tokens, tokens);
}

TEST(TokenFileVocabulary, TheNameSaysWhatAFileIs) {
  const Folder folder;
  const std::string yaml = "</s>: 0\n<unk>: 1\na: 2\nb@@: 3\n";
  for (const auto& [name, content] : {std::pair("v.yml", yaml),
                                      {"v.json", "{\"</s>\": 0, \"<unk>\": 1, \"a\": 2, \"b@@\": 3}"},
                                      {"v.txt", "</s>\n<unk>\na\nb@@\n"},
                                      {"vocabulary", "</s>\n<unk>\na\nb@@\n"}}) {
    const Vocabulary vocabulary = Vocabulary::load(folder.file(name, content));
    EXPECT_EQ(vocabulary.size(), 4) << name;
    EXPECT_EQ(vocabulary.encode("a b@@ c"), (Ids{2, 3, 1}));
    EXPECT_EQ(vocabulary.decode(Ids{3, 2, 0}), "b@@ a");
    EXPECT_EQ(vocabulary.file_ending(), ".yml");
    const Vocabulary again = Vocabulary::load(folder.file("again.yml", vocabulary.bytes()));
    EXPECT_EQ(again.bytes(), vocabulary.bytes());
  }
  const Vocabulary model = Vocabulary::load(folder.file("spm.model", testing::toy_vocabulary().bytes()));
  EXPECT_TRUE(model.is_sentencepiece()) << "as its first byte says";
  EXPECT_EQ(model.file_ending(), ".spm");
  EXPECT_THAT(error_of([&] { Vocabulary::load(folder.file("v.fsv", yaml)); }),
              HasSubstr("v.fsv: a vocabulary with factors"));
  EXPECT_THAT(error_of([&] { Vocabulary::load(folder.file("t", "a\nb\n")); }), HasSubstr("there is no token '</s>'"));
  EXPECT_THAT(error_of([&] { Vocabulary::load(folder / "none.yml"); }), HasSubstr("no such file"));
}

TEST(TokenFileVocabulary, FitsTheRowsOfAModel) {
  const Folder folder;
  const Vocabulary vocabulary = Vocabulary::load(folder.file("v.yml", "</s>: 0\n<unk>: 1\na: 2\nb: 3\n"));
  EXPECT_EQ(vocabulary.fitted_to(4).bytes(), vocabulary.bytes());
  const Vocabulary less = vocabulary.fitted_to(3), more = vocabulary.fitted_to(6);
  EXPECT_EQ(less.encode("a b"), (Ids{2, 1}));
  EXPECT_EQ(more.size(), 6);
  EXPECT_EQ(more.piece(5), "<unused 5>");
  EXPECT_EQ(more.encode("a b"), (Ids{2, 3}));
  EXPECT_THAT(error_of([&] { vocabulary.fitted_to(1); }), HasSubstr("there is no token '<unk>'"));
  EXPECT_EQ(testing::toy_vocabulary().fitted_to(5).size(), testing::toy_vocabulary().size());
}

TEST(TokenFileVocabulary, SpecialTokensOfOtherNamesAreInNoFile) {
  EXPECT_EQ(Vocabulary::from_tokens({.tokens = {"E", "U"}, .end = "E", .unknown = "U"}, "list").file_ending(), "");
  EXPECT_EQ(Vocabulary::from_tokens({.tokens = {"</s>", "<unk>", "a", "a"}}, "list").file_ending(), "");
  EXPECT_EQ(Vocabulary::from_tokens({.tokens = {"eos", "UNK"}, .end = "eos", .unknown = "UNK"}, "list").file_ending(),
            ".yml");
}

}  // namespace
}  // namespace dragoman
