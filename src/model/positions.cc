#include "model/positions.h"

#include <cmath>

namespace dragoman {
namespace {

constexpr int usual_positions = 256;

}  // namespace

Sinusoids::Sinusoids(int width, int first)
    : width_(width), first_(first), usual_(std::size_t(usual_positions) * width) {
  fill(width_, first_, usual_positions, usual_.data());
}

void Sinusoids::fill(int width, int first, int positions, float* table) {
  const int half = width / 2;
  for (int p = first; p < first + positions; ++p, table += width) {
    for (int i = 0; i < half; ++i) {
      const double frequency = half > 1 ? std::exp(-i * std::log(10000.0) / (half - 1)) : 1;
      table[i] = float(std::sin(p * frequency));
      table[half + i] = float(std::cos(p * frequency));
    }
    if (width % 2 != 0) table[width - 1] = 0;
  }
}

Tensor Sinusoids::table(const Context& ctx, int positions) const {
  if (positions <= usual_positions) return {{usual_positions, width_}, const_cast<float*>(usual_.data()), nullptr};
  Tensor table{{positions, width_}, ctx.arena.array<float>(std::size_t(positions) * width_).data(), nullptr};
  fill(width_, first_, positions, table.data);
  return table;
}

}  // namespace dragoman
