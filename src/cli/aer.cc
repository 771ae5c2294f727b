#include <iostream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "text/alignment_error.h"
#include "text/line_reader.h"

namespace dragoman {
namespace {

struct AerSettings {
  GeneralOptions general;
  std::string hypotheses, references, source, target;
  bool one_based = false, json = false;
};

std::vector<std::string> read_lines(const std::string& path) {
  LineReader reader(path, {.max_bytes = 0});
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  reader.report().log();
  return lines;
}

void require_as_many(const std::string& path, std::size_t count, const AerSettings& s, std::size_t expected) {
  require(count == expected, "{}: expected as many lines as {} has, {}, found {}", path, s.hypotheses, expected, count);
}

/// How many tokens each line has; none for no file.
std::vector<std::size_t> token_counts(const std::string& path, const AerSettings& s, std::size_t expected) {
  std::vector<std::size_t> counts;
  if (path.empty()) return counts;
  for (const std::string& line : read_lines(path)) {
    std::istringstream words(line);
    counts.push_back(std::size_t(std::distance(std::istream_iterator<std::string>(words), {})));
  }
  require_as_many(path, counts.size(), s, expected);
  return counts;
}

AlignmentErrors count_errors(const AerSettings& s) {
  constexpr std::size_t any = std::numeric_limits<int>::max();
  const auto found = read_lines(s.hypotheses), gold = read_lines(s.references);
  require_as_many(s.references, gold.size(), s, found.size());
  require(!found.empty(), "{} has no lines", s.hypotheses);
  const auto sources = token_counts(s.source, s, found.size()), targets = token_counts(s.target, s, found.size());
  AlignmentErrors errors;
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::string_view text = found[i];
    if (const auto bars = text.rfind("|||"); bars != std::string_view::npos) text.remove_prefix(bars + 3);
    const std::size_t source = sources.empty() ? any : sources[i], target = targets.empty() ? any : targets[i];
    auto links = parse_alignment(text, source, target, s.hypotheses, std::int64_t(i) + 1);
    std::erase_if(links, [&](const TokenLink& link) {  // those of </s>, which people do not align
      return std::size_t(link.source) == source || std::size_t(link.target) == target;
    });
    errors.add(links, parse_gold_alignment(gold[i], s.one_based ? 1 : 0, s.references, std::int64_t(i) + 1));
  }
  return errors;
}

void print(const AlignmentErrors& errors, bool json) {
  if (!json) {
    std::cout << fmt::format("AER {:.4f}  precision {:.4f}  recall {:.4f}  ({} links, {} sure ones expected)\n",
                             errors.error_rate(), errors.precision(), errors.recall(), errors.links, errors.sure);
    return;
  }
  const nlohmann::ordered_json value = {{"aer", errors.error_rate()},
                                        {"precision", errors.precision()},
                                        {"recall", errors.recall()},
                                        {"links", errors.links},
                                        {"sure", errors.sure}};
  std::cout << value.dump(1) << '\n';
}

}  // namespace

int aer_command(const std::vector<std::string>& args) {
  const Command command{
      .name = "aer",
      .summary = "Scores word alignments against those that people made: alignment error rate, precision, recall",
      .usage = "LINKS -r GOLD",
      .details =
          "LINKS has a line such as 0-0 1-2 per pair, or what translate and score print with --alignment (the links\n"
          "are then behind the last |||). GOLD has sure links (0-0) and possible ones (1?2 or 1p2). With --source\n"
          "and --target, texts with a space between tokens, links of </s> are left out. Example:\n"
          "  dragoman score -m models/en-de -t s.en s.de --alignment hard > links\n"
          "  dragoman aer links -r gold --source s.en --target s.de\n",
      .arguments = "LINKS",
      .has_config = false};
  AerSettings s;
  Fields fields;
  add_fields(fields, s.general);
  fields.group("Alignment error rate options");
  fields.add("references", s.references, "the gold alignments; needed", {.short_name = 'r', .is_path = true});
  fields.add("source", s.source, "source tokens, whose count per line says where </s> is", {.is_path = true});
  fields.add("target", s.target, "target tokens, likewise", {.is_path = true});
  fields.add("one-based", s.one_based, "GOLD counts tokens from 1");
  fields.add("json", s.json, "print JSON");
  const Arguments arguments = parse_command_line(command, fields, args, std::cout);
  if (arguments.is_done) return 0;
  if (arguments.files.size() != 1) {
    throw UsageError(fmt::format("aer: expected one file of links, found {}", arguments.files.size()));
  }
  if (s.references.empty()) throw UsageError("aer: expected -r with a file of gold alignments, found none");
  s.hypotheses = arguments.files[0];
  start_log(s.general, arguments.notes);
  print(count_errors(s), s.json);
  return 0;
}

}  // namespace dragoman
