#pragma once
// How well word alignments agree with those that people made.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/guided_alignment.h"

namespace dragoman {

/// What annotators said of a pair: links that they were sure of, and all that they found possible, sure ones included.
/// Both in order, each link once.
struct GoldAlignment {
  std::vector<TokenLink> sure, possible;
};

/// Reads a line such as "0-0 1-2 2?3 4p4": a dash is a sure link, ? and p are possible ones. Places count from `first`,
/// 0 or 1. Throws Error naming `file` and `line`, what was expected and what was found.
GoldAlignment parse_gold_alignment(std::string_view text, int first, const std::string& file, std::int64_t line);

/// Counts of links over any number of pairs (Och and Ney 2003, A Systematic Comparison of Various Statistical Alignment
/// Models), with A the links to judge, S the sure and P the possible ones.
struct AlignmentErrors {
  std::int64_t links = 0;           ///< |A|
  std::int64_t sure = 0;            ///< |S|
  std::int64_t sure_found = 0;      ///< |A and S|
  std::int64_t possible_found = 0;  ///< |A and P|

  void add(std::span<const TokenLink> links_of_pair, const GoldAlignment& gold);
  double precision() const;   ///< |A and P| / |A|; 1 if there are no links
  double recall() const;      ///< |A and S| / |S|; 1 if there are no sure links
  double error_rate() const;  ///< 1 - (|A and S| + |A and P|) / (|A| + |S|); 0 if both are empty
};

}  // namespace dragoman
