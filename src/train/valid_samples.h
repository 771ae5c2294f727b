#pragma once
// Translations of a few sentences, recorded at each validation to show what a model learns.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "text/validation_set.h"

namespace dragoman {

/// A sentence of the validation set and what the model makes of it.
struct TranslationSample {
  std::uint64_t line = 0;  ///< of the validation set, from 1
  std::string source, reference, output;
};

/// Positions of at most `count` lines to be shown, spread evenly over the set. Lines without text on one side, and
/// those too long to be read at a glance, are passed over as long as there are enough others. The same set always
/// gives the same lines, so that a run that is continued goes on with them.
std::vector<std::size_t> sample_lines(const ValidationSet& set, int count);

/// The samples at these positions; `translations` are those of all lines. Texts of more than 2,000 bytes are cut.
std::vector<TranslationSample> samples_of(const ValidationSet& set, const std::vector<std::string>& translations,
                                          const std::vector<std::size_t>& lines);

}  // namespace dragoman
