#include "nn/parameters.h"

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

int Parameters::add(std::string name, Shape shape, Initial initial) {
  assert(values_.empty() && find(name) == nullptr);
  list_.push_back({std::move(name), shape, initial, size_});
  size_ += (shape.size() + 15) / 16 * 16;
  return int(list_.size()) - 1;
}

void Parameters::allocate() { values_.assign(std::size_t(size_), 0.0f); }

void Parameters::initialise(std::uint64_t seed) {
  for (const Parameter& p : list_) p.initial.draw(Random(seed).fork(number_of(p.name)), values_of(p));
}

const Parameter* Parameters::find(const std::string& name) const {
  for (const Parameter& p : list_) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

std::int64_t Parameters::count() const {
  std::int64_t total = 0;
  for (const Parameter& p : list_) total += p.shape.size();
  return total;
}

Tensor Weight::in(const Context& ctx) const {
  if (parameters_ == nullptr) return {};
  const Parameter& p = (*parameters_)[index_];
  Tensor tensor{p.shape, const_cast<float*>(parameters_->values().data()) + p.offset, nullptr};
  if (ctx.recording()) {
    tensor.gradient = new (ctx.arena.allocate(sizeof(Gradient))) Gradient{ctx.gradients + p.offset, true};
  }
  return tensor;
}

}  // namespace dragoman
