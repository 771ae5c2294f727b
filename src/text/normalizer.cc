#include "text/normalizer.h"

#include <cstring>

namespace dragoman {
namespace {

constexpr std::string_view marked_space = "\xE2\x96\x81", replacement = "\xEF\xBF\xBD";

/// The size of the character that a text begins with; 0: it is no UTF-8.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead < 0xF0) {
    if (!continues(1) || !continues(2)) return 0;
    const unsigned code = (lead & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    return code >= 0x800 && (code < 0xD800 || code > 0xDFFF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead < 0xF8) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    const unsigned code = (lead & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
    return code >= 0x10000 && code <= 0x10FFFF ? 4 : 0;
  }
  return 0;
}

}  // namespace

Normalizer::Normalizer(const SentencePieceModel::Normalization& rules, const PieceTrie& user_defined)
    : rules_(rules), user_defined_(user_defined) {
  if (rules.character_map.empty()) return;
  std::uint32_t size = 0;
  std::memcpy(&size, rules.character_map.data(), sizeof size);
  trie_ = rules.character_map.substr(sizeof size, size);
  replacements_ = rules.character_map.substr(sizeof size + size);
}

std::uint32_t Normalizer::unit(std::size_t index) const {
  std::uint32_t value = 0;
  std::memcpy(&value, trie_.data() + 4 * index, sizeof value);
  return value;
}

/// The longest rule that fits, found in a double-array trie (sentencepiece_model.cc tells how it lies in memory, and
/// has seen to it that it points nowhere else); of size 0 if none does.
Normalizer::Prefix Normalizer::replaced(std::string_view text) const {
  const auto children = [](std::uint32_t u) { return std::size_t(u >> 10) << ((u & 0x200) >> 6); };
  Prefix found{{}, 0};
  std::size_t node = children(unit(0));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    node ^= byte;
    const std::uint32_t u = unit(node);
    if ((u & 0x800000FF) != byte) break;
    node ^= children(u);
    if ((u & 0x100) != 0) found = {replacements_.data() + (unit(node) & 0x7FFFFFFF), i + 1};
  }
  return found;
}

Normalizer::Prefix Normalizer::next(std::string_view text) const {
  std::size_t whole = 0;
  user_defined_.prefixes(text, [&](std::size_t size, int) { whole = size; });
  if (whole > 0) return {text.substr(0, whole), whole};
  if (!trie_.empty()) {
    if (const Prefix rule = replaced(text); rule.size > 0) return rule;
  }
  const std::size_t size = character_size(text);
  if (size == 0) return {replacement, 1};
  return {text.substr(0, size), size};
}

std::string Normalizer::normalize(std::string_view text) const {
  const bool trims = rules_.removes_extra_spaces;
  while (trims && !text.empty()) {
    const Prefix prefix = next(text);
    if (prefix.becomes != " ") break;
    text.remove_prefix(prefix.size);
  }
  if (text.empty()) return {};
  const std::string_view space = rules_.marks_spaces ? marked_space : " ";
  std::string result;
  result.reserve(2 * text.size());
  if (rules_.adds_space_before) result += space;
  bool after_space = trims;
  while (!text.empty()) {
    const Prefix prefix = next(text);
    std::string_view becomes = prefix.becomes;
    while (after_space && becomes.starts_with(' ')) becomes.remove_prefix(1);
    for (const char c : becomes) c == ' ' ? result += space : result += c;
    if (!becomes.empty()) after_space = trims && becomes.back() == ' ';
    text.remove_prefix(prefix.size);
  }
  while (trims && result.ends_with(space)) result.resize(result.size() - space.size());
  return result;
}

}  // namespace dragoman
