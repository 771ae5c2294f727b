// Whether the harness would notice: readers that misbehave on purpose.

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "base/error.h"
#include "fuzz/allocations.h"
#include "fuzz/driver.h"
#include "fuzz/mutate.h"

namespace dragoman::fuzz {
namespace {

using ::testing::HasSubstr;

Reader reader_that(std::function<void(std::span<const std::byte>)> does) {
  return {.path = "some.file", .seeds = {"a sound file"}, .read = std::move(does)};
}

std::string complaint_about(const Reader& reader, const std::string& bytes = "bytes") {
  try {
    read_file_with(reader, bytes);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "none";
}

TEST(FuzzHarness, FilesAreAcceptedOrRejectedByAnErrorThatNamesThem) {
  EXPECT_EQ(read_file_with(reader_that([](auto) {}), "x"), Outcome::accepted);
  EXPECT_EQ(read_file_with(reader_that([](auto) { fail("some.file: damaged"); }), "x"), Outcome::rejected);
  EXPECT_THAT(complaint_about(reader_that([](auto) { fail("damaged"); })),
              HasSubstr("an Error that does not name the file: damaged"));
  EXPECT_THAT(complaint_about(reader_that([](auto) { throw std::out_of_range("some.file"); })),
              HasSubstr("an exception that is no Error: some.file"));
}

TEST(FuzzHarness, ReadersGetExactlyTheBytes) {
  read_file_with(reader_that([](std::span<const std::byte> bytes) {
                   EXPECT_EQ(bytes.size(), 3u);
                   EXPECT_EQ(bytes[1], std::byte(0));
                 }),
                 std::string("a\0b", 3));
}

TEST(FuzzHarness, WhatIsClaimedButNotThereMayNotBeAllocated) {
  const auto taking = [](std::size_t bytes) {
    return reader_that([=](auto) { std::vector<char>(bytes).front() = 1; });
  };
  EXPECT_EQ(complaint_about(taking(1 << 20)), "none");
  EXPECT_THAT(complaint_about(taking(std::size_t(80) << 20)), HasSubstr("an allocation of 83886080 bytes"));
  EXPECT_THAT(complaint_about(taking(std::size_t(1) << 40)), HasSubstr("an allocation of"));
  // even where somebody catches what is thrown then
  EXPECT_THAT(complaint_about(reader_that([](auto) {
                try {
                  std::vector<char>(std::size_t(80) << 20).front() = 1;
                } catch (const std::bad_alloc&) {
                  fail("some.file: too large");
                }
              })),
              HasSubstr("an allocation of"));
}

TEST(FuzzHarness, WorkWithoutEndIsNoticed) {
  EXPECT_THAT(complaint_about(reader_that([](auto) {
                for (;;) std::vector<int>(10).front() = 1;
              })),
              HasSubstr("allocations"));
}

TEST(FuzzHarness, AllocationsAreNotWatchedOutsideOfAReader) {
  {
    const AllocationWatch watch({.largest = 1 << 20, .total = 1 << 20, .count = 10});
    std::vector<char>(1000).front() = 1;
    EXPECT_GE(watch.total(), 1000u);
    EXPECT_EQ(watch.exceeded(), "");
  }
  EXPECT_NO_THROW(std::vector<char>(std::size_t(80) << 20).front() = 1);
}

TEST(FuzzHarness, MutantsAreAFunctionOfTheirNumbers) {
  Reader reader = reader_that([](auto) {});
  reader.seeds = {std::string(200, 'x'), "key: 12\nother: [1, 2]\n"};
  reader.words = {"null"};
  std::set<std::string> different;
  for (long i = 0; i < 500; ++i) {
    EXPECT_EQ(mutant(reader, 1, i), mutant(reader, 1, i));
    different.insert(mutant(reader, 1, i));
    different.insert(mutant(reader, 2, i));
  }
  EXPECT_GT(different.size(), 700u);
}

TEST(FuzzHarness, EveryKindOfDamageIsDoneInTime) {
  const std::string text = "{\"size\": 12, \"list\": [1, 2, 3]}\nsecond: line\n";
  const std::vector<std::string> words = {"WORD"};
  int shorter = 0, longer = 0, same = 0, with_word = 0, huge = 0, with_line_twice = 0, key_twice = 0;
  for (int i = 0; i < 4000; ++i) {
    Random random{std::uint64_t(i)};
    const std::string mutated = mutate(text, "spliced", {.is_text = true, .words = words}, random);
    (mutated.size() < text.size() ? shorter : mutated.size() > text.size() ? longer : same) += 1;
    with_word += mutated.find("WORD") != std::string::npos;
    huge += mutated.find("18446744073709551616") != std::string::npos;
    with_line_twice += mutated.find("second: line\nsecond: line\n") != std::string::npos;
    key_twice += mutated.find(", \"list\": [1, \"list\": [1") != std::string::npos;
  }
  for (const int times : {shorter, longer, same, with_word, huge, with_line_twice, key_twice}) EXPECT_GT(times, 5);
}

TEST(FuzzHarness, AReaderThatRefusesItsSeedsFails) {
  EXPECT_EQ(try_mutants("sound", reader_that([](auto) {}), 1, 50).failures, 0);
  EXPECT_GT(try_mutants("refusing", reader_that([](auto) { fail("some.file: no"); }), 1, 50).failures, 0);
}

}  // namespace
}  // namespace dragoman::fuzz
