#include "fuzz/driver.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iostream>

#include "base/files.h"
#include "fuzz/mutate.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace dragoman::fuzz {
namespace {

/// The mutant that is being read, as a process that dies needs it.
struct {
  const char* bytes = nullptr;
  std::size_t size = 0;
  char path[512] = "";  ///< where it would be kept
} current;

void say(const char* text) { static_cast<void>(!::write(STDERR_FILENO, text, std::strlen(text))); }

/// Does only what a signal handler may.
void keep_current() {
  if (current.bytes == nullptr) return;
  const int fd = ::open(current.path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  static_cast<void>(!::write(fd, current.bytes, current.size));
  ::close(fd);
  current.bytes = nullptr;
  say("\nit died or was stopped while it read the mutant kept in ");
  say(current.path);
  say("\n");
}

void keep_and_die(int signal) {
  keep_current();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void watch_for_death() {
  static const bool done = [] {
    for (const int signal : {SIGTERM, SIGINT}) ::signal(signal, keep_and_die);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_set_death_callback(keep_current);
#else
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::signal(signal, keep_and_die);
#endif
    return true;
  }();
  static_cast<void>(done);
}

std::string path_to_keep(const std::string& name, std::uint64_t seed, long number) {
  return (std::filesystem::temp_directory_path() /
          (name + "-" + std::to_string(seed) + "-" + std::to_string(number) + ".mutant"))
      .string();
}

}  // namespace

std::string mutant(const Reader& reader, std::uint64_t seed, long number) {
  Random random = Random(seed).fork(std::uint64_t(number));
  const std::string& from = reader.seeds[random.below(reader.seeds.size())];
  const std::string& other = reader.seeds[random.below(reader.seeds.size())];
  std::string bytes = mutate(from, other, {.is_text = reader.is_text, .words = reader.words}, random);
  if (reader.mend && random.below(2) == 0) reader.mend(bytes, from);
  return bytes;
}

Tally try_mutants(const std::string& name, const Reader& reader, std::uint64_t seed, long count, int most_failures) {
  watch_for_death();
  Tally tally;
  const auto try_one = [&](const std::string& bytes, long number, const char* what) {
    const std::string path = path_to_keep(name, seed, number);
    std::strncpy(current.path, path.c_str(), sizeof current.path - 1);
    current.size = bytes.size();
    current.bytes = bytes.data();
    try {
      const Outcome outcome = read_file_with(reader, bytes);
      current.bytes = nullptr;
      return outcome;
    } catch (const std::exception& e) {
      current.bytes = nullptr;
      ++tally.failures;
      std::cerr << name << ": " << what << " " << number << ": " << e.what() << "\n";
      if (tally.failures <= most_failures) {
        write_atomically(path, bytes);
        std::cerr << "kept in " << path << "\n";
      }
      return Outcome::rejected;
    }
  };
  for (std::size_t i = 0; i < reader.seeds.size(); ++i) {
    if (try_one(reader.seeds[i], long(i), "seed") == Outcome::accepted) continue;
    ++tally.failures;
    std::cerr << name << ": seed " << i << " is not accepted\n";
  }
  for (long number = 0; number < count && tally.failures < most_failures; ++number) {
    ++(try_one(mutant(reader, seed, number), number, "mutant") == Outcome::accepted ? tally.accepted : tally.rejected);
    ++tally.mutants;
  }
  return tally;
}

}  // namespace dragoman::fuzz
