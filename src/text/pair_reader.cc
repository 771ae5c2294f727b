#include "text/pair_reader.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/error.h"

namespace dragoman {

bool PairFiles::has_standard_input() const { return std::any_of(files.begin(), files.end(), is_standard_input); }

void check(const PairFiles& files, const std::string& setting) {
  require(!is_standard_input(files.alignment), "guided-alignment: expected a file, found standard input");
  require(files.alignment.empty() || std::filesystem::exists(files.alignment), "guided-alignment: there is no file {}",
          files.alignment);
  if (files.is_tsv()) {
    require(files.files.size() == 1, "{}: {} files, expected one file of tab-separated columns", setting,
            files.files.size());
    require(files.tsv_fields == 0 || files.tsv_fields >= 2,
            "tsv-fields: {}, expected at least 2: a column for the source and one for the target", files.tsv_fields);
  } else {
    require(files.files.size() == 2, "{}: {} {}, expected 2: source and target", setting, files.files.size(),
            files.files.size() == 1 ? "file" : "files");
    require(!is_standard_input(files.files[0]) || !is_standard_input(files.files[1]),
            "{}: source and target cannot both come from standard input; use one stream of tab-separated columns",
            setting);
  }
}

PairReader::PairReader(const PairFiles& files, PairSelection selection, LineReaderOptions options)
    : tsv_fields_(files.tsv_fields == 0 ? 2 : files.tsv_fields),
      selection_(selection),
      source_(files.files[0], options) {
  if (!files.alignment.empty()) alignment_ = std::make_unique<LineReader>(files.alignment, options);
  if (!files.is_tsv()) target_ = std::make_unique<LineReader>(files.files[1], options);
}

bool PairReader::read(TextPair& pair) {
  const bool any = read_text(pair);
  if (alignment_ && alignment_->next(pair.alignment) != any) {
    fail_on_unequal_counts(source_, *alignment_, "a line of links about each pair");
  }
  return any;
}

bool PairReader::read_text(TextPair& pair) {
  if (target_) {
    const bool has_source = source_.next(pair.source);
    const bool has_target = target_->next(pair.target);
    if (has_source != has_target) fail_on_unequal_counts(source_, *target_, "each translating the other");
    pair.line = source_.line_number();
    return has_source;
  }
  if (!source_.next(row_)) return false;
  pair.line = source_.line_number();
  if (source_.line_was_cut()) {  // what is missing may be columns
    pair.source = row_.substr(0, row_.find('\t'));
    pair.target.clear();
    return true;
  }
  pair.source = tsv_column(row_, 0, tsv_fields_, source_.name(), pair.line);
  pair.target = tsv_column(row_, 1, tsv_fields_, source_.name(), pair.line);
  return true;
}

bool PairReader::next(TextPair& pair) {
  while (read(pair)) {
    if (selection_ == PairSelection::all) return true;
    if (source_.line_was_cut() || (target_ && target_->line_was_cut())) continue;  // counted by the LineReader
    if (alignment_ && alignment_->line_was_cut()) continue;
    const bool no_source = is_blank(pair.source);
    if (!no_source && !is_blank(pair.target)) return true;
    skipped_.count(Flaw::empty, name(no_source ? 0 : 1), pair.line);
  }
  return false;
}

void PairReader::fail_on_unequal_counts(LineReader& one, LineReader& other, const char* relation) {
  std::string rest;
  while (one.next(rest)) continue;
  while (other.next(rest)) continue;
  fail("{} has {} lines but {} has {}: expected as many, {}", one.name(), one.line_number(), other.name(),
       other.line_number(), relation);
}

CleaningReport PairReader::report() const {
  CleaningReport all = source_.report();
  if (target_) all.add(target_->report());
  if (alignment_) all.add(alignment_->report());
  all.add(skipped_);
  return all;
}

}  // namespace dragoman
