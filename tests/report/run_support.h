#pragma once
// Metrics files of made-up runs.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "report/run_reader.h"

namespace dragoman {

/// A line of a train record: 100 tokens and half a second an update, ten updates an epoch.
inline std::string train_line(int update, double loss) {
  return fmt::format(
      R"({{"type":"train","epoch":{},"update":{},"tokens":{},"seconds":{},"loss":{},"learning_rate":0.001,)"
      R"("gradient_norm":0.5,"tokens_per_second":200.5,"skipped":{}}})",
      (update - 1) / 10 + 1, update, 100 * update, 0.5 * update, loss, update / 20);
}

inline std::string valid_line(int update, const std::string& metric, double value, int stalled) {
  return fmt::format(
      R"({{"type":"valid","epoch":{},"update":{},"tokens":{},"seconds":{},"metric":"{}","value":{},"best":1,)"
      R"("stalled":{}}})",
      (update - 1) / 10 + 1, update, 100 * update, 0.5 * update, metric, value, stalled);
}

inline std::string sample_line(int update, int line, const std::string& output) {
  return fmt::format(
      R"({{"type":"sample","epoch":{},"update":{},"tokens":{},"seconds":{},"line":{},"source":"s","reference":"r",)"
      R"("output":"{}"}})",
      (update - 1) / 10 + 1, update, 100 * update, 0.5 * update, line, output);
}

inline std::string start_line(int update, const std::string& settings = "{}") {
  return fmt::format(
      R"({{"type":"start","epoch":1,"update":{},"tokens":{},"seconds":{},"time":"2026-11-23T10:00:{:02}Z",)"
      R"("settings":{}}})",
      update, 100 * update, 0.5 * update, update % 60, settings);
}

inline std::string end_line(int update, const std::string& reason) {
  return fmt::format(
      R"({{"type":"end","epoch":1,"update":{},"tokens":{},"seconds":{},"time":"2026-11-23T11:00:00Z","reason":"{}"}})",
      update, 100 * update, 0.5 * update, reason);
}

class RunFiles : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("dragoman-report-" + std::to_string(::getpid()));
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text, const std::string& name = "metrics.jsonl") {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  RunHistory run_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return read_run(write(text));
  }

  static std::string error_of(const std::string& path) {
    try {
      read_run(path);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
};

}  // namespace dragoman
