#pragma once
// The lines to translate, out of the files that the settings name.

#include <optional>
#include <stop_token>

#include "dragoman/translate_settings.h"
#include "text/line_reader.h"
#include "translate/translator.h"

namespace dragoman {

/// Reads source lines and, with force-decode, their prefixes: from a second file, or from the last column of
/// tab-separated values. Lines are cleaned as LineReader does, and have no limit that text would ever reach.
class SourceLines {
 public:
  /// `settings` must outlive it. Throws Error if a file cannot be opened. `stop`: see InputStream.
  SourceLines(const TranslateSettings& settings, const std::stop_token& stop);

  /// The next line; false at the end. Throws Error naming file and line for too few columns, and naming both files if
  /// one has more lines.
  bool next(SourceLine& line);

  CleaningReport report() const;

 private:
  void split_columns(SourceLine& line);

  const TranslateSettings& settings_;
  LineReader source_;
  std::optional<LineReader> prefixes_;
  std::string row_;
};

}  // namespace dragoman
