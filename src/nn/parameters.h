#pragma once
// The parameters of a model: named tensors in one flat block, so that an optimiser is one loop, a reduction over
// workers one sum, and saving one write.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "autograd/context.h"
#include "kernels/int8_weights.h"
#include "nn/initial.h"

namespace dragoman {

/// What a tensor is used for, which says how it may be kept in eight bits.
enum class ParameterUse {
  other,  ///< always floats
  map,    ///< [in, out], only in products x W
  table,  ///< [words, width], only to look up rows and in products x W^T
};

/// One tensor of the block.
struct Parameter {
  std::string name;  ///< as in "encoder.layers.0.feed_forward.inner.weight"
  Shape shape;
  Initial initial;
  ParameterUse use = ParameterUse::other;
  std::int64_t offset = 0;  ///< where it begins in the block, a multiple of 16 floats; -1: not there
  /// Instead of floats: one row for each output (of a map) or word (of a table).
  std::shared_ptr<const Int8Weights> int8 = {};
  /// The same, as the upper halves of floats in the order of the shape.
  std::shared_ptr<const std::uint16_t> bfloat16 = {};
  /// Floats that lie elsewhere, in a file that is mapped say.
  std::shared_ptr<const float> elsewhere = {};

  int outputs() const { return shape[use == ParameterUse::map ? 1 : 0]; }
  int inputs() const { return shape[use == ParameterUse::map ? 0 : 1]; }
};

class Parameters {
 public:
  /// Describes one more tensor and returns its number. REQUIRES: a name not used before, before allocate().
  int add(std::string name, Shape shape, Initial initial, ParameterUse use = ParameterUse::other);

  /// Keeps a tensor in eight bits: the model is for inference only then. REQUIRES: a map or a table, sizes that fit,
  /// before allocate().
  void set_int8(int index, std::shared_ptr<const Int8Weights> weights);
  bool has_int8() const;

  /// Keeps a tensor in bfloat16, shape.size() numbers, with the same consequence. REQUIRES: as set_int8().
  void set_bfloat16(int index, std::shared_ptr<const std::uint16_t> numbers);

  /// Takes a tensor's floats, shape.size() of them, as they lie in memory: the model is for inference only then.
  /// REQUIRES: before allocate().
  void set_elsewhere(int index, std::shared_ptr<const float> values);

  /// Makes the block of all others, all zero.
  void allocate();

  /// Draws each tensor's initial values; those of a tensor depend on the seed and its name only.
  void initialise(std::uint64_t seed);

  std::span<const Parameter> list() const { return list_; }
  const Parameter& operator[](int index) const { return list_[index]; }
  const Parameter* find(const std::string& name) const;

  /// The flat block, which has all tensors but those of set_int8(), set_bfloat16() and set_elsewhere(). Between tensors
  /// there may be a few floats of padding that stay zero.
  std::span<float> values() { return values_; }
  std::span<const float> values() const { return values_; }
  /// A tensor's part of it; empty if it is not there.
  std::span<float> values_of(const Parameter& parameter) {
    if (parameter.offset < 0) return {};
    return std::span(values_).subspan(std::size_t(parameter.offset), std::size_t(parameter.shape.size()));
  }
  /// A tensor's floats, wherever they lie; none if it is kept otherwise.
  std::span<const float> floats_of(const Parameter& parameter) const;

  /// Number of parameters without padding.
  std::int64_t count() const;

 private:
  std::vector<Parameter> list_;
  std::vector<float> values_;
  std::int64_t size_ = 0;
};

/// A layer's hold on one of its model's parameters.
class Weight {
 public:
  Weight() = default;
  Weight(const Parameters& parameters, int index) : parameters_(&parameters), index_(index) {}

  explicit operator bool() const { return parameters_ != nullptr; }

  /// The values, with the gradient that this context sums when it is recording; an empty tensor if there is no weight.
  Tensor in(const Context& ctx) const;

 private:
  const Parameters* parameters_ = nullptr;
  int index_ = 0;
};

/// Where in a model a layer stands: its parameters' names begin with the path.
class Scope {
 public:
  explicit Scope(Parameters& parameters, std::string path = "") : parameters_(&parameters), path_(std::move(path)) {}

  Scope operator/(const std::string& name) const {
    return Scope(*parameters_, path_.empty() ? name : path_ + "." + name);
  }
  Scope operator/(int number) const { return *this / std::to_string(number); }

  Weight parameter(const std::string& name, Shape shape, Initial initial,
                   ParameterUse use = ParameterUse::other) const {
    return {*parameters_, parameters_->add((*this / name).path_, shape, initial, use)};
  }

 private:
  Parameters* parameters_;
  std::string path_;
};

}  // namespace dragoman
