#pragma once
// Readers of files as targets of mutated files. To add one: write a function that makes it, and name it in readers.cc.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace dragoman::fuzz {

/// A reader with what is needed to try it.
struct Reader {
  std::string path;                ///< every Error must name it
  std::vector<std::string> seeds;  ///< small sound files
  bool is_text = false;
  std::vector<std::string> words = {};  ///< what texts of the format are made of
  /// Reads a file's bytes, which end where their memory ends, and uses what came of them, as far as an application
  /// would. Throws Error for files that are damaged.
  std::function<void(std::span<const std::byte> bytes)> read = {};
  /// Makes sizes and checksums of a mutant right again, so that it reaches what they guard. Tried with half of them.
  std::function<void(std::string& mutant, const std::string& seed)> mend = {};
};

struct ReaderEntry {
  const char* name;
  int share;  ///< of all mutants, in proportion to the others'
  Reader (*make)();
};

/// All readers.
std::span<const ReaderEntry> all_readers();

/// What became of a file.
enum class Outcome { accepted, rejected };

/// Lets a reader read bytes. Throws std::runtime_error that says what it did wrong: another exception than Error, an
/// Error that does not name the file, more memory than a file of this size may cost.
Outcome read_file_with(const Reader& reader, const std::string& bytes);

}  // namespace dragoman::fuzz
