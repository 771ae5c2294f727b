#pragma once
// Translations that look wrong, without knowing the right one; and a record of the lines where that was so.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "search/hypothesis.h"

namespace dragoman {

/// What a reader of the output should know of a line. Not errors: the line was translated.
enum class Suspicion {
  split,         ///< longer than max-length: translated in parts
  cropped,       ///< longer than max-length: the rest was left out
  prefix_cut,    ///< a forced prefix longer than the model can write was cut
  loop,          ///< the output repeats itself up to the length limit
  length_limit,  ///< the output was cut at the length limit, without such repetition
  empty,         ///< no output for a line with text
};
inline constexpr int suspicion_count = 6;

/// Whether the end of `tokens` is one phrase over and over: at least four times, and half of all tokens.
bool is_loop(std::span<const TokenId> tokens);

/// Which lines were suspicious.
class SuspicionReport {
 public:
  /// Counts a line, numbered from 1.
  void add(Suspicion suspicion, std::int64_t line);

  std::int64_t count(Suspicion suspicion) const { return entries_[std::size_t(suspicion)].count; }
  /// One sentence for each kind that occurred: "2 translations repeat themselves ... (lines 7, 12)".
  std::vector<std::string> sentences() const;
  /// The sentences as warnings in the log.
  void log() const;

 private:
  struct Entry {
    std::int64_t count = 0;
    std::vector<std::int64_t> lines;  ///< the first few
  };
  std::array<Entry, suspicion_count> entries_;
};

}  // namespace dragoman
