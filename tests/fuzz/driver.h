#pragma once
// Gives readers many mutants of their seeds, always the same ones for the same numbers.

#include <cstdint>
#include <string>

#include "fuzz/reader.h"

namespace dragoman::fuzz {

/// What became of a reader's mutants.
struct Tally {
  long mutants = 0, accepted = 0, rejected = 0, failures = 0;
};

/// Mutant `number` of a reader's seeds, in the run named by `seed`.
std::string mutant(const Reader& reader, std::uint64_t seed, long number);

/// Gives a reader mutants 0 .. count - 1, and first its seeds, which it must accept. What it did wrong is told on
/// standard error, where the mutant is kept for another try: at most `most_failures` times. If the process dies, the
/// mutant is kept and told of too.
Tally try_mutants(const std::string& name, const Reader& reader, std::uint64_t seed, long count, int most_failures = 3);

}  // namespace dragoman::fuzz
