#pragma once
// Marian's .bin files made by hand.

#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

struct Item {
  std::string name;
  std::uint64_t type;
  std::vector<std::int32_t> shape;
  std::string data;
};

inline std::string bin(const std::vector<Item>& items, std::uint64_t version = 1) {
  std::string text = raw(version) + raw(std::uint64_t(items.size()));
  for (const Item& item : items) {
    text += raw(std::uint64_t(item.name.size() + 1)) + raw(item.type) + raw(std::uint64_t(item.shape.size())) +
            raw(std::uint64_t(item.data.size()));
  }
  for (const Item& item : items) text += item.name + '\0';
  for (const Item& item : items) {
    for (const std::int32_t length : item.shape) text += raw(length);
  }
  const std::uint64_t padding = ((text.size() + 8) / 256 + 1) * 256 - text.size() - 8;
  text += raw(padding) + std::string(padding, '\0');
  for (const Item& item : items) text += item.data;
  return text;
}

}  // namespace dragoman
