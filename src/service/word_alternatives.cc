#include "service/word_alternatives.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "search/score_row.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

constexpr int preview_words = 4;
constexpr int most_tokens = 24;             ///< of a word and its preview
constexpr int tokens_of_unspaced_text = 6;  ///< the same where words have no spaces

struct Row {
  std::vector<TokenId> tokens;
  std::vector<double> log_probabilities;
  bool ended = false;
};

/// The end of the word that begins at `from` and of the white space before it, with its marks.
std::size_t end_of_word(std::u32string_view text, std::size_t from) {
  while (from < text.size() && python::is_space(text[from])) ++from;
  while (from < text.size() && !python::is_space(text[from])) ++from;
  return from;
}

std::size_t end_of_words(std::u32string_view text, std::size_t from, int count) {
  for (; count > 0; --count) from = end_of_word(text, from);
  return from;
}

std::u32string_view first_word_of(std::u32string_view text) {
  std::size_t begin = 0;
  while (begin < text.size() && python::is_space(text[begin])) ++begin;
  std::size_t end = end_of_word(text, begin);
  if (begin < end && python::is_punctuation(text[begin])) {
    end = begin;
    while (end < text.size() && python::is_punctuation(text[end])) ++end;
    return text.substr(0, end);
  }
  while (end > begin && python::is_punctuation(text[end - 1])) --end;
  return text.substr(0, end);
}

std::vector<std::pair<float, TokenId>> likely_tokens(const ScoreRow& row, std::size_t count, TokenId end,
                                                     TokenId unknown) {
  std::vector<std::pair<float, TokenId>> all;
  for (std::size_t i = 0; i < row.scores.size(); ++i) {
    const TokenId token = row.token(i);
    const bool possible = row.scores[i] > -std::numeric_limits<float>::infinity();
    if (possible && token != end && token != unknown) all.emplace_back(row.scores[i], token);
  }
  count = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + std::ptrdiff_t(count), all.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  all.resize(count);
  return all;
}

/// What a row adds to the prefix, with the place where each of its tokens begins there (before it: 0).
struct Added {
  std::string text;
  std::vector<std::size_t> begins;
};

Added added(const TargetPrefix& prefix, const std::vector<TokenId>& tokens) {
  Added result;
  std::size_t at = 0, number = 0;
  const std::size_t size = prefix.text().size();
  for (const std::string& text : prefix.token_texts(tokens)) {
    if (number++ >= prefix.forced().size()) result.begins.push_back(at > size ? at - size : 0);
    if (at + text.size() > size) result.text += text.substr(at < size ? size - at : 0);
    at += text.size();
  }
  return result;
}

/// The most probable next token.
std::pair<float, TokenId> best_of(const ScoreRow& row, TokenId unknown) {
  std::pair<float, TokenId> best = {-std::numeric_limits<float>::infinity(), -1};
  for (std::size_t i = 0; i < row.scores.size(); ++i) {
    if (row.scores[i] > best.first && row.token(i) != unknown) best = {row.scores[i], row.token(i)};
  }
  return best;
}

}  // namespace

std::string_view first_word(std::string_view text) {
  return text.substr(0, python::encode_utf8(first_word_of(python::decode_utf8(text))).size());
}

std::vector<CompletionAnswer::Alternative> word_alternatives(CompletionScorer& scorer, std::span<const float> scores,
                                                             std::span<const TokenId> candidates,
                                                             const TokenTexts& texts, const TargetPrefix& prefix,
                                                             const WordAlternativesOptions& options,
                                                             const std::function<bool()>& stopped) {
  const TokenId end = scorer.end_token();
  // More than are wanted: several may begin the same word.
  const std::size_t width = std::size_t(2 * options.count + 4);
  std::vector<Row> rows;
  std::vector<int> live, parents;
  std::vector<TokenId> last;
  for (const auto& [log_probability, token] : likely_tokens({scores, candidates}, width, end, options.unknown)) {
    if (texts.is_special(token)) continue;
    live.push_back(int(rows.size()));
    rows.push_back({{token}, {log_probability}});
    parents.push_back(0);
    last.push_back(token);
  }
  const auto is_complete = [&](const Row& row) {
    if (int(row.tokens.size()) >= (options.spaces ? most_tokens : tokens_of_unspaced_text)) return true;
    const std::u32string text = python::decode_utf8(added(prefix, row.tokens).text);
    return options.spaces && end_of_words(text, 0, 1 + preview_words) < text.size();
  };
  while (!live.empty() && !stopped()) {
    scorer.reorder(parents);
    const std::span<const float> next = scorer.advance(last);
    const std::size_t size = next.size() / live.size();
    std::vector<int> going;
    parents.clear();
    last.clear();
    for (std::size_t i = 0; i < live.size(); ++i) {
      Row& row = rows[std::size_t(live[i])];
      const auto [log_probability, token] =
          best_of({next.subspan(i * size, size), scorer.candidates(int(i))}, options.unknown);
      row.ended = token == end || token < 0;
      if (row.ended) continue;
      row.tokens.push_back(token);
      row.log_probabilities.push_back(log_probability);
      if (is_complete(row)) continue;
      going.push_back(live[i]);
      parents.push_back(int(i));
      last.push_back(token);
    }
    live = std::move(going);
  }

  std::vector<CompletionAnswer::Alternative> found;
  for (const Row& row : rows) {
    const Added more = added(prefix, row.tokens);
    const std::u32string text = python::decode_utf8(more.text);
    const std::size_t words_end = end_of_words(text, 0, 1 + preview_words);
    std::string word(first_word(more.text));
    if (!options.spaces) word = more.text.substr(0, more.begins.size() > 1 ? more.begins[1] : more.text.size());
    if (word.find_first_not_of(' ') == std::string::npos || word == options.but_not) continue;
    const std::string shown = options.spaces ? python::encode_utf8(text.substr(0, words_end)) : more.text;
    double probability = 1;
    for (std::size_t i = 0; i < row.tokens.size(); ++i) {
      if (i == 0 || more.begins[i] < word.size()) probability *= std::exp(row.log_probabilities[i]);
    }
    const auto same = std::find_if(found.begin(), found.end(), [&](const auto& a) { return a.word == word; });
    if (same == found.end()) {
      found.push_back({word, probability, shown.substr(word.size())});
    } else {
      if (probability > same->probability) same->preview = shown.substr(word.size());
      same->probability += probability;
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.probability > b.probability; });
  if (int(found.size()) > options.count) found.resize(std::size_t(options.count));
  return found;
}

}  // namespace dragoman
