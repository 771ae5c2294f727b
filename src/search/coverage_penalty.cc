#include "search/coverage_penalty.h"

#include <algorithm>
#include <cmath>

namespace dragoman {

double coverage_penalty(std::span<const float> covered, double beta) {
  if (beta == 0) return 0;
  double sum = 0;
  for (const float attention : covered) sum += std::log(std::clamp(double(attention), 1e-10, 1.0));
  return beta * sum;
}

}  // namespace dragoman
