#pragma once
// Memory for everything that lives as long as one pass over a batch: taken by moving a pointer, given back at once.

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace dragoman {

/// A bump allocator. Memory comes from the system in large blocks (on huge pages where they exist) and is kept
/// between passes; after a pass that needed several blocks they are joined into one, so that a steady workload
/// neither asks the system again nor touches new pages. Not for use by two threads.
class Arena {
 public:
  /// A place to go back to.
  struct Mark {
    std::size_t block = 0;
    std::size_t used = 0;
  };

  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised memory aligned to 64 bytes, valid until reset() or a rewind() to before it.
  void* allocate(std::size_t bytes);

  template <class T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return {static_cast<T*>(allocate(count * sizeof(T))), count};
  }

  Mark mark() const { return {current_, used_}; }

  /// Gives back all that was allocated since `mark`.
  void rewind(Mark mark);

  /// Gives back everything.
  void reset();

  /// Bytes held from the system.
  std::size_t capacity() const;

 private:
  struct Block {
    std::byte* data;
    std::size_t size;
  };
  void add_block(std::size_t bytes);
  void release();

  std::vector<Block> blocks_;
  std::size_t current_ = 0;  ///< the block that is being filled
  std::size_t used_ = 0;     ///< bytes of it in use
};

}  // namespace dragoman
