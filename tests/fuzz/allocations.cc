#include "fuzz/allocations.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace dragoman::fuzz {
namespace {

struct Counts {
  std::atomic<bool> watched = false;
  std::atomic<std::size_t> largest = 0, total = 0;
  std::atomic<long> count = 0;
  AllocationBounds bounds{};

  bool is_within_bounds() const { return largest <= bounds.largest && total <= bounds.total && count <= bounds.count; }
};

Counts counts;

/// Null beyond a bound.
void* take(std::size_t size, std::size_t alignment) noexcept {
  if (counts.watched) {
    std::size_t largest = counts.largest;
    while (size > largest && !counts.largest.compare_exchange_weak(largest, size)) {
    }
    counts.total += size;
    ++counts.count;
    if (!counts.is_within_bounds()) return nullptr;
  }
  size = size == 0 ? 1 : size;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* take_or_throw(std::size_t size, std::size_t alignment = 1) {
  void* memory = take(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

AllocationWatch::AllocationWatch(const AllocationBounds& bounds) {
  counts.largest = counts.total = 0;
  counts.count = 0;
  counts.bounds = bounds;
  counts.watched = true;
}

AllocationWatch::~AllocationWatch() { counts.watched = false; }

std::string AllocationWatch::exceeded() const {
  counts.watched = false;  // the text is not the reader's
  std::string text;
  if (counts.largest > counts.bounds.largest)
    text = fmt::format("an allocation of {} bytes", counts.largest.load());
  else if (counts.total > counts.bounds.total)
    text = fmt::format("allocations of {} bytes in all", counts.total.load());
  else if (counts.count > counts.bounds.count)
    text = fmt::format("{} allocations", counts.count.load());
  counts.watched = true;
  return text;
}

std::size_t AllocationWatch::largest() const { return counts.largest; }
std::size_t AllocationWatch::total() const { return counts.total; }
long AllocationWatch::count() const { return counts.count; }

}  // namespace dragoman::fuzz

using dragoman::fuzz::take;
using dragoman::fuzz::take_or_throw;

void* operator new(std::size_t size) { return take_or_throw(size); }
void* operator new[](std::size_t size) { return take_or_throw(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return take_or_throw(size, std::size_t(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return take_or_throw(size, std::size_t(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return take(size, 1); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
