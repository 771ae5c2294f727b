// A reader as a target of libFuzzer, chosen when this is compiled. `fuzz_readers --write-seeds FOLDER READER` makes a
// corpus to begin with.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuzz/reader.h"

using namespace dragoman::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Reader reader = [] {
    for (const ReaderEntry& entry : all_readers()) {
      if (std::strcmp(entry.name, DRAGOMAN_FUZZ_READER) == 0) return entry.make();
    }
    std::abort();
  }();
  try {
    read_file_with(reader, {reinterpret_cast<const char*>(data), size});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", DRAGOMAN_FUZZ_READER, e.what());
    std::abort();
  }
  return 0;
}
