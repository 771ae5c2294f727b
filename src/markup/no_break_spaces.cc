#include "markup/no_break_spaces.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "markup/intervals.h"

namespace dragoman {
namespace {

constexpr std::string_view all_spaces[] = {"\u00A0", "\u202F", " "};

/// What is between two words, and where; the words on both sides.
struct Gap {
  std::string_view before, space, after;
  std::size_t begin = 0;
};

/// The space that `text` begins with, if any.
std::string_view space_at(std::string_view text) {
  for (const std::string_view space : all_spaces) {
    if (text.starts_with(space)) return space;
  }
  return {};
}

std::vector<Gap> gaps(std::string_view text) {
  std::vector<Gap> result;
  std::size_t word = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view space = space_at(text.substr(at));
    if (space.empty()) {
      ++at;
      continue;
    }
    if (!result.empty()) result.back().after = text.substr(word, at - word);
    result.push_back({text.substr(word, at - word), space, {}, at});
    word = at += space.size();
  }
  if (!result.empty()) result.back().after = text.substr(word);
  return result;
}

bool is_number(std::string_view word) { return word.find_first_of("0123456789") != word.npos; }

/// Where a gap is; npos: at several places.
using Places = std::unordered_map<std::string, std::size_t>;
constexpr std::size_t several = std::string::npos;

void add(Places& places, std::string key, std::size_t place) {
  const auto [entry, is_new] = places.emplace(std::move(key), place);
  if (!is_new) entry->second = several;
}
std::string both(const Gap& gap) { return std::string(gap.before) + '\n' + std::string(gap.after); }

/// Spaces of a translation that become others, in order.
std::vector<Replacement> no_break_spaces(std::string_view source, std::string_view translation) {
  const std::vector<Gap> open = gaps(translation);
  Places between, behind, before;
  for (std::size_t i = 0; i < open.size(); ++i) {
    add(between, both(open[i]), i);
    add(behind, std::string(open[i].before), i);
    add(before, std::string(open[i].after), i);
  }
  std::map<std::size_t, std::string_view> result;
  for (const Gap& gap : gaps(source)) {
    if (gap.space == " ") continue;
    auto found = between.find(both(gap));
    bool is_found = found != between.end();
    if (!is_found && is_number(gap.before)) is_found = (found = behind.find(std::string(gap.before))) != behind.end();
    if (!is_found && is_number(gap.after)) is_found = (found = before.find(std::string(gap.after))) != before.end();
    if (is_found && found->second != several && open[found->second].space == " ") {
      result.emplace(open[found->second].begin, gap.space);
    }
  }
  std::vector<Replacement> replacements;
  for (const auto& [begin, space] : result) replacements.push_back({begin, begin + 1, std::string(space)});
  return replacements;
}

}  // namespace

void restore_no_break_spaces(AlignedText& text, std::vector<KeptRange>& kept) {
  std::vector<Replacement> spaces = no_break_spaces(text.source(), text.target());
  if (spaces.empty()) return;
  Intervals fixed;
  for (const KeptRange& range : kept) fixed.add(range.target_begin, range.target_end);
  fixed.sort();
  std::erase_if(spaces, [&](const Replacement& space) { return fixed.overlap(space.begin, space.end); });
  std::vector<std::size_t> shifts = {0};  // of what is behind so many of them
  for (const Replacement& space : spaces) shifts.push_back(shifts.back() + space.text.size() - 1);
  for (KeptRange& range : kept) {
    const auto behind = std::partition_point(
        spaces.begin(), spaces.end(), [&](const Replacement& space) { return space.begin < range.target_begin; });
    const std::size_t shift = shifts[std::size_t(behind - spaces.begin())];
    range.target_begin += shift;
    range.target_end += shift;
  }
  replace_in_pieces(text.target_pieces, spaces);
}

}  // namespace dragoman
