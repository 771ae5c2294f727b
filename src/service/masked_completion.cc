#include "service/masked_completion.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "markup/aligned_text.h"

namespace dragoman {
namespace {

/// How many of a placeholder's first bytes a text ends with, but not all of them.
std::size_t begun_at_end(std::string_view text, std::string_view placeholder) {
  for (std::size_t size = std::min(text.size(), placeholder.size() - 1); size > 0; --size) {
    if (text.ends_with(placeholder.substr(0, size))) return size;
  }
  return 0;
}

bool begins_like_a_word(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  return first >= 0x80 || std::isalnum(first) != 0;
}

}  // namespace

MaskedCompletion::MaskedCompletion(MaskedText masked, std::string prefix)
    : masked_(std::move(masked)), prefix_(std::move(prefix)) {
  mask_prefix();
}

void MaskedCompletion::mask_prefix() {
  std::vector<const Mask*> unused;
  for (const Mask& mask : masked_.masks) unused.push_back(&mask);
  const auto add_mask = [&](const Mask& mask) {
    const bool is_apart = masked_prefix_.empty() || masked_prefix_.back() == ' ';
    if (mask.space_before && !is_apart) masked_prefix_ += ' ';
    masked_prefix_ += masked_.form.mask(mask.index);
    unused.erase(std::find(unused.begin(), unused.end(), &mask));
  };
  for (std::size_t at = 0; at < prefix_.size();) {
    const Mask* longest = nullptr;
    for (const Mask* mask : unused) {
      const bool is_here = prefix_.compare(at, mask->original.size(), mask->original) == 0;
      if (is_here && (longest == nullptr || mask->original.size() > longest->original.size())) longest = mask;
    }
    if (longest == nullptr) {
      masked_prefix_ += prefix_[at++];
      continue;
    }
    at += longest->original.size();
    add_mask(*longest);
    if (longest->space_after && at < prefix_.size()) masked_prefix_ += ' ';
  }
  const Mask* begun = nullptr;
  std::size_t size = 0;
  for (const Mask* mask : unused) {
    const std::size_t found = begins_like_a_word(mask->original) ? 0 : begun_at_end(masked_prefix_, mask->original);
    if (found > size) {
      begun = mask;
      size = found;
    }
  }
  if (begun == nullptr) return;
  is_extended_ = true;
  masked_prefix_.resize(masked_prefix_.size() - size);
  add_mask(*begun);
}

std::optional<CompletionAnswer::Alternative> MaskedCompletion::restored(
    const CompletionAnswer::Alternative& alternative) const {
  const auto is_whole = [](const RestoredText& text) {
    return std::all_of(text.problems.begin(), text.problems.end(),
                       [](const MaskProblem& problem) { return problem.kind == MaskProblem::Kind::lost; });
  };
  const std::string word = masked_prefix_ + alternative.word;
  const RestoredText with_word = restore(word, masked_), all = restore(word + alternative.preview, masked_);
  if (!is_whole(all) || !with_word.text.starts_with(prefix_) || !all.text.starts_with(with_word.text)) {
    return std::nullopt;
  }
  return CompletionAnswer::Alternative{.word = with_word.text.substr(prefix_.size()),
                                       .probability = alternative.probability,
                                       .preview = all.text.substr(with_word.text.size())};
}

std::optional<MaskedCompletion::Restored> MaskedCompletion::restored(CompletionAnswer answer) const {
  const RestoredText whole = restore(masked_prefix_ + answer.rest, masked_);
  if (!whole.text.starts_with(prefix_)) return std::nullopt;
  answer.rest = whole.text.substr(prefix_.size());
  replace_in_pieces(answer.pieces, whole.replacements);
  replace_in_pieces(answer.source_pieces, masked_.replacements);
  if (!answer.pivot.language.empty()) answer.pivot.text = restore(answer.pivot.text, masked_).text;
  std::vector<CompletionAnswer::Alternative> alternatives;
  for (const auto& alternative : answer.alternatives) {
    if (auto kept = restored(alternative)) alternatives.push_back(*std::move(kept));
  }
  answer.alternatives = std::move(alternatives);
  return Restored{std::move(answer), whole.problems.size()};
}

}  // namespace dragoman
