#include "server/language_detector.h"

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <algorithm>

#include "base/language_names.h"

namespace dragoman {
namespace {

constexpr std::size_t longest_looked_at = 10'000;  // bytes
constexpr int best_effort = 0x4000;                // CLD2's kCLDFlagBestEffort: an answer for a short text too
constexpr double enough_bytes = 20;                // of text; less is a guess

/// CLD2's codes as BCP 47 has them now.
std::string bcp47(const std::string& code) {
  if (code == "iw") return "he";
  if (code == "jw") return "jv";
  if (code == "mo") return "ro";
  return code;
}

struct Found {
  Detection detection;
  double score = 0;  // per KiB
};

std::vector<Found> find_languages(std::string_view text, CLD2::Language hint = CLD2::UNKNOWN_LANGUAGE) {
  text = text.substr(0, longest_looked_at);
  CLD2::CLDHints hints{nullptr, nullptr, CLD2::UNKNOWN_ENCODING, hint};
  CLD2::Language found[3];
  int percents[3], bytes = 0, valid_bytes = 0;
  double scores[3];
  bool is_reliable = false;
  CLD2::ExtDetectLanguageSummaryCheckUTF8(text.data(), int(text.size()), true, &hints, best_effort, found, percents,
                                          scores, nullptr, &bytes, &is_reliable, &valid_bytes);
  // What is no UTF-8, or the half of a character at the end, is left out.
  if (std::size_t(valid_bytes) < text.size()) {
    if (valid_bytes <= 0) return {};
    return find_languages(text.substr(0, std::size_t(valid_bytes)), hint);
  }
  std::vector<Found> result;
  const double trust = std::min(1.0, bytes / enough_bytes) * (is_reliable ? 1 : 0.5);
  for (int i = 0; i < 3; ++i) {
    if (found[i] == CLD2::UNKNOWN_LANGUAGE || percents[i] == 0) continue;
    result.push_back({{bcp47(CLD2::LanguageCode(found[i])), percents[i] * trust}, scores[i]});
  }
  return result;
}

/// The language of `languages` that is nearest to this one; null: there is none.
const std::string* nearest(const std::string& found, const std::vector<std::string>& languages) {
  const auto exact = std::find(languages.begin(), languages.end(), found);
  if (exact != languages.end()) return &*exact;
  for (const auto& language : languages) {
    if (primary_language(language) == primary_language(found)) return &language;
  }
  return nullptr;
}

}  // namespace

std::vector<Detection> detect_languages(std::string_view text) {
  std::vector<Detection> result;
  for (const Found& found : find_languages(text)) result.push_back(found.detection);
  std::stable_sort(result.begin(), result.end(),
                   [](const Detection& a, const Detection& b) { return a.confidence > b.confidence; });
  return result;
}

Detection detect_among(std::string_view text, const std::vector<std::string>& languages) {
  for (const Detection& detection : detect_languages(text)) {
    if (const auto* language = nearest(detection.language, languages)) return {*language, detection.confidence};
  }
  // A short text may be taken for a language that it cannot be in: suggest each that it can, and see which fits best.
  Detection best;
  double best_score = 0;
  for (const auto& language : languages) {
    const auto hint = CLD2::GetLanguageFromName(primary_language(language).c_str());
    if (hint == CLD2::UNKNOWN_LANGUAGE) continue;
    const auto found = find_languages(text, hint);
    if (found.empty() || found[0].score <= best_score) continue;
    if (primary_language(found[0].detection.language) != primary_language(language)) continue;
    best = {language, found[0].detection.confidence / 2};
    best_score = found[0].score;
  }
  if (!best.language.empty()) return best;
  const auto english = std::find(languages.begin(), languages.end(), "en");
  return {english != languages.end() ? *english : languages.front(), 0};
}

}  // namespace dragoman
