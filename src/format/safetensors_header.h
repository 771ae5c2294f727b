#pragma once
// The JSON header of a safetensors file, checked for its form; safetensors.cc checks it against the data.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// What the header says of each tensor, in the order of the header.
struct SafetensorsHeader {
  struct Entry {
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;  ///< data_offsets: bytes from the start of the data
  };
  std::vector<Entry> tensors;
  std::map<std::string, std::string> metadata;
};

/// Parses the header. Its grammar is checked while the text is read, so a hostile one costs no more memory than its
/// own size. Throws Error that begins with `path` for anything that is not
/// {"name": {"dtype": text, "shape": [integers], "data_offsets": [begin, end]}, ..., "__metadata__": {text: text}}.
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& path);

}  // namespace dragoman
