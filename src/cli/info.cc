#include <iostream>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "cli/version.h"
#include "translate/model_info.h"

namespace dragoman {

Parsed<InfoSettings> parse_info(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{.name = "info",
                        .summary = "Shows what a model holds, or without one what the program runs on",
                        .usage = "[MODEL [--tensors]]",
                        .details =
                            "A model is a directory, ours or of CTranslate2, or a file of Marian's (.npz, .bin).\n"
                            "Examples:\n"
                            "  dragoman info --tensors model\n"
                            "  dragoman info en-pt/model.bin\n",
                        .arguments = "MODEL",
                        .has_config = false};
  Parsed<InfoSettings> parsed;
  Fields fields;
  fields.group("Info options");
  fields.add("vocabs", parsed.settings.vocabs, "source and target vocabulary; default: the model's own",
             {.short_name = 'v', .is_path = true});
  fields.add("tensors", parsed.settings.tensors, "list all tensors with their type and shape");
  const Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  if (parsed.is_done) return parsed;
  if (arguments.files.size() > 1) {
    throw UsageError(fmt::format("info: expected one model, found {}", arguments.files.size()));
  }
  if (arguments.files.empty() && parsed.settings.tensors) {
    throw UsageError("info: expected a model whose tensors to list, found none");
  }
  if (!arguments.files.empty()) parsed.settings.model_path = arguments.files[0];
  return parsed;
}

int info_command(const std::vector<std::string>& args) {
  const auto parsed = parse_info(args, std::cout);
  if (parsed.is_done) return 0;
  const InfoSettings& s = parsed.settings;
  if (s.model_path.empty()) {
    std::cout << "dragoman " << program_version << "\n" << describe_engine();
  } else {
    std::cout << describe_model(s.model_path, s.vocabs, s.tensors);
  }
  return 0;
}

}  // namespace dragoman
