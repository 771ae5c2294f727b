#include "model/positions.h"

#include <cmath>
#include <vector>

namespace dragoman {

Sinusoids::Sinusoids(int width, int first) : width_(width), first_(first) {}

void Sinusoids::fill(int width, int first, int positions, float* table) {
  const int half = width / 2;
  std::vector<double> frequencies(std::size_t(half), 1);
  for (int i = 0; half > 1 && i < half; ++i)
    frequencies[std::size_t(i)] = std::exp(-i * std::log(10000.0) / (half - 1));
  for (int p = first; p < first + positions; ++p, table += width) {
    for (int i = 0; i < half; ++i) {
      const double angle = p * frequencies[std::size_t(i)];
      table[i] = float(std::sin(angle));
      table[half + i] = float(std::cos(angle));
    }
    if (width % 2 != 0) table[width - 1] = 0;
  }
}

Tensor Sinusoids::table(const Context& ctx, int positions) const {
  if (positions > parts * rows_of_a_part) {
    Tensor table{{positions, width_}, ctx.arena.array<float>(std::size_t(positions) * width_).data(), nullptr};
    fill(width_, first_, positions, table.data);
    return table;
  }
  std::call_once(made_, [&] { usual_.reset(new float[std::size_t(parts * rows_of_a_part) * width_]); });
  for (int part = 0; part * rows_of_a_part < positions; ++part) {
    std::call_once(filled_[part], [&] {
      const int row = part * rows_of_a_part;
      fill(width_, first_ + row, rows_of_a_part, usual_.get() + std::int64_t(row) * width_);
    });
  }
  return {{positions, width_}, usual_.get(), nullptr};
}

}  // namespace dragoman
