#pragma once
// From a command's arguments and configuration files to settings that are in force.

#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"
#include "dragoman/error.h"

namespace dragoman {

/// Arguments that make no sense: the program ends with exit code 2 instead of 1.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// What a command says about itself, and what it accepts besides its own settings.
struct Command {
  std::string name;            ///< "train"
  std::string summary;         ///< one line
  std::string usage;           ///< what follows "dragoman train"
  std::string details;         ///< shown after the settings: an example, notes
  std::string arguments = {};  ///< the name of arguments without option, such as "FILE"; empty: there are none
  bool has_config = true;      ///< --config, --set and --dump-config
  bool has_tasks = false;      ///< --task
  std::vector<std::string> ignored =
      {};  ///< settings of Marian's that have no effect here: those that the model's own override, workspace
};

/// What parse_command_line leaves besides the settings.
struct Arguments {
  bool is_done = false;            ///< help or settings were printed: there is nothing more to do
  std::vector<std::string> files;  ///< arguments without option
  std::vector<std::string> notes;  ///< for the log: settings that were accepted and have no effect
};

/// Sets `fields` from, later over earlier: the task of a configuration file; the files of -c in order; a task given as
/// an option; --set and long options in order. Prints to `out` if --help or --dump-config ask for it. Throws
/// UsageError for bad arguments, and Error naming file, line and key for bad files.
Arguments parse_command_line(const Command& command, Fields& fields, const std::vector<std::string>& args,
                             std::ostream& out);

/// The help of a command: usage, settings by topic with defaults, example.
void print_help(const Command& command, const Fields& fields, std::ostream& out);

/// The same as a page in Markdown, for the documentation.
void print_markdown_help(const Command& command, const Fields& fields, std::ostream& out);

}  // namespace dragoman
