#include "train/clip.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "train/update_kernels.h"

namespace dragoman {

void sum_parts(std::span<const float> gradients, std::size_t first, std::size_t last, std::span<double> sums) {
  assert(sums.size() == norm_parts(gradients.size()) && last <= sums.size());
  for (std::size_t part = first; part < last; ++part) {
    const std::size_t begin = part * norm_part, size = std::min(norm_part, gradients.size() - begin);
    sums[part] = update_kernels::sum_of_squares(gradients.data() + begin, size);
  }
}

double norm_of_parts(std::span<const double> sums) {
  double total = 0;
  for (const double sum : sums) total += sum;
  return std::sqrt(total);
}

double gradient_norm(std::span<const float> gradients) {
  std::vector<double> sums(norm_parts(gradients.size()));
  sum_parts(gradients, 0, sums.size(), sums);
  return norm_of_parts(sums);
}

double clip_scale(double norm, double longest) { return longest > 0 && norm > longest ? longest / norm : 1; }

}  // namespace dragoman
