#pragma once
// Watches what a reader takes from operator new: a hostile file may claim any size, and must not be given it.

#include <cstddef>
#include <string>

namespace dragoman::fuzz {

/// What reading and using a file may take. Allocations stand for work too: what goes on without end makes too many.
struct AllocationBounds {
  std::size_t largest;  ///< bytes of one allocation
  std::size_t total;    ///< bytes of all, freed ones too
  long count;
};

/// Counts all allocations of this process (of all its threads) while it lives; those that pass a bound throw
/// std::bad_alloc. One at a time. Memory that C libraries take with malloc is not seen.
class AllocationWatch {
 public:
  explicit AllocationWatch(const AllocationBounds& bounds);
  ~AllocationWatch();
  AllocationWatch(const AllocationWatch&) = delete;
  AllocationWatch& operator=(const AllocationWatch&) = delete;

  /// Which bound was passed, "an allocation of 123 bytes"; empty: none.
  std::string exceeded() const;

  std::size_t largest() const, total() const;
  long count() const;
};

}  // namespace dragoman::fuzz
