#include "tensor/arena.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace dragoman {
namespace {

TEST(Arena, GivesAlignedMemoryThatDoesNotOverlap) {
  Arena arena;
  auto a = arena.array<float>(3), b = arena.array<float>(5);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.data()) % 64, 0u);
  EXPECT_GE(b.data(), a.data() + 3);
  for (float& x : a) x = 1;
  for (float& x : b) x = 2;
  for (float x : a) EXPECT_EQ(x, 1);
}

TEST(Arena, DoesNotGrowWhenTheSameWorkIsRepeated) {
  Arena arena;
  const auto work = [&] {
    for (int i = 0; i < 100; ++i) arena.array<float>(300000 + i);
  };
  work();
  arena.reset();
  const std::size_t capacity = arena.capacity();
  for (int pass = 0; pass < 3; ++pass) {
    work();
    EXPECT_EQ(arena.capacity(), capacity);
    arena.reset();
  }
}

TEST(Arena, RewindGivesBackOnlyWhatCameAfterTheMark) {
  Arena arena;
  auto kept = arena.array<int>(10);
  for (int& x : kept) x = 7;
  const auto mark = arena.mark();
  auto first = arena.array<int>(4000000);
  arena.rewind(mark);
  auto second = arena.array<int>(10);
  for (int& x : second) x = 9;
  (void)first;
  for (int x : kept) EXPECT_EQ(x, 7);
}

}  // namespace
}  // namespace dragoman
