#include "model/positions.h"

#include <cmath>

namespace dragoman {
namespace {

constexpr int usual_positions = 256;

}  // namespace

Sinusoids::Sinusoids(int width) : width_(width), usual_(std::size_t(usual_positions) * width) {
  fill(usual_positions, usual_.data());
}

void Sinusoids::fill(int positions, float* table) const {
  const int half = width_ / 2;
  for (int p = 0; p < positions; ++p, table += width_) {
    for (int i = 0; i < half; ++i) {
      const double frequency = half > 1 ? std::exp(-i * std::log(10000.0) / (half - 1)) : 1;
      table[i] = float(std::sin(p * frequency));
      table[half + i] = float(std::cos(p * frequency));
    }
    if (width_ % 2 != 0) table[width_ - 1] = 0;
  }
}

Tensor Sinusoids::table(const Context& ctx, int positions) const {
  if (positions <= usual_positions) return {{usual_positions, width_}, const_cast<float*>(usual_.data()), nullptr};
  Tensor table{{positions, width_}, ctx.arena.array<float>(std::size_t(positions) * width_).data(), nullptr};
  fill(positions, table.data);
  return table;
}

}  // namespace dragoman
