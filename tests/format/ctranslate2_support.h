#pragma once
// Writes model.bin as each version of CTranslate2 did, sound or not.

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "format/ctranslate2_file.h"

namespace dragoman {

/// The bytes of a number or of several.
template <class T>
std::string raw(std::vector<T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
template <class T>
std::string raw(T value) {
  return raw(std::vector<T>{value});
}

/// A text as it is stored.
inline std::string stored(const std::string& text) { return raw(std::uint16_t(text.size() + 1)) + text + '\0'; }

/// A variable as it is stored; `type` is its number in files.
struct RawVariable {
  std::string name;
  std::vector<std::uint32_t> shape;
  int type = 0;
  std::string payload;
};

inline RawVariable raw_floats(std::string name, std::vector<std::uint32_t> shape, std::vector<float> values) {
  return {std::move(name), std::move(shape), 0, raw(std::move(values))};
}

using RawAliases = std::vector<std::pair<std::string, std::string>>;

inline std::string raw_model(std::uint32_t version, const std::vector<RawVariable>& variables,
                             const RawAliases& aliases = {}, const std::string& architecture = "TransformerSpec",
                             std::uint32_t revision = 7) {
  constexpr std::uint8_t sizes[] = {4, 1, 2, 4, 2, 2};
  std::string bytes = raw(version);
  if (version >= 2) bytes += stored(architecture) + raw(revision);
  bytes += raw(std::uint32_t(variables.size()));
  for (const RawVariable& v : variables) {
    bytes += stored(v.name) + raw(std::uint8_t(v.shape.size())) + raw(v.shape);
    const std::uint8_t size = v.type < 6 ? sizes[v.type] : 4;
    if (version >= 4) {
      bytes += raw(std::uint8_t(v.type)) + raw(std::uint32_t(v.payload.size()));
    } else {
      bytes += raw(size) + raw(std::uint32_t(v.payload.size() / size));
    }
    bytes += v.payload;
  }
  if (version >= 3) {
    bytes += raw(std::uint32_t(aliases.size()));
    for (const auto& [alias, name] : aliases) bytes += stored(alias) + stored(name);
  }
  return bytes;
}

inline CTranslate2File parse_ctranslate2(const std::string& bytes) {
  return CTranslate2File::from_bytes(std::as_bytes(std::span(bytes)), "model.bin");
}

}  // namespace dragoman
