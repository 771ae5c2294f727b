#include "service/target_prefix.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "service/text_structure.h"
#include "text/cleaning.h"
#include "text/split.h"

namespace dragoman {
namespace {

constexpr int most_open_tokens = 8;  ///< of the last word, as the vocabulary cuts it, that are left to the search
constexpr std::size_t most_extensions = 256;

/// How many bytes at the end are the beginning of a character.
std::size_t bytes_of_broken_end(std::string_view text) {
  for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(3, text.size()); ++bytes) {
    const auto lead = static_cast<unsigned char>(text[text.size() - bytes]);
    if ((lead & 0xC0) == 0x80) continue;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return length > bytes ? bytes : 0;
  }
  return 0;
}

}  // namespace

TargetPrefix::TargetPrefix(const Vocabulary& vocabulary, const TokenTexts& texts, std::string text)
    : texts_(texts), text_(std::move(text)) {
  const std::size_t broken = bytes_of_broken_end(text_);
  // Repaired for the model alone, byte for byte at the same places: what is no text becomes '?'.
  std::string clean = text_.substr(0, text_.size() - broken);
  for (std::size_t at = 0; at < clean.size();) {
    std::string character = clean.substr(at, 4);
    std::size_t length = 1;
    while (length < character.size() && (static_cast<unsigned char>(character[length]) & 0xC0) == 0x80) ++length;
    character.resize(length);
    if (repair_utf8(character) || repair_nul(character)) std::fill_n(clean.begin() + std::ptrdiff_t(at), length, '?');
    at += length;
  }
  std::vector<Segment> segments = vocabulary.segments(clean);
  std::erase_if(segments, [&](const Segment& s) { return s.id == vocabulary.end_id(); });
  const TrimmedText trimmed = trim(clean);
  const std::size_t end = trimmed.before.size() + trimmed.text.size();  // where white space at the end begins
  const bool open = end == clean.size() || broken > 0;                  // the last word may go on
  std::size_t last_word = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& of_token = texts_.of(segments[i].id);
    if (i > 0 && !of_token.empty() && of_token[0] == ' ') last_word = segments[i - 1].end;
  }
  std::size_t count = segments.size();
  while (open && count > 0 && segments.size() - count < most_open_tokens) {
    const Segment& segment = segments[count - 1];
    const std::size_t begin = count > 1 ? segments[count - 2].end : 0;
    if (texts_.is_special(segment.id) || begin < last_word) break;  // what is unknown cannot be searched for
    --count;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i == 0 ? 0 : segments[i - 1].end;
    forced_.push_back(segments[i].id);
    forced_texts_.push_back(text_.substr(begin, segments[i].end - begin));
  }
  written_rest_ = text_.substr(count == 0 ? 0 : segments[count - 1].end);
  for (std::size_t i = count; i < segments.size(); ++i) rest_ += texts_.of(segments[i].id);
  if (!segments.empty() && end < clean.size()) rest_ += ' ';
  rest_ += text_.substr(text_.size() - broken);
  find_ways();
  if (is_way_[0] == 0) {  // no token has what the broken character begins with
    rest_.resize(rest_.size() - broken);
    find_ways();
  }
  if (is_way_[0] == 0) rest_.clear(), is_way_.assign(1, 1);
}

void TargetPrefix::find_ways() {
  is_way_.assign(rest_.size() + 1, 0);
  is_way_.back() = 1;
  for (std::size_t at = rest_.size(); at-- > 0;) {
    bool found = false;
    allowed(at, [&](TokenId) { found = true; });
    is_way_[at] = found ? 1 : 0;
  }
}

void TargetPrefix::add_to(std::vector<TokenId>& candidates) const {
  std::vector<TokenId> more = forced_;
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    const std::string_view where = std::string_view(rest_).substr(at);
    texts_.prefixes(where, [&](std::size_t length, TokenId token) {
      if (is_way_[at + length] != 0) more.push_back(token);
    });
    // Of the many words that begin so the shortlist has those that are likely; it must have some.
    const auto longer = texts_.beginning_with(where);
    std::vector<TokenId> extensions(longer.begin(), longer.end());
    if (extensions.size() > most_extensions) {
      std::nth_element(extensions.begin(), extensions.begin() + most_extensions, extensions.end());
      extensions.resize(most_extensions);
    }
    more.insert(more.end(), extensions.begin(), extensions.end());
  }
  candidates.insert(candidates.end(), more.begin(), more.end());
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
}

std::vector<std::string> TargetPrefix::token_texts(std::span<const TokenId> tokens) const {
  std::vector<std::string> result = forced_texts_;
  const bool same = rest_.size() == written_rest_.size();  // then bytes have their places
  std::size_t at = 0, written = 0;
  bool begins = forced_.empty() && rest_.empty();  // the first space of a text is none
  for (const TokenId token : tokens) {
    const std::string& of_token = texts_.of(token);
    std::string text;
    if (at < rest_.size()) {
      const std::size_t used = std::min(of_token.size(), rest_.size() - at);
      at += used;
      const std::size_t until = at == rest_.size() ? written_rest_.size() : same ? written + used : written;
      text = written_rest_.substr(written, until - written) + of_token.substr(used);
      written = until;
    } else {
      text = of_token;
      if (begins && text.starts_with(' ')) text.erase(0, 1);
      if (begins) text = written_rest_ + text;
      if (!begins && written < written_rest_.size()) text = written_rest_.substr(written) + text;
      written = written_rest_.size();
    }
    if (!of_token.empty()) begins = false;
    result.push_back(std::move(text));
  }
  if (written < written_rest_.size()) result.push_back(written_rest_.substr(written));
  // Bytes of a character stand together, at its last token.
  std::string bytes;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string& text = result[forced_.size() + i];
    if (!texts_.is_byte(tokens[i])) {
      text = bytes + text;
      bytes.clear();
      continue;
    }
    bytes += text;
    const std::size_t missing = bytes_of_broken_end(bytes);
    text = missing > 0 ? "" : std::exchange(bytes, {});
  }
  if (!bytes.empty()) result.push_back(bytes);
  return result;
}

}  // namespace dragoman
