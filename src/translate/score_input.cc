#include "translate/score_input.h"

#include <charconv>
#include <string_view>

#include "base/error.h"

namespace dragoman {
namespace {

constexpr std::string_view bars = " |||";

/// The parts of a line between " |||", each with the space that follows it.
std::vector<std::string_view> parts_of(std::string_view line) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = line.find(bars);
    parts.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return parts;
    line.remove_prefix(end + bars.size());
  }
}

std::string_view without_first_space(std::string_view text) { return text.starts_with(' ') ? text.substr(1) : text; }

}  // namespace

ScoreInput::ScoreInput(const ScoreSettings& settings, const std::stop_token& stop) {
  const PairFiles files{.files = settings.train_sets, .tsv = settings.tsv, .tsv_fields = settings.tsv_fields};
  check(files, "train-sets");
  const LineReaderOptions options{.max_bytes = std::size_t(256) << 20, .stop = stop};
  if (settings.n_best) {
    require(!files.is_tsv(), "n-best: expected a source file and a file of n-best lists, not tab-separated columns");
    source_ = std::make_unique<LineReader>(files.files[0], options);
    list_ = std::make_unique<LineReader>(files.files[1], options);
  } else {
    pairs_ = std::make_unique<PairReader>(files, PairSelection::all, options);
  }
}

bool ScoreInput::next(ScoreItem& item) { return pairs_ ? pairs_->next(item.pair) : next_candidate(item); }

bool ScoreInput::next_candidate(ScoreItem& item) {
  std::string& line = item.list_line;
  if (!list_->next(line)) return false;
  item.pair.line = list_->line_number();
  const auto parts = parts_of(line);
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), number);
  require(error == std::errc() && end == parts[0].data() + parts[0].size() && number >= 0 && parts.size() >= 3,
          "{} line {}: expected 'NUMBER ||| text ||| features ||| score'", list_->name(), item.pair.line);
  require(number + 1 >= source_->line_number(), "{} line {}: a candidate of line {} after one of line {}",
          list_->name(), item.pair.line, number, source_->line_number() - 1);
  while (source_->line_number() <= number) {
    require(source_->next(source_line_), "{} line {}: a candidate of line {} (from 0), but {} has {} lines",
            list_->name(), item.pair.line, number, source_->name(), source_->line_number());
  }
  item.pair.source = source_line_;
  item.pair.target = without_first_space(parts[1]);
  return true;
}

const std::string& ScoreInput::name(int side) const {
  if (pairs_) return pairs_->name(side);
  return side == 0 ? source_->name() : list_->name();
}

CleaningReport ScoreInput::report() const {
  if (pairs_) return pairs_->report();
  CleaningReport all = source_->report();
  all.add(list_->report());
  return all;
}

std::string with_feature(const std::string& list_line, const std::string& feature, double score) {
  const auto parts = parts_of(list_line);
  const std::size_t features = parts.size() > 3 ? parts.size() - 2 : 2;  // the last is the total
  std::string result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) result += bars;
    result += parts[i];
    if (i == features) result += fmt::format(" {}= {:.6g}", feature, score);
  }
  return result;
}

std::string with_alignment(const std::string& list_line, const std::string& alignment) {
  const auto first = list_line.find(bars);
  const auto text_end = list_line.find(bars, first + bars.size());
  return list_line.substr(0, text_end) + std::string(bars) + " " + alignment + list_line.substr(text_end);
}

}  // namespace dragoman
