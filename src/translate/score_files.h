#pragma once
// What `dragoman score` does.

#include "dragoman/translate_settings.h"

namespace dragoman {

/// Writes the log-probability of each pair of lines, a line for each, to settings.output; or with a summary one
/// figure for all. Returns the exit code as translate_files does. Throws Error for everything that users can cause,
/// unequal numbers of lines among it.
int score_files(const ScoreSettings& settings);

}  // namespace dragoman
