#pragma once
// Boost.Program_options tables built from the description of settings.

#include <boost/program_options.hpp>
#include <deque>
#include <string>
#include <vector>

#include "base/fields.h"
#include "cli/command_line.h"

namespace dragoman {

/// One option as written: its long name and texts; an empty name is an argument without option.
struct WrittenOption {
  std::string name;
  std::vector<std::string> texts;
};

/// The settings that say how settings are read: they are options, and some may stand in files.
struct ReadingOptions {
  std::string help;         ///< "", text or markdown
  std::string dump_config;  ///< "", full or minimal
  std::vector<std::string> config;
  std::vector<std::string> set;
  std::vector<std::string> task;
  bool relative_paths = false;
  bool interpolate_env_vars = false;
};
Fields describe(ReadingOptions& options, const Command& command);

/// The options of a command for help, by topic.
boost::program_options::options_description option_table(const Command& command, const Fields& reading,
                                                         const Fields& fields);

/// Cuts arguments into options, in their order. Values are not looked at. Throws UsageError.
std::vector<WrittenOption> read_options(const Command& command, const Fields& reading, const Fields& fields,
                                        const std::vector<std::string>& args);

}  // namespace dragoman
