#include "translate/source_encoder.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/words.h"
#include "text/split.h"

namespace dragoman {
namespace {

/// Equal parts of tokens that have no text to split.
void split_tokens(const std::vector<int>& ids, std::size_t limit, std::vector<std::vector<int>>& parts) {
  const std::size_t count = (ids.size() + limit - 1) / limit;
  for (std::size_t i = 0; i < count; ++i) {
    parts.emplace_back(ids.begin() + std::ptrdiff_t(i * ids.size() / count),
                       ids.begin() + std::ptrdiff_t((i + 1) * ids.size() / count));
  }
}

}  // namespace

std::vector<int> ids_of_pieces(const std::string& line, const Vocabulary& vocabulary) {
  std::vector<int> ids;
  for (const std::string& piece : split_words(line)) ids.push_back(vocabulary.id(piece));
  return ids;
}

EncodedLine encode_source(const std::string& line, const Vocabulary& vocabulary, const SourceEncoderOptions& options) {
  const std::size_t limit = std::size_t(options.max_length);
  EncodedLine result;
  std::vector<int> ids = options.pieces ? ids_of_pieces(line, vocabulary) : vocabulary.encode(line);
  std::erase(ids, vocabulary.end_id());  // a text that spells </s> does not end the sentence
  if (ids.empty()) return result;
  if (ids.size() <= limit) {
    result.parts.push_back(std::move(ids));
  } else if (options.crop) {
    ids.resize(limit);
    result.parts.push_back(std::move(ids));
    result.cropped = true;
  } else if (options.pieces) {
    split_tokens(ids, limit, result.parts);
  } else {
    const auto length = [&](std::string_view text) { return vocabulary.encode(text).size(); };
    for (const std::string_view text : split_long(line, options.language, limit, length)) {
      std::vector<int> part = vocabulary.encode(text);
      std::erase(part, vocabulary.end_id());
      if (!part.empty()) split_tokens(part, limit, result.parts);  // cuts only a character of more tokens than that
    }
  }
  for (auto& part : result.parts) part.push_back(vocabulary.end_id());
  return result;
}

}  // namespace dragoman
