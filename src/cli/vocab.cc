#include <iostream>
#include <utility>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "text/vocabulary_training.h"

namespace dragoman {

Parsed<VocabSettings> parse_vocab(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{.name = "vocab",
                        .summary = "Learns a SentencePiece vocabulary from text files (.gz and .zst too)",
                        .usage = "[--size N] [--type unigram|bpe] [-o FILE] FILE...",
                        .details =
                            "Learning from both sides of a corpus at once makes a joint vocabulary. Example:\n"
                            "  dragoman vocab --size 8000 --type bpe -o vocab.spm train.en.gz train.de.gz\n",
                        .arguments = "FILE"};
  Parsed<VocabSettings> parsed;
  VocabSettings& s = parsed.settings;
  Fields fields;
  add_fields(fields, s.general);
  add_fields(fields, s.vocabulary, "type");
  fields.add("size", s.size, "number of pieces; 0: 32000, or as many as a small corpus gives",
             {.short_name = 's', .min = 0, .max = 1e7});
  fields.add("output", s.output, "the vocabulary to write", {.short_name = 'o', .is_path = true});

  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  s.inputs = std::move(arguments.files);
  if (!parsed.is_done && s.inputs.empty()) throw UsageError("vocab: expected text files to learn from, found none");
  return parsed;
}

int vocab_command(const std::vector<std::string>& args) {
  const auto parsed = parse_vocab(args, std::cout);
  if (parsed.is_done) return 0;
  const VocabSettings& s = parsed.settings;
  start_log(s.general, parsed.notes);
  std::vector<VocabularyInput> inputs;
  for (const auto& path : s.inputs) inputs.push_back({.path = path});
  train_vocabulary(inputs, s.output, s.size, s.vocabulary);
  return 0;
}

}  // namespace dragoman
