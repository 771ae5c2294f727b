#include "format/shortlist.h"

#include <fmt/format.h>

#include <iostream>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "text/pair_reader.h"
#include "text/vocabulary.h"
#include "text/word_translation.h"

namespace dragoman {

Parsed<ShortlistSettings> parse_shortlist(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{
      .name = "shortlist",
      .summary = "Makes a lexical shortlist out of a parallel corpus",
      .usage = "-t SOURCE TARGET -v SOURCE_VOCABULARY TARGET_VOCABULARY -o FILE",
      .details =
          "Translating with it scores only likely translations of a sentence's words, which is faster.\n"
          "A FILE that ends in .txt is text for Marian too, any other is Marian's binary format. Examples:\n"
          "  dragoman shortlist -t train.en train.de -v model/vocabulary.spm model/vocabulary.spm -o lex.bin\n"
          "  dragoman translate -m model --shortlist lex.bin < source.txt\n",
      .has_config = false};
  Parsed<ShortlistSettings> parsed;
  ShortlistSettings& s = parsed.settings;
  Fields fields;
  add_fields(fields, s.general);
  fields.group("Shortlist options");
  fields.add("train-sets", s.train_sets, "source and target file, or one TSV", {.short_name = 't', .is_path = true});
  fields.add("tsv", s.tsv, "train-sets is one file of tab-separated columns");
  fields.add("vocabs", s.vocabs, "source and target vocabulary", {.short_name = 'v', .is_path = true});
  fields.add("output", s.output, "the shortlist to write", {.short_name = 'o', .is_path = true});
  fields.add("first", s.first, "first words of the vocabulary that are candidates of every sentence",
             {.min = 0, .max = 1e6});
  fields.add("best", s.best, "most translations of a word", {.min = 1, .max = 1e6});
  fields.add("prune", s.prune, "least probability of a translation", {.min = 0, .max = 1});
  fields.add("rounds", s.rounds, "of learning word translations (IBM model 1)", {.min = 1, .max = 100});
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (parsed.is_done) return parsed;
  if (s.train_sets.empty()) throw UsageError("shortlist: expected a parallel corpus (-t), found none");
  if (s.vocabs.size() != 2) throw UsageError("shortlist: expected a source and a target vocabulary (-v)");
  if (s.output.empty()) throw UsageError("shortlist: expected a file to write (-o), found none");
  return parsed;
}

int shortlist_command(const std::vector<std::string>& args) {
  const auto parsed = parse_shortlist(args, std::cout);
  if (parsed.is_done) return 0;
  const ShortlistSettings& s = parsed.settings;
  start_log(s.general, parsed.notes);
  const Vocabulary source = Vocabulary::load(s.vocabs[0]), target = Vocabulary::load(s.vocabs[1]);
  WordTranslation words(source.size());
  const PairFiles files{.files = s.train_sets, .tsv = s.tsv};
  check(files, "train-sets");
  PairReader reader(files);
  std::int64_t pairs = 0;
  for (TextPair pair; reader.next(pair); ++pairs) words.add(source.encode(pair.source), target.encode(pair.target));
  require(pairs > 0, "{}: no pairs of lines to learn from", s.train_sets.front());
  words.learn(s.rounds);
  std::vector<std::vector<int>> lists(std::size_t(source.size()));
  std::string text;
  for (int word = 0; word < source.size(); ++word) {
    for (const auto& translation : words.translations(word, s.best)) {
      if (double(translation.probability) < s.prune) continue;
      lists[std::size_t(word)].push_back(translation.target);
      text +=
          fmt::format("{} {} {:.6f}\n", target.piece(translation.target), source.piece(word), translation.probability);
    }
  }
  const Shortlist list(std::move(lists), s.first, s.best, target.size(), source.bytes() == target.bytes());
  if (s.output.ends_with(".txt")) {
    write_atomically(s.output, text);
  } else {
    list.save_binary(s.output);
  }
  log::info("{} pairs of lines: {} translations of {} words in {}", pairs, list.size(), source.size(), s.output);
  return 0;
}

}  // namespace dragoman
