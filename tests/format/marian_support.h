#pragma once
// Writes Marian's .bin files, sound or not.

#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

/// The bytes of a number.
template <class T>
std::string raw_bytes(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// One array of a file.
struct BinItem {
  std::string name;
  std::uint64_t type;
  std::vector<std::int32_t> shape;
  std::string data;
};

inline std::string marian_bin(const std::vector<BinItem>& items, std::uint64_t version = 1) {
  std::string text = raw_bytes(version) + raw_bytes(std::uint64_t(items.size()));
  for (const BinItem& item : items) {
    text += raw_bytes(std::uint64_t(item.name.size() + 1)) + raw_bytes(item.type) +
            raw_bytes(std::uint64_t(item.shape.size())) + raw_bytes(std::uint64_t(item.data.size()));
  }
  for (const BinItem& item : items) text += item.name + '\0';
  for (const BinItem& item : items) {
    for (const std::int32_t length : item.shape) text += raw_bytes(length);
  }
  const std::uint64_t padding = ((text.size() + 8) / 256 + 1) * 256 - text.size() - 8;
  text += raw_bytes(padding) + std::string(padding, '\0');
  for (const BinItem& item : items) text += item.data;
  return text;
}

}  // namespace dragoman
