#include "translate/suspicion.h"

#include "base/error.h"
#include "base/log.h"

namespace dragoman {

bool is_loop(std::span<const TokenId> tokens) {
  constexpr std::size_t repetitions = 4, longest_phrase = 32;
  const std::size_t size = tokens.size();
  for (std::size_t phrase = 1; phrase <= longest_phrase && phrase * repetitions <= size; ++phrase) {
    std::size_t same = phrase;  // so many last tokens have the period `phrase`
    while (same < size && tokens[size - 1 - same] == tokens[size - 1 - same + phrase]) ++same;
    if (same >= phrase * repetitions && 2 * same >= size) return true;
  }
  return false;
}

void SuspicionReport::add(Suspicion suspicion, std::int64_t line) {
  constexpr std::size_t remembered = 8;
  Entry& entry = entries_[std::size_t(suspicion)];
  ++entry.count;
  if (entry.lines.size() < remembered) entry.lines.push_back(line);
}

std::vector<std::string> SuspicionReport::sentences() const {
  static constexpr const char* texts[suspicion_count][2] = {
      {"line is longer than max-length and was translated in parts",
       "lines are longer than max-length and were translated in parts"},
      {"line is longer than max-length and was cropped", "lines are longer than max-length and were cropped"},
      {"forced prefix is longer than the model can write and was cut",
       "forced prefixes are longer than the model can write and were cut"},
      {"translation repeats itself up to the length limit", "translations repeat themselves up to the length limit"},
      {"translation was cut at the length limit", "translations were cut at the length limit"},
      {"line with text has an empty translation", "lines with text have an empty translation"},
  };
  std::vector<std::string> result;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.count == 0) continue;
    std::string lines;
    for (const std::int64_t line : entry.lines) lines += (lines.empty() ? "" : ", ") + std::to_string(line);
    if (entry.count > std::int64_t(entry.lines.size())) lines += ", ...";
    result.push_back(fmt::format("{} {} ({} {})", entry.count, texts[i][entry.count == 1 ? 0 : 1],
                                 entry.count == 1 ? "line" : "lines", lines));
  }
  return result;
}

void SuspicionReport::log() const {
  for (const std::string& sentence : sentences()) log::warn("{}", sentence);
}

}  // namespace dragoman
