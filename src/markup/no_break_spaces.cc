#include "markup/no_break_spaces.h"

#include <algorithm>
#include <string>
#include <string_view>

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

/// Spaces of a translation that become others, in order.
std::vector<Replacement> no_break_spaces(std::string_view source, std::string_view translation) {
  std::vector<Gap> wanted = gaps(source), open = gaps(translation);
  std::erase_if(wanted, [](const Gap& gap) { return gap.space == " "; });
  std::vector<Replacement> result;
  for (const Gap& gap : wanted) {
    const auto same = [&](bool before, bool after) {
      std::vector<std::size_t> found;
      for (std::size_t i = 0; i < open.size(); ++i) {
        if ((!before || open[i].before == gap.before) && (!after || open[i].after == gap.after)) found.push_back(i);
      }
      return found;
    };
    std::vector<std::size_t> found = same(true, true);
    if (found.empty() && is_number(gap.before)) found = same(true, false);
    if (found.empty() && is_number(gap.after)) found = same(false, true);
    if (found.size() != 1) continue;
    const Gap& place = open[found[0]];
    if (place.space == " ") result.push_back({place.begin, place.begin + 1, std::string(gap.space)});
  }
  std::sort(result.begin(), result.end(), [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
  result.erase(std::unique(result.begin(), result.end(),
                           [](const Replacement& a, const Replacement& b) { return a.begin == b.begin; }),
               result.end());
  return result;
}

}  // namespace

void restore_no_break_spaces(AlignedText& text, std::vector<KeptRange>& kept) {
  const std::string source = text.source(), target = text.target();
  std::vector<Replacement> spaces = no_break_spaces(source, target);
  std::erase_if(spaces, [&](const Replacement& space) {
    return std::any_of(kept.begin(), kept.end(), [&](const KeptRange& range) {
      return range.target_begin < space.end && space.begin < range.target_end;
    });
  });
  for (KeptRange& range : kept) {
    std::size_t shift = 0;
    for (const Replacement& space : spaces) {
      if (space.begin < range.target_begin) shift += space.text.size() - 1;
    }
    range.target_begin += shift;
    range.target_end += shift;
  }
  replace_in_pieces(text.target_pieces, spaces);
}

}  // namespace dragoman
