#include "nn/parameters.h"

#include <algorithm>
#include <cassert>

namespace dragoman {
namespace {

/// A number for a name (FNV-1a, Fowler, Noll and Vo), to name its stream of random numbers.
std::uint64_t number_of(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace

int Parameters::add(std::string name, Shape shape, Initial initial, ParameterUse use) {
  assert(values_.empty() && find(name) == nullptr);
  list_.push_back({std::move(name), shape, initial, use, size_});
  size_ += (shape.size() + 15) / 16 * 16;
  return int(list_.size()) - 1;
}

void Parameters::set_int8(int index, std::shared_ptr<const Int8Weights> weights) {
  Parameter& p = list_[std::size_t(index)];
  assert(values_.empty() && p.use != ParameterUse::other);
  assert(weights->outputs() == p.outputs() && weights->inputs() == p.inputs());
  p.int8 = std::move(weights);
}

void Parameters::set_bfloat16(int index, std::shared_ptr<const std::uint16_t> numbers) {
  Parameter& p = list_[std::size_t(index)];
  assert(values_.empty() && p.use != ParameterUse::other);
  p.bfloat16 = std::move(numbers);
}

void Parameters::set_elsewhere(int index, std::shared_ptr<const float> values) {
  assert(values_.empty());
  list_[std::size_t(index)].elsewhere = std::move(values);
}

bool Parameters::has_int8() const {
  return std::any_of(list_.begin(), list_.end(), [](const Parameter& p) { return p.int8 != nullptr; });
}

void Parameters::allocate() {
  size_ = 0;
  for (Parameter& p : list_) {
    const bool in_block = p.int8 == nullptr && p.bfloat16 == nullptr && p.elsewhere == nullptr;
    p.offset = in_block ? size_ : -1;
    if (in_block) size_ += (p.shape.size() + 15) / 16 * 16;
  }
  values_.assign(std::size_t(size_), 0.0f);
}

void Parameters::initialise(std::uint64_t seed) {
  for (const Parameter& p : list_) p.initial.draw(Random(seed).fork(number_of(p.name)), values_of(p));
}

const Parameter* Parameters::find(const std::string& name) const {
  for (const Parameter& p : list_) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

std::span<const float> Parameters::floats_of(const Parameter& parameter) const {
  const auto size = std::size_t(parameter.shape.size());
  if (parameter.elsewhere != nullptr) return {parameter.elsewhere.get(), size};
  if (parameter.offset < 0) return {};
  return std::span(values_).subspan(std::size_t(parameter.offset), size);
}

std::int64_t Parameters::count() const {
  std::int64_t total = 0;
  for (const Parameter& p : list_) total += p.shape.size();
  return total;
}

Tensor Weight::in(const Context& ctx) const {
  if (parameters_ == nullptr) return {};
  const Parameter& p = (*parameters_)[index_];
  if (p.int8 != nullptr) {
    assert(!ctx.recording());
    return {p.shape, nullptr, nullptr, p.int8.get()};
  }
  if (p.bfloat16 != nullptr) {
    assert(!ctx.recording());
    return {p.shape, nullptr, nullptr, nullptr, p.bfloat16.get()};
  }
  Tensor tensor{p.shape, const_cast<float*>(parameters_->floats_of(p).data()), nullptr};
  assert(!ctx.recording() || p.offset >= 0);
  if (ctx.recording()) {
    tensor.gradient = new (ctx.arena.allocate(sizeof(Gradient))) Gradient{ctx.gradients + p.offset, true};
  }
  return tensor;
}

}  // namespace dragoman
