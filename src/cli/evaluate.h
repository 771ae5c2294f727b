#pragma once
// `dragoman evaluate`: scores translations against references.

#include <string>
#include <vector>

namespace dragoman {

/// Runs the subcommand with what follows its name on the command line, prints to standard output, and returns the
/// exit status. Throws Error for bad options and files.
int evaluate_command(const std::vector<std::string>& arguments);

}  // namespace dragoman
