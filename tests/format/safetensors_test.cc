#include "format/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "dragoman/error.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The bytes of a file with this header and data.
std::string file_of(const std::string& json, const std::string& data = "") {
  const std::uint64_t size = json.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 8);
  return bytes + json + data;
}

Safetensors parse(const std::string& bytes) {
  return Safetensors::from_bytes(std::as_bytes(std::span(bytes.data(), bytes.size())), "a.safetensors");
}

std::string error_of(const std::string& bytes) {
  try {
    parse(bytes);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

class SafetensorsFiles : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("dragoman-safetensors-" + std::to_string(::getpid()));
  std::string path_ = folder_ / "a.safetensors";
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  /// A small file with several types, a scalar and an empty tensor.
  void write_sample() {
    static const std::vector<float> matrix{1, -2, 3.5f, 0, 1e-30f, -7}, scalar{42};
    static const std::vector<std::int8_t> small{-1, 2, 3};
    static const std::vector<std::int64_t> large{-5};
    const std::vector<StoredTensor> tensors{
        {"small", ElementType::i8, {3}, std::as_bytes(std::span(small))},
        stored_floats("matrix", {2, 3}, matrix),
        stored_floats("scalar", {}, scalar),
        {"large", ElementType::i64, {1}, std::as_bytes(std::span(large))},
        stored_floats("empty", {0, 4}, {}),
    };
    write_safetensors(path_, tensors, {{"format", "dragoman"}, {"text", "quote \" and ü\n"}});
  }
};

TEST_F(SafetensorsFiles, WhatIsWrittenReadsBack) {
  write_sample();
  const Safetensors file = Safetensors::open(path_);
  EXPECT_EQ(file.tensors().size(), 5u);
  EXPECT_THAT(file.floats("matrix", TensorShape{2, 3}), ElementsAre(1, -2, 3.5f, 0, 1e-30f, -7));
  EXPECT_THAT(file.floats("scalar", TensorShape{}), ElementsAre(42));
  EXPECT_TRUE(file.floats("empty").empty());
  EXPECT_EQ(file.tensor("empty").shape, (TensorShape{0, 4}));
  EXPECT_EQ(file.tensor("small").type, ElementType::i8);
  EXPECT_EQ(std::int8_t(file.tensor("small").bytes[0]), -1);
  EXPECT_EQ(file.tensor("large").size(), 1u);
  EXPECT_FALSE(file.contains("other"));
  EXPECT_EQ(file.metadata(),
            (std::map<std::string, std::string>{{"format", "dragoman"}, {"text", "quote \" and ü\n"}}));
}

TEST_F(SafetensorsFiles, DataAreAlignedAndTheHeaderIsPaddedWithSpaces) {
  write_sample();
  const std::string bytes = read_file(path_);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0u);
  EXPECT_EQ(bytes[8], '{');
  const Safetensors file = Safetensors::open(path_);
  for (const StoredTensor& tensor : file.tensors()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % bytes_of(tensor.type), 0u) << tensor.name;
  }
}

TEST_F(SafetensorsFiles, ErrorsOfAccessNameFileTensorAndWhatWasExpected) {
  write_sample();
  const Safetensors file = Safetensors::open(path_);
  const auto error = [](auto access) -> std::string {
    try {
      access();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_THAT(error([&] { file.tensor("other"); }), AllOf(HasSubstr(path_), HasSubstr("no tensor 'other'")));
  EXPECT_THAT(error([&] {
                file.floats("matrix", TensorShape{3, 2});
              }),
              AllOf(HasSubstr("'matrix'"), HasSubstr("[2, 3], expected [3, 2]")));
  EXPECT_THAT(error([&] { file.floats("small"); }), AllOf(HasSubstr("'small'"), HasSubstr("I8, expected F32")));
  std::vector<float> five(5);
  EXPECT_THAT(error([&] { file.read_floats("matrix", five); }), HasSubstr("6 numbers, expected 5"));
}

TEST_F(SafetensorsFiles, NamesThatCannotBeStoredAreErrorsAndLeaveNoFile) {
  const std::vector<float> one{1};
  for (const std::string name : {"", "__metadata__", "\xff"}) {
    EXPECT_THROW(write_safetensors(path_, std::vector{stored_floats(name, {1}, one)}), Error) << name;
  }
  EXPECT_THROW(write_safetensors(path_, std::vector{stored_floats("a", {1}, one), stored_floats("a", {1}, one)}),
               Error);
  EXPECT_THROW(write_safetensors(path_, std::vector{stored_floats("a", {1}, one)}, {{"text", "\xff"}}), Error);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST(Safetensors, HalfAndDoublePrecisionConvertToFloat) {
  const std::uint16_t f16[] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0x7e00};
  const std::uint16_t bf16[] = {0x3f80, 0xc040};
  const double f64[] = {0.1, -1e300};
  std::string data(reinterpret_cast<const char*>(f64), sizeof f64);
  data.append(reinterpret_cast<const char*>(f16), sizeof f16).append(reinterpret_cast<const char*>(bf16), sizeof bf16);
  const std::string bytes = file_of(
      R"({"d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"h":{"dtype":"F16","shape":[8],"data_offsets":[16,32]},)"
      R"("b":{"dtype":"BF16","shape":[2],"data_offsets":[32,36]}})",
      data);
  const Safetensors file = parse(bytes);
  const auto h = file.floats("h");
  EXPECT_THAT(std::vector(h.begin(), h.begin() + 6), ElementsAre(1, -2, 65504, 0x1p-24f, 1023 * 0x1p-24f, 0));
  EXPECT_TRUE(std::signbit(h[5]));
  EXPECT_EQ(h[6], std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(h[7]));
  EXPECT_THAT(file.floats("b"), ElementsAre(1, -3));
  EXPECT_THAT(file.floats("d"), ElementsAre(0.1f, -std::numeric_limits<float>::infinity()));
}

TEST(Safetensors, UnalignedDataAndOrdersOfOtherWritersAreRead) {
  const float value = 1.5f;
  const std::string data = "x" + std::string(reinterpret_cast<const char*>(&value), 4);
  const std::string bytes = file_of(R"({ "f":{"shape":[1],"data_offsets":[1,5],"dtype":"F32"},
      "c":{"dtype":"U8","shape":[1,1],"data_offsets":[0,1]} }  )",
                                    data);
  EXPECT_THAT(parse(bytes).floats("f"), ElementsAre(1.5f));
  EXPECT_TRUE(parse(file_of("{}")).tensors().empty());
}

TEST(Safetensors, EveryDefectOfAHeaderIsAnErrorThatSaysWhatIsWrong) {
  const auto tensor = [](const std::string& inside) { return "{\"w\":{" + inside + "}}"; };
  const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])", data(8, '\1');
  ASSERT_EQ(error_of(file_of(tensor(good), data)), "no error");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "0 bytes, expected at least 8"},
      {std::string("\x40\0\0\0\0\0\0\0{", 9), "the header has 64 bytes, but only 1 follow"},
      {std::string("\0\0\0\0\0\0\0\x40{", 9), "at most 100000000"},
      {file_of(""), "does not begin with '{'"},
      {file_of(" {}"), "does not begin with '{'"},
      {file_of("[]"), "does not begin with '{'"},
      {file_of("{"), "not valid JSON"},
      {file_of("{}x"), "not valid JSON"},
      {file_of(std::string("{}\0x", 4)), "NUL byte"},
      {file_of("{\"\xff\":1}"), "not valid JSON"},
      {file_of(R"({"w":3})"), "'w' in the header is 3, expected an object"},
      {file_of(R"({"w":[]})"), "'w' in the header is an array"},
      {file_of(R"({"w":null})"), "'w' in the header is null"},
      {file_of(R"({"__metadata__":{"a":1}})"), "'a' is 1, expected a text"},
      {file_of(R"({"__metadata__":{"a":{}}})"), "'a' is an object, expected a text"},
      {file_of(R"({"__metadata__":{"a":"1","a":"2"}})"), "__metadata__: the key 'a' occurs twice"},
      {file_of(R"({"__metadata__":{},"__metadata__":{}})"), "'__metadata__' occurs twice"},
      {file_of("{\"w\":{" + good + "},\"w\":{" + good + "}}", data), "'w' occurs twice"},
      {file_of(tensor(good + ",\"dtype\":\"F32\""), data), "tensor 'w': the key 'dtype' occurs twice"},
      {file_of(tensor(good + ",\"other\":1"), data), "tensor 'w': unknown key 'other'"},
      {file_of(tensor(R"("dtype":"F32","shape":[2])"), data), "tensor 'w': 'data_offsets' is missing"},
      {file_of(tensor(R"("dtype":"F99","shape":[2],"data_offsets":[0,8])"), data), "unknown dtype 'F99'"},
      {file_of(tensor(R"("dtype":7,"shape":[2],"data_offsets":[0,8])"), data), "'dtype' is 7, expected a text"},
      {file_of(tensor(R"("dtype":["F32"],"shape":[2],"data_offsets":[0,8])"), data), "'dtype' is an array"},
      {file_of(tensor(R"("dtype":"F32","shape":2,"data_offsets":[0,8])"), data), "'shape' is 2, expected an array"},
      {file_of(tensor(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), data), "-2 in its shape"},
      {file_of(tensor(R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"), data), "2.0 in its shape"},
      {file_of(tensor(R"("dtype":"F32","shape":[[2]],"data_offsets":[0,8])"), data), "an array in its shape"},
      {file_of(tensor(R"("dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8])"), data), "too large"},
      {file_of(tensor(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8])"), data), "too large"},
      {file_of(tensor(R"("dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8])"), data), "too large"},
      {file_of(tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), data), "F32 [3] takes 12 bytes"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), data), "1 data_offsets"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8,8])"), data), "more than two data_offsets"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), data), "data_offsets [8, 0] do not lie"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,16])"), data), "do not lie in the 8 bytes"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[-8,0])"), data), "-8 in its data_offsets"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), data), "4 unused bytes between the start"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), data), "4 bytes follow tensor 'w'"},
      {file_of(
           R"({"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"U8","shape":[1],"data_offsets":[7,8]}})",
           data),
       "tensor 'w': its data begin at 7, inside of tensor 'v'"},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_THAT(error_of(bytes), AllOf(HasSubstr("a.safetensors: "), HasSubstr(expected))) << bytes;
  }
}

TEST(Safetensors, DeepNestingIsRefusedAtOnce) {
  EXPECT_THAT(error_of(file_of("{\"w\":" + std::string(1'000'000, '['))), HasSubstr("'w' in the header is an array"));
  EXPECT_THAT(error_of(file_of("{\"w\":{\"shape\":" + std::string(1'000'000, '['))),
              HasSubstr("an array in its shape"));
}

// The two halves of tests/e2e/safetensors_python_test.py, which names the files.
TEST(SafetensorsExchange, WritesASampleForThePythonPackage) {
  const char* path = std::getenv("DRAGOMAN_SAFETENSORS_SAMPLE");
  if (path == nullptr) GTEST_SKIP() << "DRAGOMAN_SAFETENSORS_SAMPLE is not set";
  std::vector<float> ramp(24);
  std::iota(ramp.begin(), ramp.end(), -3.0f);
  const std::vector<std::int8_t> small{-128, 0, 127};
  const std::vector<StoredTensor> tensors{{"encoder.small", ElementType::i8, {3, 1}, std::as_bytes(std::span(small))},
                                          stored_floats("ramp", {2, 3, 4}, ramp),
                                          stored_floats("number", {}, std::span(ramp).first(1)),
                                          stored_floats("nothing", {0, 7}, {})};
  write_safetensors(path, tensors, {{"producer", "dragoman"}, {"text", "Grüße\n"}});
}

TEST(SafetensorsExchange, ReadsWhatThePythonPackageWrote) {
  const char* path = std::getenv("DRAGOMAN_SAFETENSORS_FOREIGN");
  if (path == nullptr) GTEST_SKIP() << "DRAGOMAN_SAFETENSORS_FOREIGN is not set";
  const Safetensors file = Safetensors::open(path);
  EXPECT_THAT(file.floats("single", TensorShape{2, 2}), ElementsAre(0.5f, -1, 2, 1e-20f));
  EXPECT_THAT(file.floats("double", TensorShape{3}), ElementsAre(1, 2, 3));
  EXPECT_THAT(file.floats("half", TensorShape{2}), ElementsAre(0.25f, -65504));
  EXPECT_EQ(file.tensor("bytes").type, ElementType::u8);
  EXPECT_EQ(file.tensor("truth").type, ElementType::boolean);
  EXPECT_EQ(file.tensor("long").type, ElementType::i64);
  EXPECT_EQ(file.metadata().at("by"), "python");
}

}  // namespace
}  // namespace dragoman
