#include "format/ctranslate2_file.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/files.h"
#include "format/ctranslate2_support.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(const std::string& bytes) {
  try {
    parse_ctranslate2(bytes);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

RawVariable pair_of_floats(const std::string& name) { return raw_floats(name, {2}, {1, 2}); }

TEST(CTranslate2File, AllBinaryVersionsSayTheSame) {
  for (std::uint32_t version = 1; version <= 6; ++version) {
    const std::string bytes = raw_model(
        version, {raw_floats("a/weight", {2, 2}, {1, -2, 3, 0.5f}), {"b", {}, 1, raw(std::int8_t(-3))}}, {}, "Spec", 5);
    const CTranslate2File file = parse_ctranslate2(bytes);
    EXPECT_EQ(file.binary_version(), int(version));
    EXPECT_EQ(file.architecture(), version == 1 ? "" : "Spec");
    EXPECT_EQ(file.revision(), version == 1 ? 1 : 5);
    EXPECT_THAT(file.floats("a/weight", TensorShape{2, 2}), ElementsAre(1, -2, 3, 0.5f));
    EXPECT_EQ(file.number("b"), -3);
    EXPECT_EQ(file.number("c"), std::nullopt);
    EXPECT_EQ(file.variables().size(), 2u);
  }
}

TEST(CTranslate2File, AllTypesBecomeFloats) {
  const std::string bytes = raw_model(6, {{"f16", {3}, 4, raw(std::vector<std::uint16_t>{0x3400, 0xfbff, 0x0001})},
                                          {"bf16", {2}, 5, raw(std::vector<std::uint16_t>{0x3f80, 0xc000})},
                                          {"i32", {2}, 3, raw(std::vector<std::int32_t>{-70000, 5})},
                                          {"i8", {2, 2}, 1, raw(std::vector<std::int8_t>{127, -64, 1, -127})},
                                          raw_floats("i8_scale", {2}, {127, 2}),
                                          {"one", {2, 1}, 1, raw(std::vector<std::int8_t>{10, -20})},
                                          raw_floats("one_scale", {}, {10}),
                                          {"i16", {2}, 2, raw(std::vector<std::int16_t>{1024, -512})},
                                          raw_floats("i16_scale", {}, {512}),
                                          {"old", {2}, 2, raw(std::vector<std::int16_t>{1000, -250})}});
  const CTranslate2File file = parse_ctranslate2(bytes);
  EXPECT_THAT(file.floats("f16"), ElementsAre(0.25f, -65504, 0x1p-24f));
  EXPECT_THAT(file.floats("bf16"), ElementsAre(1, -2));
  EXPECT_THAT(file.floats("i32"), ElementsAre(-70000, 5));
  EXPECT_THAT(file.floats("i8"), ElementsAre(1, -64.0f / 127, 0.5f, -63.5f));
  EXPECT_THAT(file.floats("one"), ElementsAre(1, -2));
  EXPECT_THAT(file.floats("i16"), ElementsAre(2, -1));
  EXPECT_THAT(file.floats("old"), ElementsAre(1, -0.25f));
}

TEST(CTranslate2File, AliasesLeadToVariablesAndTheirScales) {
  const std::string bytes =
      raw_model(6, {{"a", {2}, 1, raw(std::vector<std::int8_t>{2, 4})}, raw_floats("a_scale", {2}, {2, 8})},
                {{"c", "b"}, {"b", "a"}});
  const CTranslate2File file = parse_ctranslate2(bytes);
  EXPECT_THAT(file.floats("c"), ElementsAre(1, 0.5f));
  EXPECT_EQ(file.find("c"), file.find("a"));
}

TEST(CTranslate2File, TextsAreCharacters) {
  const std::string bytes = raw_model(5, {{"unk_token", {5}, 1, "<unk>"}, pair_of_floats("f")});
  const CTranslate2File file = parse_ctranslate2(bytes);  // a view of them
  EXPECT_EQ(file.text("unk_token"), "<unk>");
  EXPECT_EQ(file.text("none"), std::nullopt);
  EXPECT_THROW(file.text("f"), Error);
  EXPECT_THROW(file.number("f"), Error);
}

TEST(CTranslate2File, ErrorsSayWhatIsWrongWhere) {
  const std::string good = raw_model(6, {pair_of_floats("v")}, {{"w", "v"}});
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    const std::size_t place = bytes.find(from);
    EXPECT_NE(place, std::string::npos);
    return bytes.replace(place, from.size(), to);
  };
  const std::string type_and_bytes = raw(std::uint8_t(0)) + raw(std::uint32_t(8));
  const std::pair<std::string, std::string> cases[] = {
      {"", "the header needs 4 bytes"},
      {raw(std::uint32_t(7)) + good.substr(4), "binary version 7, expected 1 to 6"},
      {raw(std::uint32_t(0)) + good.substr(4), "binary version 0"},
      {good.substr(0, 30), "truncated"},
      {good.substr(0, good.size() - 1), "truncated"},
      {good + "x", "1 bytes follow what should be the end"},
      {replaced(stored("v"), raw(std::uint16_t(0)) + "v" + '\0'), "a text of length 0"},
      {replaced(stored("v"), raw(std::uint16_t(2)) + "vv"), "does not end with NUL"},
      {replaced(type_and_bytes, raw(std::uint8_t(6)) + raw(std::uint32_t(8))), "variable 'v': type 6, expected 0 to 5"},
      {replaced(type_and_bytes, raw(std::uint8_t(0)) + raw(std::uint32_t(9))), "F32 [2] in 9 bytes, expected 8"},
      {raw_model(6, {{"big", std::vector<std::uint32_t>(8, 0xffffffffu), 0, "abcd"}}), "more than there can be"},
      {raw_model(6, {{"flat", std::vector<std::uint32_t>(9, 1), 0, "abcd"}}), "9 dimensions, expected at most 8"},
      {raw_model(6, {pair_of_floats("v"), pair_of_floats("v")}), "variable 'v': there are two of that name"},
      {raw_model(6, {pair_of_floats("")}), "is empty"},
      {raw_model(6, {pair_of_floats("v")}, {{"v", "v"}}), "alias 'v' is also the name of a variable"},
      {raw_model(6, {pair_of_floats("v")}, {{"a", "v"}, {"a", "v"}}), "alias 'a' is given twice"},
      {raw_model(6, {pair_of_floats("v")}, {{"a", "x"}}), "alias 'a': there is no variable 'x'"},
      {raw_model(6, {pair_of_floats("v")}, {{"a", "b"}, {"b", "a"}}), "alias 'a' leads back to 'a'"},
      {raw_model(6, {pair_of_floats("v")}, {{"a", "a"}}), "leads back to"},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_THAT(error_of(bytes), AllOf(HasSubstr("model.bin: "), HasSubstr(expected)));
  }
  std::string old = raw_model(3, {pair_of_floats("v")});
  const std::size_t size = old.find(raw(std::uint8_t(4)) + raw(std::uint32_t(2)));
  old[size] = 3;
  EXPECT_THAT(error_of(old), HasSubstr("elements of 3 bytes, expected 1, 2 or 4"));
}

TEST(CTranslate2File, NumbersThatCannotBeHadAreErrors) {
  const std::string bytes =
      raw_model(6, {{"i8", {2}, 1, "ab"}, {"j8", {2, 1}, 1, "ab"}, raw_floats("j8_scale", {3}, {1, 1, 1})});
  const CTranslate2File file = parse_ctranslate2(bytes);
  const auto error = [&](const std::string& name, const std::optional<TensorShape>& shape = std::nullopt) {
    try {
      file.floats(name, shape);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error("none", TensorShape{3}), HasSubstr("variable 'none' [3] is missing"));
  EXPECT_THAT(error("i8"), HasSubstr("variable 'i8' of I8 needs 'i8_scale', which is missing"));
  EXPECT_THAT(error("j8"), HasSubstr("variable 'j8_scale': 3 numbers, expected 1, or one for each of 2 rows"));
  EXPECT_THAT(error("j8", TensorShape{2}), HasSubstr("variable 'j8': shape [2, 1], expected [2]"));
}

TEST(CTranslate2File, RowsKeepTheirLargestMagnitude) {
  const std::vector<float> values{1, -2, 0.5f, 0, 0, 0, 1e-39f, 0, 0};
  const QuantizedRows rows = quantize_rows(values, 3);
  EXPECT_THAT(rows.scales, ElementsAre(63.5f, 1, ::testing::Gt(0.0f)));
  EXPECT_TRUE(std::isfinite(rows.scales[2]));
  EXPECT_THAT(std::span(rows.numbers).first(6), ElementsAre(64, -127, 32, 0, 0, 0));  // halves go to the even number
}

TEST(CTranslate2File, WhatIsWrittenIsReadAgain) {
  const std::string path = (std::filesystem::temp_directory_path() / "dragoman-ctranslate2-XXXXXX").string();
  std::string folder = path;
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  const std::vector<std::int8_t> small{7, -8};
  const std::vector<StoredTensor> variables{stored_floats("z", {2, 3}, numbers),
                                            {"a", ElementType::i8, {2}, std::as_bytes(std::span(small))},
                                            stored_floats("a_scale", {}, std::span(numbers).subspan(1, 1))};
  write_ctranslate2_file(folder + "/model.bin", "TransformerSpec", 7, variables, {{"y", "z"}});
  const CTranslate2File file = CTranslate2File::open(folder + "/model.bin");
  EXPECT_EQ(file.binary_version(), 6);
  EXPECT_EQ(file.revision(), 7);
  EXPECT_EQ(file.architecture(), "TransformerSpec");
  EXPECT_EQ(file.variables()[0].name, "a");
  EXPECT_THAT(file.floats("y", TensorShape{2, 3}), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(file.floats("a"), ElementsAre(3.5f, -4));
  const std::vector<StoredTensor> twice{variables[0], variables[0]};
  EXPECT_THROW(write_ctranslate2_file(folder + "/model.bin", "TransformerSpec", 7, twice), Error);
  EXPECT_THROW(write_ctranslate2_file(folder + "/model.bin", "TransformerSpec", 7, variables, {{"z", "a"}}), Error);
  EXPECT_THAT(CTranslate2File::open(folder + "/model.bin").variables().size(), 3u);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace dragoman
