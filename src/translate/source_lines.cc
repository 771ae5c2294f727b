#include "translate/source_lines.h"

#include <algorithm>

#include "base/error.h"

namespace dragoman {
namespace {

LineReaderOptions reader_options(const std::stop_token& stop) {
  constexpr std::size_t largest_line = std::size_t(256) << 20;  // so that /dev/zero does not take all memory
  return {.max_bytes = largest_line, .stop = stop};
}

}  // namespace

SourceLines::SourceLines(const TranslateSettings& settings, const std::stop_token& stop)
    : settings_(settings), source_(settings.input.at(0), reader_options(stop)) {
  if (settings.force_decode && !settings.tsv) {
    require(settings.input.size() == 2, "input: expected a source file and a file of prefixes, found {}",
            settings.input.size());
    prefixes_.emplace(settings.input[1], reader_options(stop));
  }
}

bool SourceLines::next(SourceLine& line) {
  const bool found = source_.next(settings_.tsv ? row_ : line.text);
  line.number = source_.line_number();
  line.prefix.clear();
  if (found && settings_.tsv) split_columns(line);
  if (prefixes_) {
    const bool found_prefix = prefixes_->next(line.prefix);
    if (found != found_prefix) {
      while (source_.next(row_)) continue;
      while (prefixes_->next(row_)) continue;
      fail("{} has {} lines but {} has {}: expected a prefix (which may be empty) for each line", source_.name(),
           source_.line_number(), prefixes_->name(), prefixes_->line_number());
    }
  }
  return found;
}

void SourceLines::split_columns(SourceLine& line) {
  line.text.clear();
  if (row_.empty()) return;  // an empty line stays one
  const int expected = settings_.tsv_fields > 0 ? settings_.tsv_fields : settings_.force_decode ? 2 : 1;
  line.text = tsv_column(row_, 0, expected, source_.name(), line.number);
  if (settings_.force_decode) {
    line.prefix = tsv_column(row_, std::max(1, expected - 1), std::max(2, expected), source_.name(), line.number);
  }
}

CleaningReport SourceLines::report() const {
  CleaningReport all = source_.report();
  if (prefixes_) all.add(prefixes_->report());
  return all;
}

}  // namespace dragoman
