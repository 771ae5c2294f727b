#include "service/guarded_sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "markup/no_break_spaces.h"
#include "markup/numbers.h"

namespace dragoman {
namespace {

AlignedText as_aligned(const PiecedTranslation& translation) {
  AlignedText aligned{.source_pieces = translation.source, .target_pieces = translation.target};
  for (const AlignmentLink& link : links_of(translation)) {
    aligned.links.push_back({.source = link.source, .target = link.target, .weight = link.weight});
  }
  return aligned;
}

/// Without the empty pieces. Where each of the others is now stands in `places`, -1 for an empty one.
std::vector<std::string> filled_pieces(const std::vector<std::string>& pieces, std::vector<int>& places) {
  std::vector<std::string> filled;
  for (const std::string& piece : pieces) {
    places.push_back(piece.empty() ? -1 : int(filled.size()));
    if (!piece.empty()) filled.push_back(piece);
  }
  return filled;
}

PiecedTranslation as_pieced(const AlignedText& aligned) {
  PiecedTranslation result;
  std::vector<int> sources, targets;
  result.source = filled_pieces(aligned.source_pieces, sources);
  result.target = filled_pieces(aligned.target_pieces, targets);
  if (aligned.links.empty()) return result;
  result.weights.assign(result.source.size() * result.target.size(), 0.0f);
  for (const PieceLink& link : aligned.links) {
    const int s = sources[std::size_t(link.source)], t = targets[std::size_t(link.target)];
    if (s >= 0 && t >= 0) result.weights[std::size_t(t) * result.source.size() + std::size_t(s)] += link.weight;
  }
  return result;
}

std::string text_of(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

}  // namespace

GuardedSentence::GuardedSentence(std::string text, const PlaceholderFinder& finder,
                                 const std::vector<MaskForm>& forms) {
  std::vector<Placeholder> placeholders = finder.find(text);
  if (placeholders.empty()) {
    requests_ = {std::move(text)};
    return;
  }
  guard_ = std::make_unique<ProtectedText>(std::move(text), std::move(placeholders), forms, finder);
}

GuardedSentence::GuardedSentence(const HtmlSegment& segment, const PlaceholderFinder* finder,
                                 const std::vector<MaskForm>& forms)
    : segment_(&segment) {
  static const PlaceholderFinder finds_nothing({.percent = PercentFormat::none,
                                                .braces = BraceFormat::none,
                                                .double_braces = false,
                                                .dollar_braces = false,
                                                .urls = false,
                                                .emails = false,
                                                .identifiers = false});
  const PlaceholderFinder& used = finder != nullptr ? *finder : finds_nothing;
  guard_ = std::make_unique<ProtectedText>(segment.text, placeholders_of(segment, used), forms, used);
}

GuardedSentence::Finished GuardedSentence::finished(const ProtectedText& guard) const {
  Finished result{.translation = guard.result()};
  if (segment_ == nullptr) return result;
  std::vector<KeptRange> kept = guard.kept();
  restore_no_break_spaces(result.translation, kept);
  result.projection = project_tags(segment_->tags, result.translation, kept);
  return result;
}

void GuardedSentence::add_alternative(Alternative alternative, const std::string& best) {
  const bool is_known = alternative.text == best || std::any_of(alternatives_.begin(), alternatives_.end(),
                                                                [&](auto& a) { return a.text == alternative.text; });
  if (!is_known) alternatives_.push_back(std::move(alternative));
}

std::optional<PiecedTranslation> GuardedSentence::answer(std::vector<PiecedTranslation> translations,
                                                         std::vector<PiecedTranslation> others) {
  if (is_plain()) {
    PiecedTranslation& only = translations.front();
    const NumberDifferences numbers = compare_numbers(text_of(only.source), only.text());
    for (const std::string& number : numbers.missing) {
      problems_.push_back(fmt::format("the number {} is not in the translation", number));
    }
    for (const PiecedTranslation& other : others) add_alternative({.text = other.text()}, only.text());
    return std::move(only);
  }
  std::vector<AlignedText> aligned;
  double log_probability = 0;
  int tokens = 0;
  for (const PiecedTranslation& translation : translations) {
    aligned.push_back(as_aligned(translation));
    log_probability += translation.log_probability;
    tokens += translation.tokens;
  }
  const ProtectedText before = *guard_;
  if (!guard_->done()) guard_->answer(aligned);
  if (!guard_->done()) return std::nullopt;
  problems_ = guard_->problems();
  Finished result = finished(*guard_);
  marked_ = std::move(result.projection.marked);
  problems_.insert(problems_.end(), result.projection.problems.begin(), result.projection.problems.end());
  PiecedTranslation pieced = as_pieced(result.translation);
  pieced.log_probability = log_probability;
  pieced.tokens = tokens;
  for (const PiecedTranslation& other : others) {
    ProtectedText guard = before;
    if (!guard.done()) guard.answer({as_aligned(other)});
    if (!guard.done() || guard.protection() == Protection::untranslated) continue;
    Finished finished_other = finished(guard);
    add_alternative({.text = finished_other.translation.target(), .marked = finished_other.projection.marked},
                    pieced.text());
  }
  return pieced;
}

}  // namespace dragoman
