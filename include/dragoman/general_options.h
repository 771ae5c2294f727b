#pragma once
// What every command has: where its log goes.

#include <string>

namespace dragoman {

/// Settings of the log, with Marian's names.
struct GeneralOptions {
  std::string log;                 ///< a file that gets the log lines too
  std::string log_level = "info";  ///< trace, debug, info, warn, error, critical or off
  bool quiet = false;              ///< nothing on standard error but errors; the log file still gets all
};

}  // namespace dragoman
