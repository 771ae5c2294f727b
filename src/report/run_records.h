#pragma once
// One line of a metrics file, taken apart.

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "report/run_history.h"

namespace dragoman {

/// Complaints about the lines of a file, those of a kind counted together.
class LineWarnings {
 public:
  explicit LineWarnings(std::string path) : path_(std::move(path)) {}

  void add(std::size_t line, const std::string& what);

  /// "metrics.jsonl line 7: no field 'loss' (and 3 more lines)", by line.
  std::vector<std::string> texts() const;

 private:
  struct Count {
    std::size_t first = 0, lines = 0;
  };
  std::string path_;
  std::map<std::string, Count> kinds_;
};

/// Takes fields out of a record and complains of those that are not what they should be.
class RecordFields {
 public:
  RecordFields(const nlohmann::ordered_json& record, std::size_t line, LineWarnings& warnings)
      : record_(record), line_(line), warnings_(warnings) {}

  /// NaN if there is none, with a warning unless it is null, which stands for a number that is not finite.
  double number(const char* name) const;
  /// The same without a warning if there is no such field: files of older versions have none.
  double optional_number(const char* name) const;
  std::optional<std::string> text(const char* name) const;
  /// A whole number from 0.
  std::optional<std::uint64_t> count(const char* name) const;
  std::optional<RunPosition> position() const;

 private:
  void complain(const char* name, const char* expected) const;

  const nlohmann::ordered_json& record_;
  std::size_t line_;
  LineWarnings& warnings_;
};

}  // namespace dragoman
