#pragma once
// Pairs of lines that translate each other, out of two files or one file of tab-separated columns.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "text/cleaning.h"
#include "text/line_reader.h"

namespace dragoman {

/// A source line and its translation, as text.
struct TextPair {
  std::string source, target;
  std::int64_t line = 0;  ///< from 1
  std::string alignment = {};
  bool operator==(const TextPair&) const = default;
};

/// Where pairs are read from.
struct PairFiles {
  std::vector<std::string> files;  ///< source and target; or one file of tab-separated columns; "-": standard input
  bool tsv = false;                ///< standard input as the only file is always taken for tab-separated
  int tsv_fields = 0;              ///< columns that each line must have at least, 0: two; the first two are used
  std::string alignment = {};      ///< a file with a line about each pair; empty: none

  bool is_tsv() const { return tsv || (files.size() == 1 && is_standard_input(files[0])); }
  bool has_standard_input() const;
};

/// Throws Error unless `files` names two files or, for tab-separated columns, one. `setting` is named in the text.
void check(const PairFiles& files, const std::string& setting);

/// Which pairs PairReader gives.
enum class PairSelection {
  usable,  ///< for training: not those with an empty side or a line over the limit in bytes
  all      ///< for validation and scoring: as many pairs as there are lines
};

/// Reads pairs in order, cleaned as LineReader does. Throws Error if one file has more lines than the other (with
/// both names and counts, as soon as one ends; the alignment too), or a line has too few columns (with file, line and
/// both counts).
class PairReader {
 public:
  explicit PairReader(const PairFiles& files, PairSelection selection = PairSelection::usable,
                      LineReaderOptions options = {});

  /// The next pair; false at the end.
  bool next(TextPair& pair);

  /// Lines read so far.
  std::int64_t line_number() const { return source_.line_number(); }
  /// Name of the alignment's file. REQUIRES: there is one.
  const std::string& alignment_name() const { return alignment_->name(); }
  /// Name of the source's (side 0) or the target's file, for messages.
  const std::string& name(int side) const { return side == 1 && target_ ? target_->name() : source_.name(); }
  /// What the lines read so far were found to suffer from.
  CleaningReport report() const;

 private:
  bool read(TextPair& pair);
  bool read_text(TextPair& pair);
  [[noreturn]] static void fail_on_unequal_counts(LineReader& one, LineReader& other, const char* relation);

  int tsv_fields_;
  PairSelection selection_;
  LineReader source_;                   ///< or the only file
  std::unique_ptr<LineReader> target_;  ///< null with tab-separated columns
  std::unique_ptr<LineReader> alignment_;
  std::string row_;
  CleaningReport skipped_;
};

}  // namespace dragoman
