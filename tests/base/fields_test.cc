#include "base/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Options {
  bool flag = false;
  int number = 3;
  std::int64_t large = 5;
  std::uint64_t seed = 0;
  double rate = 0.1;
  double smoothing = 0;
  std::string kind = "relu";
  std::string text;
  std::vector<std::string> words = {"a"};
  std::vector<int> sizes;
  std::vector<double> params;
  std::vector<std::string> sampling;
  std::vector<std::string> after = {"0e"};
  Period period;
};

class FieldsTest : public ::testing::Test {
 protected:
  Options o_;
  Fields fields_;
  void SetUp() override {
    fields_.group("All");
    fields_.add("flag", o_.flag, "a flag");
    fields_.add("number", o_.number, "a number", {.short_name = 'n', .min = 1, .max = 10});
    fields_.add("large", o_.large, "64 bits");
    fields_.add("seed", o_.seed, "64 bits without sign");
    fields_.add("learn-rate", o_.rate, "a rate", {.min = 0});
    fields_.add("exponential-smoothing", o_.smoothing, "off or a rate", {.implicit = "1e-4", .min = 0});
    fields_.add("kind", o_.kind, "one of some", {.values = {"relu", "gelu", "swish"}});
    fields_.add("text", o_.text, "any text");
    fields_.add("words", o_.words, "texts");
    fields_.add("sizes", o_.sizes, "whole numbers", {.min = 0});
    fields_.add("params", o_.params, "numbers");
    fields_.add("sampling", o_.sampling, "a list that can be switched on", {.implicit = "full 1.0"});
    fields_.add("after", o_.after, "periods",
                {.check = [](const std::string& text) { parse_period(text, "value"); }, .separator = ','});
    fields_.add("period", o_.period, "a period");
  }

  void set(const std::string& name, const std::string& plain) { fields_.set(name, {{plain}, true}, "here"); }

  std::string error(const std::string& name, const SettingText& value) {
    try {
      fields_.set(name, value, "train.yml line 7");
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
};

TEST_F(FieldsTest, ReadEveryKindOfValue) {
  set("flag", "true");
  set("number", "10");
  set("large", "-9223372036854775808");
  set("seed", "18446744073709551615");
  set("learn-rate", "5e-4");
  set("kind", "gelu");
  set("text", "two words");
  set("words", "x y");
  set("sizes", "8000 4000");
  fields_.set("params", {{"0.9", "0.98", "1e-09"}, false}, "here");
  set("period", "5Mt");
  EXPECT_TRUE(o_.flag);
  EXPECT_EQ(o_.number, 10);
  EXPECT_EQ(o_.large, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(o_.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(o_.rate, 5e-4);
  EXPECT_EQ(o_.kind, "gelu");
  EXPECT_EQ(o_.text, "two words");
  EXPECT_THAT(o_.words, ElementsAre("x", "y"));
  EXPECT_THAT(o_.sizes, ElementsAre(8000, 4000));
  EXPECT_THAT(o_.params, ElementsAre(0.9, 0.98, 1e-9));
  EXPECT_EQ(o_.period, (Period{5e6, Period::Unit::tokens}));
}

TEST_F(FieldsTest, OnlyPlainTextsAreSplitIntoWords) {
  fields_.set("words", {{"my file.txt"}, false}, "here");
  EXPECT_THAT(o_.words, ElementsAre("my file.txt"));
  fields_.set("words", {{"a b", "c"}, false}, "here");
  EXPECT_THAT(o_.words, ElementsAre("a b", "c"));
  fields_.set("sizes", {{"1 2"}, false}, "here");
  EXPECT_THAT(o_.sizes, ElementsAre(1, 2));
}

TEST_F(FieldsTest, AListWithASeparatorIsSplitThere) {
  set("after", "10e,100ku");
  EXPECT_THAT(o_.after, ElementsAre("10e", "100ku"));
  fields_.set("after", {{"10e,5u", "7Mt"}, false}, "here");
  EXPECT_THAT(o_.after, ElementsAre("10e", "5u", "7Mt"));
}

TEST_F(FieldsTest, TrueAndFalseSwitchSettingsWithAnImplicitValue) {
  set("exponential-smoothing", "true");
  EXPECT_EQ(o_.smoothing, 1e-4);
  set("exponential-smoothing", "false");
  EXPECT_EQ(o_.smoothing, 0);
  set("exponential-smoothing", "1e-3");
  EXPECT_EQ(o_.smoothing, 1e-3);
  set("sampling", "true");
  EXPECT_THAT(o_.sampling, ElementsAre("full", "1.0"));
  set("sampling", "false");
  EXPECT_THAT(o_.sampling, IsEmpty());
}

TEST_F(FieldsTest, ErrorsSayWhereWhatWasExpectedAndFound) {
  EXPECT_EQ(error("number", {{"five"}, true}),
            "train.yml line 7: number: expected a whole number from 1 to 10, found 'five'");
  EXPECT_EQ(error("number", {{"11"}, true}),
            "train.yml line 7: number: expected a whole number from 1 to 10, found '11'");
  EXPECT_EQ(error("number", {{"2.5"}, true}),
            "train.yml line 7: number: expected a whole number from 1 to 10, found '2.5'");
  EXPECT_EQ(error("number", {{"1", "2"}, false}),
            "train.yml line 7: number: expected a whole number from 1 to 10, found 2 values");
  EXPECT_EQ(error("number", {{}, false}),
            "train.yml line 7: number: expected a whole number from 1 to 10, found nothing");
  EXPECT_EQ(error("flag", {{"maybe"}, true}), "train.yml line 7: flag: expected true or false, found 'maybe'");
  EXPECT_EQ(error("learn-rate", {{"-1"}, true}),
            "train.yml line 7: learn-rate: expected a number of at least 0, found '-1'");
  EXPECT_EQ(error("learn-rate", {{"nan"}, true}),
            "train.yml line 7: learn-rate: expected a number of at least 0, found 'nan'");
  EXPECT_EQ(error("seed", {{"-1"}, true}), "train.yml line 7: seed: expected a whole number, found '-1'");
  EXPECT_EQ(error("kind", {{"gleu"}, true}),
            "train.yml line 7: kind: expected relu, gelu or swish, found 'gleu'; did you mean 'gelu'?");
  EXPECT_EQ(error("sizes", {{"1 -2"}, true}),
            "train.yml line 7: sizes: expected whole numbers of at least 0, found '-2'");
  EXPECT_THAT(error("period", {{"5 days"}, true}), HasSubstr("train.yml line 7: period: expected a period"));
  EXPECT_THAT(error("after", {{"10e,x"}, true}), HasSubstr("train.yml line 7: after: value: expected a period"));
  EXPECT_THAT(error("text", {{std::string("a\0b", 3)}, false}), HasSubstr("found a NUL character"));
  EXPECT_EQ(o_.number, 3) << "a refused value must not change the setting";
  EXPECT_THAT(o_.sizes, IsEmpty());
  EXPECT_FALSE(fields_.is_given("number"));
}

TEST_F(FieldsTest, AnUnknownNameSuggestsTheNearest) {
  EXPECT_EQ(error("lern-rate", {{"1"}, true}),
            "train.yml line 7: there is no setting 'lern-rate'; did you mean 'learn-rate'?");
  EXPECT_EQ(error("learn_rate", {{"1"}, true}),
            "train.yml line 7: there is no setting 'learn_rate'; did you mean 'learn-rate'?");
  EXPECT_EQ(error("quite-different", {{"1"}, true}), "train.yml line 7: there is no setting 'quite-different'");
  EXPECT_EQ(nearest_name("expo", {"seed", "exponential-smoothing"}), "exponential-smoothing");
  EXPECT_EQ(nearest_name("sede", {"seed", "exponential-smoothing"}), "seed");
  EXPECT_EQ(nearest_name("", {"seed"}), "");
  EXPECT_EQ(nearest_name(std::string(100000, 'x'), {"seed"}), "");
}

TEST_F(FieldsTest, YamlKeepsNumbersExact) {
  set("learn-rate", "0.1");
  EXPECT_EQ(fields_.find("learn-rate")->yaml(), "0.1");
  o_.rate = 1.0 / 3;
  const std::string text = fields_.find("learn-rate")->yaml();
  o_.rate = 0;
  set("learn-rate", text);
  EXPECT_EQ(o_.rate, 1.0 / 3);
}

TEST_F(FieldsTest, YamlQuotesWhatCouldBeMisread) {
  EXPECT_EQ(yaml_quoted("model/a_b.spm"), "model/a_b.spm");
  EXPECT_EQ(yaml_quoted(""), "\"\"");
  EXPECT_EQ(yaml_quoted("-"), "\"-\"");
  EXPECT_EQ(yaml_quoted("null"), "\"null\"");
  EXPECT_EQ(yaml_quoted("True"), "\"True\"");
  EXPECT_EQ(yaml_quoted("a: b"), "\"a: b\"");
  EXPECT_EQ(yaml_quoted("say \"\\\"\n"), "\"say \\\"\\\\\\\"\\x0a\"");
  o_.words = {"a, b", "c"};
  EXPECT_EQ(fields_.find("words")->yaml(), "[\"a, b\", c]");
}

TEST_F(FieldsTest, TheDefaultIsTheValueWhenDescribed) {
  set("number", "9");
  EXPECT_EQ(fields_.find("number")->default_yaml, "3");
  EXPECT_EQ(fields_.find("number")->yaml(), "9");
  EXPECT_TRUE(fields_.is_given("number"));
}

}  // namespace
}  // namespace dragoman
