#pragma once
// `dragoman evaluate`: scores translations against references.

#include <string>
#include <vector>

namespace dragoman {

/// Runs the subcommand with what follows its name on the command line, prints to standard output, and returns the
/// exit status. Throws UsageError for bad options, Error for bad files.
int evaluate_command(const std::vector<std::string>& arguments);

}  // namespace dragoman
