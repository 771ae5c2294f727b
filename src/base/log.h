#pragma once
// The program's log: lines on standard error and, if asked for, in a file.
// Levels: trace, debug, info, warn, error, critical, off. Layers above base log through these and never print.

#include <spdlog/spdlog.h>

#include <string>

namespace dragoman {

/// Where log lines go. `file` empty: standard error only.
struct LogOptions {
  std::string level = "info";
  std::string file;
  bool quiet = false;  ///< nothing on standard error (the file still gets all)
};

/// Makes the log of this process. Until it is called, lines of level info and above go to standard error.
void set_up_log(const LogOptions& options);

namespace log {
using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;
}  // namespace log

}  // namespace dragoman
