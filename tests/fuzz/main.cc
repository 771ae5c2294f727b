// Tries readers with mutated files:
//
//   fuzz_readers [--mutants N] [--seed S] [READER]...   N mutants in all, of these readers or of all
//   fuzz_readers --read FILE READER                     a file that was kept
//   fuzz_readers --write-seeds FOLDER READER            its sound files, to begin with for other fuzzers
//   fuzz_readers --list
//
// Prints what became of them, and fails if a reader did anything but accept a file or throw an Error that names it.

#include <cstdio>
#include <ctime>
#include <iostream>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "fuzz/driver.h"

namespace dragoman::fuzz {
namespace {

constexpr long usual_mutants = 20'000;

const ReaderEntry& entry_named(const std::string& name) {
  for (const ReaderEntry& entry : all_readers()) {
    if (name == entry.name) return entry;
  }
  fail("there is no reader '{}'; --list names all", name);
}

int run(const std::vector<std::string>& args) {
  long mutants = usual_mutants;
  std::uint64_t seed = 1;
  std::string file, folder;
  std::vector<const ReaderEntry*> chosen;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto value = [&]() -> const std::string& {
      require(i + 1 < args.size(), "{}: expected a value after it", args[i]);
      return args[++i];
    };
    if (args[i] == "--list") {
      for (const ReaderEntry& entry : all_readers()) std::cout << entry.name << "\n";
      return 0;
    }
    if (args[i] == "--mutants") {
      mutants = std::stol(value());
    } else if (args[i] == "--seed") {
      seed = std::stoull(value());
    } else if (args[i] == "--read") {
      file = value();
    } else if (args[i] == "--write-seeds") {
      folder = value();
    } else {
      chosen.push_back(&entry_named(args[i]));
    }
  }
  require((file.empty() && folder.empty()) || chosen.size() == 1, "expected one reader, found {}", chosen.size());
  if (!folder.empty()) {
    const Reader reader = chosen[0]->make();
    for (std::size_t i = 0; i < reader.seeds.size(); ++i) {
      write_atomically(folder + "/" + chosen[0]->name + "-" + std::to_string(i), reader.seeds[i]);
    }
    return 0;
  }
  if (!file.empty()) {
    const Outcome outcome = read_file_with(chosen[0]->make(), read_file(file));
    std::cout << (outcome == Outcome::accepted ? "accepted" : "rejected") << "\n";
    return 0;
  }
  if (chosen.empty()) {
    for (const ReaderEntry& entry : all_readers()) chosen.push_back(&entry);
  }
  double shares = 0;
  for (const ReaderEntry* entry : chosen) shares += entry->share;
  Tally all;
  fmt::print("{:<28}{:>9}{:>10}{:>10}{:>9}{:>10}\n", "reader", "mutants", "accepted", "rejected", "failed", "seconds");
  for (const ReaderEntry* entry : chosen) {
    const std::clock_t start = std::clock();  // of the processor, whatever else it does
    const Tally tally = try_mutants(entry->name, entry->make(), seed, long(double(mutants) * entry->share / shares));
    const double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
    fmt::print("{:<28}{:>9}{:>10}{:>10}{:>9}{:>10.1f}\n", entry->name, tally.mutants, tally.accepted, tally.rejected,
               tally.failures, seconds);
    std::fflush(stdout);
    all.mutants += tally.mutants;
    all.failures += tally.failures;
    if (tally.mutants < 200 || tally.failures > 0) continue;
    if (tally.accepted == 0 || tally.rejected == 0) {
      fmt::print(stderr, "{}: all mutants {}, so that they test nothing\n", entry->name,
                 tally.accepted == 0 ? "rejected" : "accepted");
      ++all.failures;
    }
  }
  fmt::print("{:<28}{:>9}\n", "all", all.mutants);
  return all.failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace dragoman::fuzz

int main(int argc, char** argv) {
  try {
    return dragoman::fuzz::run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "fuzz_readers: " << e.what() << "\n";
    return 2;
  }
}
