#pragma once
// The pairs to score: lines of two files or columns, or the candidates of n-best lists.

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "dragoman/translate_settings.h"
#include "text/pair_reader.h"

namespace dragoman {

/// A pair with the place where its output goes.
struct ScoreItem {
  TextPair pair;
  std::string list_line = {};  ///< the line of the n-best list that it is from
};

/// Reads what settings.train_sets name. With n-best, the second file has lines "N ||| text ||| features ||| score" for
/// source line N (from 0, in order); the source must then be a file of its own.
class ScoreInput {
 public:
  /// Throws Error if settings do not fit together or a file cannot be opened. `stop`: see InputStream.
  ScoreInput(const ScoreSettings& settings, const std::stop_token& stop);

  /// The next pair; false at the end. Throws Error as PairReader does, and naming file and line for what is no line of
  /// an n-best list or belongs to no source line.
  bool next(ScoreItem& item);

  const std::string& name(int side) const;  ///< of the source's (0) or the target's file (1)
  CleaningReport report() const;

 private:
  bool next_candidate(ScoreItem& item);

  std::unique_ptr<PairReader> pairs_;
  std::unique_ptr<LineReader> source_, list_;  ///< with n-best
  std::string source_line_;
};

/// A line of an n-best list with one more feature, as Marian adds it: " FEATURE= score" behind the others.
std::string with_feature(const std::string& list_line, const std::string& feature, double score);

/// The same with an alignment, as Marian adds it: right behind the text.
std::string with_alignment(const std::string& list_line, const std::string& alignment);

}  // namespace dragoman
