#include <csignal>
#include <iostream>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "translate/translate_files.h"

namespace dragoman {

Parsed<TranslateSettings> parse_translate(const std::vector<std::string>& args, std::ostream& out) {
  ModelOptions model;
  Fields of_model = describe(model);
  std::vector<std::string> ignored = of_model.names();
  ignored.emplace_back("workspace");
  Parsed<TranslateSettings> parsed;
  Fields fields = describe(parsed.settings);
  const Command command{.name = "translate",
                        .summary = "Translates text, a line for each line",
                        .usage = "-m MODEL... [-i FILE] [-o FILE] [OPTION]...",
                        .details =
                            "Examples:\n"
                            "  dragoman translate -m model -b 5 -n 1 < source.txt > translation.txt\n"
                            "  dragoman translate -m model1 model2 --n-best -i source.txt.gz -o lists.txt\n",
                        .ignored = std::move(ignored)};
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (!parsed.is_done) complete(parsed.settings);
  return parsed;
}

int translate_command(const std::vector<std::string>& args) {
  const auto parsed = parse_translate(args, std::cout);
  if (parsed.is_done) return 0;
  std::signal(SIGPIPE, SIG_IGN);  // a closed output is noticed where it is written
  start_log(parsed.settings.general, parsed.notes);
  return translate_files(parsed.settings);
}

}  // namespace dragoman
