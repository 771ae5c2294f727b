#pragma once
// Alignments in Marian's forms.

#include <optional>
#include <string>
#include <vector>

#include "decode/align.h"
#include "text/guided_alignment.h"

namespace dragoman {

/// What is printed of an alignment.
struct AlignmentStyle {
  enum class Kind {
    soft,       ///< all weights: "0.9,0.1 0.2,0.8", a group of one weight per source token for each target token
    hard,       ///< for each target token the source token with the largest weight (the first of equals): "0-0 1-1"
    threshold,  ///< all links with a larger weight than the threshold
  };
  Kind kind = Kind::hard;
  float threshold = 1;
};

/// The setting alignment: "soft", "hard", or a threshold above 0 up to 1, where 1 means hard; none for "". Throws Error
/// for something else.
std::optional<AlignmentStyle> parse_alignment_style(const std::string& text);

/// Links as the style says (REQUIRES: not soft), in the order of the source, then of the target.
std::vector<TokenLink> links_of(const SoftAlignment& alignment, const AlignmentStyle& style);

/// Positions count from 0, and </s> has one too on either side, as in Marian.
std::string format_alignment(const SoftAlignment& alignment, const AlignmentStyle& style);

}  // namespace dragoman
