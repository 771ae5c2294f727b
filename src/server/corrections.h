#pragma once
// What users said should have been the translation, kept as JSON lines for learning later.

#include <optional>
#include <string>

namespace dragoman {

struct Correction {
  std::string source_language = {}, target_language = {};
  std::string source = {};                  ///< the text
  std::string translation = {};             ///< as the user wants it
  std::optional<std::string> machine = {};  ///< what we had proposed
  std::string id = {};                      ///< of the request
};

/// A file that lines are appended to, each whole and on the disk before add() returns. Readable by its owner only when
/// it is new. For use by one thread; other processes may append too.
class CorrectionsFile {
 public:
  /// Throws Error if the file cannot be written.
  explicit CorrectionsFile(const std::string& path);
  ~CorrectionsFile();
  CorrectionsFile(const CorrectionsFile&) = delete;
  CorrectionsFile& operator=(const CorrectionsFile&) = delete;

  /// Throws Error if it cannot be kept.
  void add(const Correction& correction);
  /// Takes back the correction with this id, by another line: {"time", "undo": id, "id"}. What was written stays, so
  /// that those who read the file must leave out lines whose id is undone later. Throws Error if it cannot be kept.
  void undo(const std::string& id, const std::string& request_id);
  const std::string& path() const { return path_; }

 private:
  void append(const std::string& text);

  std::string path_;
  int file_ = -1;
  bool is_broken_ = false;  // its last line
};

}  // namespace dragoman
