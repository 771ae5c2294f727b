#pragma once
// How parameters are drawn at the beginning.

#include <cmath>
#include <span>

#include "base/random.h"

namespace dragoman {

struct Initial {
  enum class Kind { constant, uniform, normal } kind = Kind::constant;
  float size = 0;          ///< the constant, the half-width of the interval, or the standard deviation
  float first_factor = 1;  ///< of values in the first columns
  int first_columns = 0;   ///< how many those are
  int all_columns = 0;     ///< columns in all; REQUIRED with first_columns

  static Initial constant(float value) { return {Kind::constant, value}; }
  static Initial uniform(float half_width) { return {Kind::uniform, half_width}; }
  static Initial normal(float deviation) { return {Kind::normal, deviation}; }
  /// Uniform with variance 2 / (in + out) (Glorot and Bengio 2010).
  static Initial glorot(int in, int out) { return uniform(std::sqrt(6.0f / float(in + out))); }

  /// Values that are `factor` times as large; with `columns`, only those in the first ones of `all`.
  Initial times(float factor) const { return {kind, size * factor}; }
  Initial times(float factor, int columns, int all) const { return {kind, size, factor, columns, all}; }

  void draw(Random random, std::span<float> values) const;
};

}  // namespace dragoman
