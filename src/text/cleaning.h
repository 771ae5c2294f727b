#pragma once
// What is wrong with lines of text, what is done about it, and how often it was.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

/// Flaws of a line that do not stop the program. Each is counted, and the first place of each is remembered.
enum class Flaw {
  invalid_utf8,  ///< each byte that belongs to no valid sequence was replaced by U+FFFD
  nul,           ///< NUL characters were replaced by spaces
  long_line,     ///< more bytes than the reader's limit: cut there, and a training pair with such a line is skipped
  empty,         ///< a training pair was skipped since a side has no text (or no tokens)
  too_long,      ///< a training pair was skipped since a side has more tokens than max-length
  cropped,       ///< a side was cropped to max-length
};
inline constexpr int flaw_count = 6;

/// How many lines had each flaw, and where the first was.
class CleaningReport {
 public:
  struct Entry {
    std::int64_t count = 0;  ///< lines (not characters) with the flaw
    std::string file;        ///< of the first
    std::int64_t line = 0;   ///< of the first, from 1
  };

  void count(Flaw flaw, const std::string& file, std::int64_t line);
  /// Adds what another reader found after this one.
  void add(const CleaningReport& other);

  const Entry& operator[](Flaw flaw) const { return entries_[std::size_t(flaw)]; }
  /// One sentence for each flaw that occurred: "3 lines with invalid UTF-8, replaced by U+FFFD (first: a.de line 7)".
  std::vector<std::string> sentences() const;
  /// The sentences as warnings of the program's log.
  void log() const;

 private:
  std::array<Entry, flaw_count> entries_;
};

/// Replaces each byte of `line` that belongs to no valid UTF-8 sequence by U+FFFD; true if there was one.
bool repair_utf8(std::string& line);
/// Replaces NUL by space; true if there was one.
bool repair_nul(std::string& line);
/// Whether there is anything but spaces, tabs, and the like.
bool is_blank(const std::string& line);
/// Shortens `line` to at most `bytes`, not within a character.
void cut_at_character(std::string& line, std::size_t bytes);

}  // namespace dragoman
