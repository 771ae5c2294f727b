#include <iostream>
#include <utility>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"

namespace dragoman {

void add_conversion_fields(Fields& fields, ConvertSettings& s) {
  fields.add("model", s.model, "the model: a directory of ours or of CTranslate2, or a file of Marian's",
             {.short_name = 'm', .is_path = true});
  fields.add("output", s.output, "the directory to write", {.short_name = 'o', .is_path = true});
  fields.add("overwrite", s.overwrite, "replace a model directory that is there already");
  fields.add("vocabs", s.vocabs, "source and target SentencePiece models; default: the model's own",
             {.short_name = 'v', .is_path = true});
}

void check_conversion(const ConvertSettings& s, const std::string& command) {
  if (s.model.empty()) throw UsageError(command + ": expected a model (-m), found none");
  if (s.output.empty()) throw UsageError(command + ": expected a directory to write (-o), found none");
}

Parsed<ConvertSettings> parse_convert(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{.name = "convert",
                        .summary = "Writes a model in the format of another engine, or one of another engine in ours",
                        .usage = "-m MODEL --to FORMAT -o DIRECTORY [--quantize int8]",
                        .details =
                            "A model is a directory, ours or of CTranslate2, or a file of Marian's (.npz, .bin).\n"
                            "What is written computes the same (quantised, nearly), or "
                            "the error names the setting that the other engine has not. Examples:\n"
                            "  dragoman convert -m models/en-de --to ctranslate2 -o en-de.ct2\n"
                            "  dragoman convert -m models/en-de --to ctranslate2 --quantize int8 -o en-de.int8\n"
                            "  dragoman convert -m opus.ct2 --to safetensors -o models/opus\n"
                            "  dragoman convert -m model.npz -v vocab.spm vocab.spm --to safetensors -o models/en-pt\n"
                            "  dragoman convert -m models/en-de --to marian -o en-de.marian\n",
                        .has_config = false};
  Parsed<ConvertSettings> parsed;
  ConvertSettings& s = parsed.settings;
  Fields fields;
  add_fields(fields, s.general);
  fields.group("Conversion options");
  add_conversion_fields(fields, s);
  fields.add(
      "to", s.to,
      "ctranslate2, marian, or safetensors: a directory as dragoman train makes it, but for what is needed to go on "
      "training",
      {.values = conversion_targets()});
  fields.add("quantize", s.quantize,
             "int8: matrices in eight bits with a scale for each row; float16 and bfloat16: half of the size; to "
             "ctranslate2 also int16 (matrices with a scale for each); none: as they are. See dragoman quantize --help",
             {.values = {"none", "int8", "int16", "float16", "bfloat16"}});
  fields.add(
      "calibration", s.calibration,
      "with int8 to safetensors: a text like those that will be translated; how large numbers become in it fixes "
      "at which scale they are rounded (default: each at its own)",
      {.is_path = true});
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (parsed.is_done) return parsed;
  check_conversion(s, command.name);
  if (s.to.empty()) throw UsageError("convert: expected what to convert to (--to), found nothing");
  return parsed;
}

int convert_command(const std::vector<std::string>& args) {
  const auto parsed = parse_convert(args, std::cout);
  if (parsed.is_done) return 0;
  start_log(parsed.settings.general, parsed.notes);
  convert_model(parsed.settings);
  return 0;
}

}  // namespace dragoman
