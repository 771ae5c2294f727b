#pragma once
// Translations as lines of output, in Marian's form.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "translate/alignment_format.h"
#include "translate/translator.h"

namespace dragoman {

struct OutputFormat {
  bool n_best = false;       ///< all candidates: "LINE ||| text ||| F0= log-probability ||| score", lines from 0
  bool word_scores = false;  ///< with " ||| WordScores= x y z" behind the text: of each token, and of </s>
  bool skip_cost = false;    ///< n-best lists without scores
  std::optional<AlignmentStyle> alignment = {};  ///< with " ||| 0-0 1-1" or the like right behind the text
};

/// The output for a line, with its line end. `line_number` counts from 1.
std::string format_translation(const Translation& translation, std::int64_t line_number, const OutputFormat& format);

/// " ||| WordScores= x y z".
std::string format_word_scores(std::span<const float> scores);

}  // namespace dragoman
