#include "markup/mask.h"

#include <utf8proc.h>

#include <algorithm>
#include <map>

#include "text/metrics/characters.h"

namespace dragoman {
namespace {

bool is_letter_or_number(char32_t c) {
  const auto category = utf8proc_category(utf8proc_int32_t(c));
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) || python::is_number(c);
}

/// Whether a mask would grow together with the character before or behind `at`. Unlike in find_masks scripts without
/// spaces count too: models tear words of theirs apart less reliably than they copy words.
bool touches_word(std::string_view text, std::size_t at, bool before) {
  if (before ? at == 0 : at >= text.size()) return false;
  if (before) {
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  return is_letter_or_number(python::next_character(text, at));
}

}  // namespace

std::optional<MaskedText> mask(std::string_view text, std::span<const Placeholder> placeholders, const MaskForm& form) {
  MaskedText result = {.form = form};
  for (const MaskSighting& sighting : find_masks(text, form)) result.taken.push_back(sighting.index);
  std::sort(result.taken.begin(), result.taken.end());
  const auto is_taken = [&](int number) {
    return std::binary_search(result.taken.begin(), result.taken.end(), number);
  };
  std::size_t at = 0;
  int index = 0;
  for (std::size_t i = 0; i < placeholders.size();) {
    Mask mask = {placeholders[i].begin, placeholders[i].end};
    for (; i < placeholders.size() && placeholders[i].begin <= mask.end; ++i) {
      mask.end = placeholders[i].end;
      mask.keeps_order = mask.keeps_order || placeholders[i].keeps_order;
    }
    mask.original = text.substr(mask.begin, mask.end - mask.begin);
    while (is_taken(index)) ++index;
    mask.index = index++;
    mask.space_before = touches_word(text, mask.begin, true);
    mask.space_after = touches_word(text, mask.end, false);

    result.text.append(text, at, mask.begin - at);
    const std::size_t begin = result.text.size();
    if (mask.space_before) result.text += ' ';
    result.text += form.mask(mask.index);
    if (mask.space_after) result.text += ' ';
    result.replacements.push_back({begin, result.text.size(), mask.original});
    at = mask.end;
    result.masks.push_back(std::move(mask));
  }
  result.text.append(text, at);
  const RestoredText back = restore(result.text, result);
  if (!back.problems.empty() || back.text != text) return {};
  return result;
}

RestoredText restore(const std::string& translation, const MaskedText& masked) {
  std::map<int, int> of_index;
  for (int i = 0; i < int(masked.masks.size()); ++i) of_index[masked.masks[std::size_t(i)].index] = i;
  RestoredText result;
  std::vector<int> seen(masked.masks.size(), 0);
  int last_in_order = -1;
  std::size_t free_from = 0;
  for (const MaskSighting& sighting : find_masks(translation, masked.form)) {
    const auto found = of_index.find(sighting.index);
    if (found == of_index.end()) {
      if (std::binary_search(masked.taken.begin(), masked.taken.end(), sighting.index)) continue;
      result.problems.push_back(
          {MaskProblem::Kind::invented, translation.substr(sighting.begin, sighting.end - sighting.begin)});
      continue;
    }
    const Mask& mask = masked.masks[std::size_t(found->second)];
    if (++seen[std::size_t(found->second)] == 2) result.problems.push_back({MaskProblem::Kind::doubled, mask.original});
    if (mask.keeps_order) {
      if (found->second < last_in_order) result.problems.push_back({MaskProblem::Kind::out_of_order, mask.original});
      last_in_order = std::max(last_in_order, found->second);
    }
    std::size_t begin = sighting.begin, end = sighting.end;
    if (mask.space_before && begin > free_from && translation[begin - 1] == ' ') --begin;
    if (mask.space_after && end < translation.size() && translation[end] == ' ') ++end;
    free_from = end;
    result.replacements.push_back({begin, end, mask.original});
    result.masks.push_back(found->second);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == 0) result.problems.push_back({MaskProblem::Kind::lost, masked.masks[i].original});
  }
  result.text = replaced(translation, result.replacements);
  return result;
}

std::vector<TextPart> split_at_placeholders(std::string_view text, std::span<const Placeholder> placeholders) {
  std::vector<TextPart> parts;
  const auto keep = [&](std::string_view part, TextPart::Kind kind = TextPart::Kind::rest) {
    if (!part.empty()) parts.push_back({std::string(part), kind});
  };
  const auto add = [&](std::string_view part) {
    const std::string_view core = python::strip(part);
    if (!has_letters(core)) return keep(part);
    const auto begin = std::size_t(core.data() - part.data());
    keep(part.substr(0, begin));
    keep(core, TextPart::Kind::translatable);
    keep(part.substr(begin + core.size()));
  };
  std::size_t at = 0;
  for (const Placeholder& placeholder : placeholders) {
    add(text.substr(at, placeholder.begin - at));
    keep(text.substr(placeholder.begin, placeholder.end - placeholder.begin), TextPart::Kind::placeholder);
    at = placeholder.end;
  }
  add(text.substr(at));
  return parts;
}

bool has_letters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto category = utf8proc_category(utf8proc_int32_t(python::next_character(text, at)));
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) return true;
  }
  return false;
}

}  // namespace dragoman
