#include "markup/protected_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace dragoman {
namespace {

/// Where placeholders went. A mask may stand for several.
std::vector<KeptRange> kept_ranges(const std::vector<Placeholder>& placeholders, const MaskedText& masked,
                                   const RestoredText& restored) {
  std::vector<std::size_t> place(masked.masks.size(), 0);  // of each mask's original in the translation
  std::ptrdiff_t shift = 0;
  for (std::size_t i = 0; i < restored.replacements.size(); ++i) {
    const Replacement& replacement = restored.replacements[i];
    place[std::size_t(restored.masks[i])] = std::size_t(std::ptrdiff_t(replacement.begin) + shift);
    shift += std::ptrdiff_t(replacement.text.size()) - std::ptrdiff_t(replacement.end - replacement.begin);
  }
  std::vector<KeptRange> kept;
  std::size_t mask = 0;
  for (const Placeholder& placeholder : placeholders) {
    while (masked.masks[mask].end < placeholder.end) ++mask;
    const std::size_t begin = place[mask] + (placeholder.begin - masked.masks[mask].begin);
    kept.push_back({placeholder.begin, placeholder.end, begin, begin + (placeholder.end - placeholder.begin)});
  }
  return kept;
}

bool is_translatable(const TextPart& part) { return part.kind == TextPart::Kind::translatable; }

std::string described(const MaskProblem& problem) {
  switch (problem.kind) {
    case MaskProblem::Kind::lost:
      return fmt::format("the placeholder {} was lost", problem.original);
    case MaskProblem::Kind::doubled:
      return fmt::format("the placeholder {} was doubled", problem.original);
    case MaskProblem::Kind::out_of_order:
      return fmt::format("the placeholder {} came out of order", problem.original);
    case MaskProblem::Kind::invented:
      break;
  }
  return fmt::format("the translation had a placeholder too many ({})", problem.original);
}

/// What a finder finds in a text besides the bytes that are known; identifiers do not count, as numbers may become
/// them.
std::vector<std::string> placeholders_besides(std::string text, std::vector<Replacement> known,
                                              const PlaceholderFinder& finder) {
  std::sort(known.begin(), known.end(), [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
  for (Replacement& range : known) range.text = " ";
  text = replaced(text, known);
  std::vector<std::string> result;
  for (const Placeholder& found : finder.find(text)) {
    if (found.kind == PlaceholderKind::identifier) continue;
    result.push_back(text.substr(found.begin, found.end - found.begin));
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// Whether a translation has a placeholder that its text has not.
bool has_invented(const std::string& source, const std::string& translation, const std::vector<KeptRange>& kept,
                  const PlaceholderFinder& finder) {
  std::vector<Replacement> in_source, in_target;
  for (const KeptRange& range : kept) {
    in_source.push_back({range.source_begin, range.source_end});
    in_target.push_back({range.target_begin, range.target_end});
  }
  const auto expected = placeholders_besides(source, std::move(in_source), finder);
  const auto found = placeholders_besides(translation, std::move(in_target), finder);
  return !std::includes(expected.begin(), expected.end(), found.begin(), found.end());
}

}  // namespace

ProtectedText::ProtectedText(std::string text, std::vector<Placeholder> placeholders, std::vector<MaskForm> forms,
                             PlaceholderFinder finder)
    : text_(std::move(text)),
      placeholders_(std::move(placeholders)),
      forms_(std::move(forms)),
      finder_(std::move(finder)),
      parts_(split_at_placeholders(text_, placeholders_)) {
  if (std::none_of(parts_.begin(), parts_.end(), is_translatable)) {
    give_up();
  } else if (placeholders_.empty()) {
    masked_.text = text_;
    requests_ = {text_};
  } else {
    begin_masked();
  }
}

void ProtectedText::begin_masked() {
  for (; attempt_ < forms_.size(); ++attempt_) {
    auto masked = mask(text_, placeholders_, forms_[attempt_]);
    if (!masked) continue;
    masked_ = std::move(*masked);
    requests_ = {masked_.text};
    return;
  }
  requests_.clear();
  for (const TextPart& part : parts_) {
    if (is_translatable(part)) requests_.push_back(part.text);
  }
}

void ProtectedText::answer(const std::vector<AlignedText>& translations) {
  assert(!done() && translations.size() == requests_.size());
  if (placeholders_.empty() || attempt_ < forms_.size()) {
    answer_masked(translations[0]);
  } else {
    answer_parts(translations);
  }
}

void ProtectedText::answer_masked(const AlignedText& translation) {
  assert(translation.source() == masked_.text);
  RestoredText restored = {.text = translation.target()};
  if (!placeholders_.empty()) restored = restore(restored.text, masked_);
  problems_.clear();
  for (const MaskProblem& problem : restored.problems) problems_.push_back(described(problem));
  if (problems_.empty()) {
    kept_ = kept_ranges(placeholders_, masked_, restored);
    if (has_invented(text_, restored.text, kept_, finder_)) {
      problems_.push_back("the translation had a placeholder that the text has not");
    }
  }
  if (problems_.empty()) {
    result_ = translation;
    replace_in_pieces(result_.source_pieces, masked_.replacements);
    replace_in_pieces(result_.target_pieces, restored.replacements);
    if (!placeholders_.empty()) protection_ = attempt_ == 0 ? Protection::masked : Protection::other_mask;
    requests_.clear();
  } else if (placeholders_.empty()) {
    problems_.push_back("left untranslated");
    give_up();
  } else {
    ++attempt_;
    begin_masked();
  }
}

void ProtectedText::answer_parts(const std::vector<AlignedText>& translations) {
  result_ = {};
  kept_.clear();
  std::size_t source = 0, target = 0, next = 0;
  for (const TextPart& part : parts_) {
    AlignedText translation = {{part.text}, {part.text}, {{0, 0, 1}}};
    if (is_translatable(part)) {
      const AlignedText& answered = translations[next++];
      if (!has_invented(part.text, answered.target(), {}, finder_)) translation = answered;
    }
    const std::size_t end = target + translation.target().size();
    if (part.kind == TextPart::Kind::placeholder) kept_.push_back({source, source + part.text.size(), target, end});
    result_.append(translation);
    source += part.text.size();
    target = end;
  }
  if (has_invented(text_, result_.target(), kept_, finder_)) {
    problems_.push_back("left untranslated");
    return give_up();
  }
  requests_.clear();
  protection_ = Protection::split;
  problems_.push_back("translated in parts between the placeholders");
}

void ProtectedText::give_up() {
  requests_.clear();
  result_ = {{text_}, {text_}, {{0, 0, 1}}};
  kept_ = {{0, text_.size(), 0, text_.size()}};
  protection_ = Protection::untranslated;
}

}  // namespace dragoman
