#include "train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "base/random.h"
#include "dragoman/error.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Checkpoint : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("dragoman-checkpoint-" + std::to_string(::getpid()));
  std::string path_ = training_state_path(folder_.string());
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::string error_of_loading(std::span<const NamedBlock> blocks) {
    try {
      load_training_state(path_, blocks);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
};

std::vector<float> random_floats(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(size);
  for (float& value : values) value = float(random.normal());
  return values;
}

TEST_F(Checkpoint, BlocksAndFactsReadBackAsTheSameBits) {
  std::vector<float> parameters = random_floats(1000, 1), moments = random_floats(1000, 2);
  SavedFields fields;
  fields.set_integer("updates", 12);
  fields.set_number("seconds", 0.1);
  save_training_state(path_, std::vector<NamedBlock>{{"parameters", parameters}, {"moments", moments}}, fields);
  std::vector<float> one(1000), other(1000);
  const SavedFields read = load_training_state(path_, std::vector<NamedBlock>{{"moments", other}, {"parameters", one}});
  EXPECT_EQ(one, parameters);
  EXPECT_EQ(other, moments);
  EXPECT_EQ(read.texts(), fields.texts());
  EXPECT_EQ(load_training_facts(path_).texts(), fields.texts());
}

TEST_F(Checkpoint, BlocksThatDoNotFitAreErrorsThatNameFileAndBlock) {
  std::vector<float> values(10), more(11);
  save_training_state(path_, std::vector<NamedBlock>{{"parameters", values}}, {});
  EXPECT_THAT(error_of_loading(std::vector<NamedBlock>{{"parameters", more}}),
              AllOf(HasSubstr(path_), HasSubstr("'parameters'"), HasSubstr("[10], expected [11]")));
  EXPECT_THAT(error_of_loading(std::vector<NamedBlock>{{"moments", values}}), HasSubstr("no tensor 'moments'"));
  fs::resize_file(path_, fs::file_size(path_) - 1);
  EXPECT_THAT(error_of_loading(std::vector<NamedBlock>{{"parameters", values}}), HasSubstr("truncated"));
  fs::remove(path_);
  EXPECT_THAT(error_of_loading(std::vector<NamedBlock>{{"parameters", values}}), HasSubstr("cannot open"));
}

TEST_F(Checkpoint, AMissingFactIsAnErrorThatNamesTheFile) {
  std::vector<float> values(1);
  save_training_state(path_, std::vector<NamedBlock>{{"parameters", values}}, {});
  try {
    load_training_facts(path_).integer("updates");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr(path_), HasSubstr("'updates' is missing")));
  }
}

// A process that does nothing but save is killed at some moment; what it leaves must be one of its states, whole.
TEST_F(Checkpoint, IsWholeOrAbsentAfterBeingKilled) {
  constexpr std::size_t size = 300'000;
  Random random(5);
  int found = 0;
  for (int round = 0; round < 25; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (std::uint64_t state = 1;; ++state) {
        std::vector<float> values(size, float(state)), moments(size, -float(state));
        SavedFields fields;
        fields.set_integer("updates", state);
        save_training_state(path_, std::vector<NamedBlock>{{"parameters", values}, {"moments", moments}}, fields);
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(30'000)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (!file_exists(path_)) continue;
    ++found;
    std::vector<float> values(size), moments(size);
    const SavedFields fields =
        load_training_state(path_, std::vector<NamedBlock>{{"parameters", values}, {"moments", moments}});
    const float state = float(fields.integer("updates"));
    EXPECT_EQ(values, std::vector<float>(size, state));
    EXPECT_EQ(moments, std::vector<float>(size, -state));
  }
  EXPECT_GT(found, 0);
}

TEST(Layout, DiffersWithNamesShapesAndOrder) {
  const auto layout = [](std::vector<std::pair<std::string, Shape>> list) {
    Parameters parameters;
    for (const auto& [name, shape] : list) parameters.add(name, shape, {});
    return layout_of(parameters);
  };
  EXPECT_EQ(layout({{"a", {2, 3}}, {"b", {4}}}), layout({{"a", {2, 3}}, {"b", {4}}}));
  EXPECT_NE(layout({{"a", {2, 3}}, {"b", {4}}}), layout({{"a", {3, 2}}, {"b", {4}}}));
  EXPECT_NE(layout({{"a", {2, 3}}, {"b", {4}}}), layout({{"b", {4}}, {"a", {2, 3}}}));
  EXPECT_NE(layout({{"a", {2, 3}}}), layout({{"c", {2, 3}}}));
}

}  // namespace
}  // namespace dragoman
