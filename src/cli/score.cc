#include <csignal>
#include <iostream>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "translate/score_files.h"

namespace dragoman {

Parsed<ScoreSettings> parse_score(const std::vector<std::string>& args, std::ostream& out) {
  ModelOptions model;
  Fields of_model = describe(model);
  std::vector<std::string> ignored = of_model.names();
  ignored.emplace_back("workspace");
  Parsed<ScoreSettings> parsed;
  Fields fields = describe(parsed.settings);
  const Command command{
      .name = "score",
      .summary = "Prints how probable given translations are: the log-probability of each pair, or one figure for all",
      .usage = "-m MODEL -t SOURCE TARGET [OPTION]...",
      .details =
          "Examples:\n"
          "  dragoman score -m model -t test.en test.de > scores.txt\n"
          "  dragoman score -m model -t test.en test.de --summary perplexity\n",
      .ignored = std::move(ignored)};
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (!parsed.is_done) complete(parsed.settings);
  return parsed;
}

int score_command(const std::vector<std::string>& args) {
  const auto parsed = parse_score(args, std::cout);
  if (parsed.is_done) return 0;
  std::signal(SIGPIPE, SIG_IGN);  // a closed output is noticed where it is written
  start_log(parsed.settings.general, parsed.notes);
  return score_files(parsed.settings);
}

}  // namespace dragoman
