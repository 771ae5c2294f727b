#include <algorithm>
#include <iostream>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/words.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "report/run_page.h"
#include "report/run_reader.h"

namespace dragoman {
namespace {

/// Without the spaces around them.
std::vector<std::string> parts_between_commas(const std::string& text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = text.find_first_not_of(' ', begin), last = text.find_last_not_of(' ', end - (end > 0));
    parts.push_back(first < end ? text.substr(first, last + 1 - first) : "");
    begin = end + 1;
  }
  return parts;
}

}  // namespace

Parsed<ReportSettings> parse_report(const std::vector<std::string>& args, std::ostream& out) {
  const Command command{
      .name = "report",
      .summary = "Makes one HTML page of training runs: curves, summary, sample translations, settings",
      .usage = "RUN... [-o FILE.html]",
      .details =
          "A run is a model directory, or the metrics file of one. The page needs nothing else, and works while\n"
          "training goes on: what is recorded so far is shown. Examples:\n"
          "  dragoman report models/en-de -o report.html\n"
          "  dragoman report models/a models/b --names \"dropout 0.1, dropout 0.3\" -o comparison.html\n",
      .arguments = "RUN",
      .has_config = false};
  Parsed<ReportSettings> parsed;
  ReportSettings& s = parsed.settings;
  std::string names;
  Fields fields;
  add_fields(fields, s.general);
  fields.group("Report options");
  fields.add("names", names, "what the runs are called, in their order, between commas; default: their folders");
  fields.add("title", s.title, "heading of the page; default: the names");
  fields.add("output", s.output, "the page to write; stdout or - for standard output",
             {.short_name = 'o', .is_path = true});
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (parsed.is_done) return parsed;
  s.runs = std::move(arguments.files);
  s.names = parts_between_commas(names);
  if (s.runs.empty()) throw UsageError("report: expected model directories or metrics files, found none");
  if (!s.names.empty() && s.names.size() != s.runs.size()) {
    throw UsageError(
        fmt::format("names: expected as many as there are runs, {}, found {}", s.runs.size(), s.names.size()));
  }
  return parsed;
}

int report_command(const std::vector<std::string>& args) {
  const auto parsed = parse_report(args, std::cout);
  if (parsed.is_done) return 0;
  const ReportSettings& s = parsed.settings;
  start_log(s.general, parsed.notes);
  const std::vector<std::string> names = s.names.empty() ? run_names(s.runs) : s.names;
  std::vector<RunHistory> runs;
  for (std::size_t i = 0; i < s.runs.size(); ++i) {
    RunHistory run = read_run(s.runs[i]);
    run.name = names[i];
    if (run.train.empty() && run.valid.empty() && run.samples.empty()) {
      run.warnings.push_back(
          fmt::format("{}: nothing is recorded in it; the run has not come to its first log line", run.path));
    }
    for (const std::string& warning : run.warnings) log::warn("{}", warning);
    runs.push_back(std::move(run));
  }
  const std::string title = !s.title.empty() ? s.title : "Training of " + join_words(names);
  const std::string page = run_page(runs, title);
  if (s.output == "stdout" || s.output == "-") {
    std::cout << page;
  } else {
    write_atomically(s.output, page);
    log::info("{}: {} of {} kB", s.output, runs.size() == 1 ? "one run" : fmt::format("{} runs", runs.size()),
              (page.size() + 1023) / 1024);
  }
  return 0;
}

}  // namespace dragoman
