#include "text/cleaning.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <string_view>

#include "base/log.h"

namespace dragoman {
namespace {

constexpr std::array<std::string_view, flaw_count> descriptions = {
    "with invalid UTF-8, replaced by U+FFFD",
    "with NUL characters, replaced by spaces",
    "longer than the limit in bytes, cut or skipped",
    "skipped: one side is empty",
    "skipped: longer than max-length",
    "cropped to max-length",
};

}  // namespace

void CleaningReport::count(Flaw flaw, const std::string& file, std::int64_t line) {
  Entry& entry = entries_[std::size_t(flaw)];
  if (entry.count++ == 0) {
    entry.file = file;
    entry.line = line;
  }
}

void CleaningReport::add(const CleaningReport& other) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].count == 0) {
      entries_[i] = other.entries_[i];
    } else {
      entries_[i].count += other.entries_[i].count;
    }
  }
}

std::vector<std::string> CleaningReport::sentences() const {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.count == 0) continue;
    result.push_back(fmt::format("{} {} {} (first: {} line {})", entry.count, entry.count == 1 ? "line" : "lines",
                                 descriptions[i], entry.file, entry.line));
  }
  return result;
}

void CleaningReport::log() const {
  for (const std::string& sentence : sentences()) log::warn("{}", sentence);
}

bool repair_utf8(std::string& line) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(line.data());
  const auto size = utf8proc_ssize_t(line.size());
  const auto valid_length = [&](utf8proc_ssize_t from) {
    utf8proc_int32_t code_point = 0;
    return bytes[from] < 0x80 ? 1 : utf8proc_iterate(bytes + from, size - from, &code_point);
  };
  utf8proc_ssize_t at = 0;
  while (at < size) {
    const utf8proc_ssize_t length = valid_length(at);
    if (length <= 0) break;
    at += length;
  }
  if (at >= size) return false;
  std::string repaired(line, 0, std::size_t(at));
  while (at < size) {
    const utf8proc_ssize_t length = valid_length(at);
    if (length > 0) {
      repaired.append(line, std::size_t(at), std::size_t(length));
      at += length;
    } else {
      repaired += "\xEF\xBF\xBD";
      ++at;
    }
  }
  line = std::move(repaired);
  return true;
}

bool repair_nul(std::string& line) {
  if (line.find('\0') == std::string::npos) return false;
  std::replace(line.begin(), line.end(), '\0', ' ');
  return true;
}

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r\v\f") == std::string::npos; }

void cut_at_character(std::string& line, std::size_t bytes) {
  if (line.size() <= bytes) return;
  const auto inside_character = [&](std::size_t at) { return (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80; };
  std::size_t end = bytes;
  while (end > 0 && bytes - end < 3 && inside_character(end)) --end;
  line.resize(inside_character(end) ? bytes : end);  // not UTF-8 at all: anywhere will do
}

}  // namespace dragoman
