#pragma once
// What `dragoman translate` does.

#include "dragoman/translate_settings.h"

namespace dragoman {

/// Translates settings.input to settings.output: one line out for each line in (with n-best, one for each candidate),
/// in order. Reads, translates and writes maxi-batch times mini-batch lines at a time; a terminal line by line.
/// An output file is there only when it is whole. Returns the exit code: 0; 130 or 143 if SIGINT or SIGTERM ended it,
/// 1 if standard output was closed. Throws Error for everything that users can cause.
int translate_files(const TranslateSettings& settings);

}  // namespace dragoman
