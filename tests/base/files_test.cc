#include "base/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "dragoman/error.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("dragoman-files-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
};

TEST_F(Files, WrittenContentReadsBackWholeAndMapped) {
  const std::string path = folder_ / "new/folder/a.txt", content("a\0b\n", 4);
  write_atomically(path, content);
  EXPECT_EQ(read_file(path), content);
  const MappedFile mapped(path);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()), content);
}

TEST_F(Files, AFailedWriteKeepsTheOldContentAndLeavesNoOther) {
  const std::string path = folder_ / "a.txt";
  write_atomically(path, "old");
  EXPECT_THROW(write_atomically(path,
                                [](std::ostream& out) {
                                  out << "half";
                                  throw std::runtime_error("interrupted");
                                }),
               std::runtime_error);
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(Files, MissingFilesAndFoldersAreErrorsThatNameThePath) {
  for (const auto& path : {(folder_ / "none").string(), folder_.string()}) {
    try {
      read_file(path);
      FAIL();
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(path), std::string::npos) << e.what();
    }
    EXPECT_THROW(MappedFile{path}, Error);
  }
}

TEST_F(Files, AnEmptyFileMapsToNoBytes) {
  write_atomically(folder_ / "empty", "");
  EXPECT_TRUE(MappedFile(folder_ / "empty").bytes().empty());
}

}  // namespace
}  // namespace dragoman
