#include "train/train.h"

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/any_model.h"
#include "format/config_yaml.h"
#include "format/ctranslate2_import.h"
#include "format/option_fields.h"

namespace dragoman {
namespace {

/// Settings of the model that were not given are those of the model to start from.
void adopt_pretrained(Fields& fields, const TrainSettings& settings) {
  const std::string& path = settings.training.pretrained_model;
  if (path.empty() || !file_exists(path)) return;
  const bool ours = !is_marian_model(path) && !is_ctranslate2_directory(path);
  ModelOptions options;
  const Fields theirs = describe(options);
  options = ours ? load_model_config(path).options : load_any_model(path).config.options;
  for (const Field& field : theirs.all()) {
    const bool of_data =
        field.name == "dim-vocabs" || (field.name == "max-length" && !options.transformer_train_position_embeddings);
    if (of_data || fields.is_given(field.name)) continue;
    fields.set(field.name, parse_config_value(field.yaml(), path), path);
  }
}

}  // namespace

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
  if (parsed.is_done) return parsed;
  adopt_pretrained(fields, parsed.settings);
  complete(parsed.settings);
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
