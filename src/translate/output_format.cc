#include "translate/output_format.h"

#include "base/error.h"

namespace dragoman {

std::string format_word_scores(std::span<const float> scores) {
  std::string text = " ||| WordScores=";
  for (const float score : scores) text += fmt::format(" {:.5f}", score);
  return text;
}

std::string format_translation(const Translation& translation, std::int64_t line_number, const OutputFormat& format) {
  std::string result;
  for (const TranslationCandidate& candidate : translation.candidates) {
    if (format.n_best) result += fmt::format("{} ||| ", line_number - 1);
    result += candidate.text;
    if (format.alignment) result += " ||| " + format_alignment(candidate.alignment, *format.alignment);
    if (format.word_scores) result += format_word_scores(candidate.token_log_probabilities);
    if (format.n_best && !format.skip_cost) {
      result += fmt::format(" ||| F0= {:.6g} ||| {:.6g}", candidate.log_probability, candidate.score);
    }
    result += '\n';
    if (!format.n_best) break;
  }
  return result;
}

}  // namespace dragoman
