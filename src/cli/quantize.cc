#include <iostream>
#include <utility>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"

namespace dragoman {

Parsed<ConvertSettings> parse_quantize(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{
      .name = "quantize",
      .summary = "Writes a model with its weights in fewer bits",
      .usage = "-m MODEL -o DIRECTORY [--type int8|bfloat16|float16] [--calibration TEXT]",
      .details =
          "int8: matrices in eight bits with a scale for each of their outputs (each channel), at which its largest "
          "weight\n"
          "is 127. A quarter of the size, and products of integers, several times as fast. What goes into a product "
          "is\n"
          "rounded to eight bits too, at a scale that is\n"
          "  dynamic, the default: each row's own, at which its largest number is 127. Nothing is cut off, no text is\n"
          "      needed, and quality is best.\n"
          "  static, with --calibration TEXT: one for each matrix, found by translating up to 2,000 lines of a text:\n"
          "      127 / (mean + 1.1 standard deviations) of the rows' largest numbers, as in Marian; what is larger is "
          "cut\n"
          "      off. Costs about 0.1 BLEU, more where texts are unlike the one given; the look at each row that it\n"
          "      saves is too short to be measured. What is computed then is what Bergamot's models have computed.\n"
          "bfloat16, float16: matrices in half of the size, rounded to 8 or to 11 significant bits; products are in "
          "single\n"
          "precision as before. Those of bfloat16 are in bfloat16 with translate --gemm-precision bfloat16, where the\n"
          "processor can: 1.4 times as fast, with any model.\n"
          "Examples:\n"
          "  dragoman quantize -m models/en-de -o models/en-de.int8\n"
          "  dragoman quantize -m models/en-de --calibration valid.en -o models/en-de.static\n"
          "  dragoman quantize -m model.npz -v vocab.spm vocab.spm --type bfloat16 -o models/half\n",
      .has_config = false};
  Parsed<ConvertSettings> parsed;
  ConvertSettings& s = parsed.settings;
  s.to = "safetensors";
  s.quantize = "int8";
  Fields fields;
  add_fields(fields, s.general);
  fields.group("Quantisation options");
  add_conversion_fields(fields, s);
  fields.add("type", s.quantize, "what weights become", {.values = {"int8", "bfloat16", "float16"}});
  fields.add("calibration", s.calibration,
             "with int8: a text like those that will be translated, for static scales (default: dynamic ones)",
             {.is_path = true});
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (!parsed.is_done) check_conversion(s, command.name);
  return parsed;
}

int quantize_command(const std::vector<std::string>& args) {
  const auto parsed = parse_quantize(args, std::cout);
  if (parsed.is_done) return 0;
  start_log(parsed.settings.general, parsed.notes);
  convert_model(parsed.settings);
  return 0;
}

}  // namespace dragoman
