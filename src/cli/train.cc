#include "train/train.h"

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string_view>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"

namespace dragoman {

Parsed<TrainSettings> parse_train(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{
      .name = "train",
      .summary = "Trains a model on a parallel corpus, or continues where an earlier run stopped",
      .usage = "[-c CONFIG.yml] [-m MODEL] -t SOURCE TARGET [OPTION]...",
      .details =
          "Settings have Marian's names and meanings, so that its configurations run here; those marked (ours) are "
          "new.\n"
          "Periods: 1000u updates, 5Mt target tokens, 20e epochs. Example:\n"
          "  dragoman train -m model -t train.en train.de --valid-sets valid.en valid.de --task transformer-base\n"
          "  dragoman train -c configs/multi30k.yml --set seed=2 --dump-config minimal\n",
      .has_tasks = true};
  Parsed<TrainSettings> parsed;
  Fields fields = describe(parsed.settings);
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (!parsed.is_done) complete(parsed.settings);
  return parsed;
}

int train_command(const std::vector<std::string>& args) {
  const auto parsed = parse_train(args, std::cout);
  if (parsed.is_done) return 0;
  const TrainSettings& settings = parsed.settings;
  std::signal(SIGPIPE, SIG_IGN);  // a closed log must not end days of training
  start_log(settings.general, parsed.notes);
  TextSink bar;
  if (!settings.general.quiet && ::isatty(STDERR_FILENO) == 1) {
    bar = [](std::string_view text) { std::cerr << text << std::flush; };
  }
  const TrainingEnd end = train(settings, std::move(bar));
  return end.signal == 0 ? 0 : 128 + end.signal;
}

}  // namespace dragoman
