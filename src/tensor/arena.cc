#include "tensor/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)0)
#endif

namespace dragoman {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t huge_page = std::size_t(2) << 20;
constexpr std::size_t smallest_block = 4 * huge_page;

std::size_t round_up(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

Arena::~Arena() { release(); }

void* Arena::allocate(std::size_t bytes) {
  bytes = round_up(std::max<std::size_t>(bytes, 1), alignment);
  while (blocks_.empty() || used_ + bytes > blocks_[current_].size) {
    if (!blocks_.empty() && current_ + 1 < blocks_.size()) {
      ++current_;
      used_ = 0;
    } else {
      add_block(bytes);
    }
  }
  std::byte* result = blocks_[current_].data + used_;
  used_ += bytes;
  ASAN_UNPOISON_MEMORY_REGION(result, bytes);
  return result;
}

void Arena::add_block(std::size_t bytes) {
  const std::size_t size = round_up(std::max({bytes, smallest_block, capacity() / 2}), huge_page);
  void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) throw std::bad_alloc();
  ::madvise(address, size, MADV_HUGEPAGE);
  blocks_.push_back({static_cast<std::byte*>(address), size});
  ASAN_POISON_MEMORY_REGION(address, size);
  current_ = blocks_.size() - 1;
  used_ = 0;
}

void Arena::rewind(Mark mark) {
  current_ = mark.block;
  used_ = mark.used;
  for (std::size_t i = current_; i < blocks_.size(); ++i) {
    [[maybe_unused]] const std::size_t kept = i == current_ ? used_ : 0;
    ASAN_POISON_MEMORY_REGION(blocks_[i].data + kept, blocks_[i].size - kept);
  }
}

void Arena::reset() {
  if (blocks_.size() > 1) {
    const std::size_t total = capacity();
    release();
    add_block(total);
  }
  rewind({0, 0});
}

std::size_t Arena::capacity() const {
  std::size_t total = 0;
  for (const Block& block : blocks_) total += block.size;
  return total;
}

void Arena::release() {
  for (const Block& block : blocks_) {
    ASAN_UNPOISON_MEMORY_REGION(block.data, block.size);
    ::munmap(block.data, block.size);
  }
  blocks_.clear();
  current_ = used_ = 0;
}

}  // namespace dragoman
