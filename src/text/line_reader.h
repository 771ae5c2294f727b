#pragma once
// Lines of text out of files as they are found in the wild.

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "text/cleaning.h"
#include "text/input_stream.h"

namespace dragoman {

struct LineReaderOptions {
  std::size_t max_bytes = 1 << 20;  ///< longer lines are cut there, so that memory is bounded; 0: no limit
  std::stop_token stop = {};        ///< see InputStream
};

/// Reads a plain, gzip or zstd file, or standard input ("-" or "stdin"), line by line, and cleans each line:
/// a byte order mark at the start of the file and a CR before LF vanish; bytes that are no UTF-8 become U+FFFD, NUL
/// becomes a space, and lines over the limit are cut (each counted in report()). Lines end at LF only; the last may
/// lack it. Empty lines are given as they are.
class LineReader {
 public:
  explicit LineReader(const std::string& path, LineReaderOptions options = {});

  /// The next line into `line`; false at the end. Throws Error on truncated or corrupt compressed data.
  bool next(std::string& line);

  /// Number of the line read last, from 1; so after the end, how many there are.
  std::int64_t line_number() const { return line_number_; }
  /// Whether the line read last was over the limit in bytes, and so is not whole.
  bool line_was_cut() const { return line_was_cut_; }
  /// Whether the line read last had invalid UTF-8 or NUL.
  bool line_was_repaired() const { return line_was_repaired_; }

  const std::string& name() const { return input_.name(); }
  const CleaningReport& report() const { return report_; }

 private:
  bool next_raw(std::string& line);

  InputStream input_;
  LineReaderOptions options_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< what of the buffer is not yet given
  std::int64_t line_number_ = 0;
  bool line_was_cut_ = false;
  bool line_was_repaired_ = false;
  CleaningReport report_;
};

/// Column `index` (from 0) of a line of tab-separated values. Throws Error naming `file` and `line_number` if there
/// are fewer than `expected` columns.
std::string_view tsv_column(std::string_view line, int index, int expected, const std::string& file,
                            std::int64_t line_number);

}  // namespace dragoman
