#pragma once
// Clipping of gradients by their norm (Pascanu, Mikolov and Bengio 2013).

#include <cstddef>
#include <span>

namespace dragoman {

/// The norm is summed in double precision over parts of this many numbers, and then over the parts in their order: so
/// threads may share the parts, and the result is the same bits however many there are.
inline constexpr std::size_t norm_part = 1 << 16;

inline std::size_t norm_parts(std::size_t size) { return (size + norm_part - 1) / norm_part; }

/// Puts the sum of squares of each part first .. last-1 of `gradients` into the same place of `sums`.
/// REQUIRES: sums.size() == norm_parts(gradients.size()).
void sum_parts(std::span<const float> gradients, std::size_t first, std::size_t last, std::span<double> sums);

/// The norm of all, from the sums of all parts.
double norm_of_parts(std::span<const double> sums);

/// Both steps in the calling thread: the Euclidean norm. Not finite if any of the numbers is not.
double gradient_norm(std::span<const float> gradients);

/// What to multiply gradients of norm `norm` with, so that their norm is at most `longest`; 1 if `longest` is 0 (off).
double clip_scale(double norm, double longest);

}  // namespace dragoman
