#include "train/average.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "dragoman/error.h"
#include "format/safetensors.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Average : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("dragoman-average-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, const std::vector<float>& w, std::int8_t constant = 5,
                   TensorShape shape = {2}) {
    const std::string path = folder_ / name;
    const std::vector<StoredTensor> tensors{stored_floats("w", std::move(shape), w),
                                            {"constant", ElementType::i8, {}, std::as_bytes(std::span(&constant, 1))}};
    write_safetensors(path, tensors, {{"name", name}});
    return path;
  }
  std::string error_of(const std::vector<std::string>& files) {
    try {
      average_checkpoints(files, folder_ / "out");
    } catch (const Error& e) {
      EXPECT_FALSE(fs::exists(folder_ / "out"));
      return e.what();
    }
    return "no error";
  }
};

TEST_F(Average, FloatsAreAveragedAndTheRestIsKept) {
  const std::vector<std::string> files{file("a", {1, 4}), file("b", {2, 4}), file("c", {6, -5})};
  const std::string to = folder_ / "out";
  average_checkpoints(files, to);
  const Safetensors result = Safetensors::open(to);
  EXPECT_THAT(result.floats("w"), ElementsAre(3, 1));
  EXPECT_EQ(result.tensor("constant").type, ElementType::i8);
  EXPECT_EQ(std::int8_t(result.tensor("constant").bytes[0]), 5);
  EXPECT_EQ(result.metadata().at("name"), "c");
}

TEST_F(Average, OneFileAveragesToItselfEvenInPlace) {
  const std::string path = file("a", {0.1f, -7});
  average_checkpoints(std::vector{path}, path);
  EXPECT_THAT(Safetensors::open(path).floats("w"), ElementsAre(0.1f, -7));
}

TEST_F(Average, DifferentModelsAreErrorsThatNameFileAndTensor) {
  const std::string a = file("a", {1, 2});
  EXPECT_THAT(error_of({}), HasSubstr("there are none"));
  EXPECT_THAT(error_of({a, file("b", {1, 2, 3}, 5, {3})}), AllOf(HasSubstr("/b: tensor 'w'"), HasSubstr("[3]")));
  EXPECT_THAT(error_of({a, file("c", {1, 2}, 6)}),
              AllOf(HasSubstr("/c: tensor 'constant'"), HasSubstr("not the same")));
  const std::vector<float> one{1};
  write_safetensors(folder_ / "d", std::vector{stored_floats("w", {1}, one)});
  EXPECT_THAT(error_of({a, folder_ / "d"}), AllOf(HasSubstr("/d: 1 tensors, but 2 in")));
  write_safetensors(folder_ / "e", std::vector{stored_floats("w", {1}, one), stored_floats("v", {1}, one)});
  EXPECT_THAT(error_of({a, folder_ / "e"}), HasSubstr("/e"));
}

}  // namespace
}  // namespace dragoman
