#include "markup/aligned_words.h"

#include <utf8proc.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>

#include "markup/intervals.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

enum class Class { space, word, digit, character, mark, joiner, sign };

Class class_of(char32_t c) {
  if (python::is_space(c)) return Class::space;
  if (c == '\'' || c == U'’' || c == '-' || c == U'\u2010' || c == U'\u2011') return Class::joiner;
  const auto category = utf8proc_category(utf8proc_int32_t(c));
  if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME ||
      category == UTF8PROC_CATEGORY_CF) {
    return Class::mark;
  }
  const bool letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
  const bool unspaced = (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF) ||
                        (c >= 0x2E80 && c <= 0xABFF) || (c >= 0xF900 && c <= 0xFAFF) || c >= 0x1B000;
  const bool hangul = c >= 0xAC00 && c <= 0xD7FF;
  if (letter && unspaced && !hangul) return Class::character;
  return letter || python::is_number(c) ? Class::word : Class::sign;
}

/// The bytes of each piece, without space before its text.
std::vector<Word> bounds(const std::vector<std::string>& pieces) {
  std::vector<Word> result;
  std::size_t at = 0;
  for (const std::string& piece : pieces) {
    const std::size_t text = std::min(piece.find_first_not_of(' '), piece.size());
    result.push_back({at + text, at + piece.size()});
    at += piece.size();
  }
  return result;
}

/// Words that are long or special enough to be no chance.
bool is_telling(std::string_view word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const bool signs = std::none_of(word.begin(), word.end(),
                                  [](char c) { return (c & 0x80) || std::isalnum(static_cast<unsigned char>(c)); });
  return !signs && (word.size() >= 4 || (!plain && word.size() >= 2));
}

/// Words that occur once in a text.
std::map<std::string_view, Word> single_words(std::string_view text, Parts parts) {
  std::map<std::string_view, Word> single;
  std::set<std::string_view> several;
  for (const Word& word : words_of(text, parts)) {
    const std::string_view bytes = text.substr(word.begin, word.end - word.begin);
    if (several.count(bytes) > 0) continue;
    if (!single.emplace(bytes, word).second) {
      single.erase(bytes);
      several.insert(bytes);
    }
  }
  return single;
}

/// Adds what occurs once in either text.
void add_common(std::string_view source, std::string_view target, Parts parts,
                const std::function<bool(std::string_view, const Word&)>& counts, std::vector<KeptRange>& same) {
  Intervals known_source, known_target;
  for (const KeptRange& range : same) {
    known_source.add(range.source_begin, range.source_end);
    known_target.add(range.target_begin, range.target_end);
  }
  known_source.sort();
  known_target.sort();
  const auto in_target = single_words(target, parts);
  for (const auto& [bytes, word] : single_words(source, parts)) {
    const auto found = in_target.find(bytes);
    if (found == in_target.end() || !counts(bytes, word)) continue;
    const Word& other = found->second;
    if (known_source.overlap(word.begin, word.end) || known_target.overlap(other.begin, other.end)) continue;
    same.push_back({word.begin, word.end, other.begin, other.end});
  }
}

/// Words of a text that have one of `cuts` (in order) within.
Intervals cut_words(std::string_view text, const std::vector<std::size_t>& cuts) {
  Intervals result;
  for (const Word& word : words_of(text)) {
    const auto cut = std::upper_bound(cuts.begin(), cuts.end(), word.begin);
    if (cut != cuts.end() && *cut < word.end) result.add(word.begin, word.end);
  }
  result.sort();
  return result;
}

}  // namespace

std::vector<Word> words_of(std::string_view text, Parts parts) {
  std::vector<Word> words;
  Class last = Class::space;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    Class now = class_of(python::next_character(text, at));
    if (parts == Parts::digits && now == Class::word && text[begin] >= '0' && text[begin] <= '9') now = Class::digit;
    if (now == Class::joiner) {
      std::size_t next = at;
      const bool joins =
          last == Class::word && at < text.size() && class_of(python::next_character(text, next)) == Class::word;
      now = joins ? Class::word : Class::sign;
    }
    if (now == Class::mark) {  // belongs to what it stands on
      if (last == Class::space) {
        words.push_back({begin, at});
        last = Class::sign;
      } else {
        words.back().end = at;
      }
      continue;
    }
    if (now == last && (now == Class::word || now == Class::digit)) {
      words.back().end = at;
    } else if (now != Class::space) {
      words.push_back({begin, at});
    }
    last = now;
  }
  return words;
}

bool is_punctuation(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    const char32_t c = python::next_character(word, at);
    const auto category = utf8proc_category(utf8proc_int32_t(c));
    const bool bracket = category >= UTF8PROC_CATEGORY_PS && category <= UTF8PROC_CATEGORY_PF;
    static constexpr std::u32string_view signs = U".,;:!?…\"'¿¡。，；：！？、،؛؟।";
    if (!bracket && signs.find(c) == signs.npos) return false;
  }
  return !word.empty();
}

AlignedWords::AlignedWords(const AlignedText& text, const std::vector<KeptRange>& kept,
                           const std::vector<std::size_t>& cuts)
    : pieces_(bounds(text.source_pieces)) {
  const std::string source = text.source(), target = text.target();
  std::vector<std::size_t> sorted_cuts = cuts;
  std::sort(sorted_cuts.begin(), sorted_cuts.end());
  std::vector<KeptRange> same = kept;
  add_common(
      source, target, Parts::none, [](std::string_view word, const Word&) { return is_telling(word); }, same);
  const Intervals with_tags = cut_words(source, sorted_cuts);
  const auto is_cut_off = [&](std::string_view digits, const Word& word) {
    return std::isdigit(static_cast<unsigned char>(digits[0])) && with_tags.overlap(word.begin, word.end);
  };
  add_common(source, target, Parts::digits, is_cut_off, same);
  std::sort(same.begin(), same.end(),
            [](const KeptRange& a, const KeptRange& b) { return a.target_begin < b.target_begin; });
  make_words(target, same, sorted_cuts);
  make_weights(text);
}

void AlignedWords::make_words(std::string_view target, const std::vector<KeptRange>& same,
                              const std::vector<std::size_t>& cuts) {
  const std::vector<Word> all = words_of(target);
  std::size_t next = 0;
  const auto add_until = [&](std::size_t end) {
    for (; next < all.size() && all[next].begin < end; ++next) {
      const std::size_t begin = std::max(all[next].begin, words_.empty() ? 0 : words_.back().end);
      if (begin >= std::min(all[next].end, end)) continue;
      words_.push_back({begin, std::min(all[next].end, end)});
      same_.push_back({});
      if (all[next].end > end) break;  // it goes on behind the range
    }
  };
  for (const KeptRange& range : same) {
    add_until(range.target_begin);
    std::size_t begin = range.source_begin;
    const auto add = [&](std::size_t end) {
      if (end <= begin) return;
      const std::size_t shift = range.target_begin - range.source_begin;  // may wrap around
      words_.push_back({begin + shift, end + shift});
      same_.push_back({begin, end});
      begin = end;
    };
    for (auto cut = std::upper_bound(cuts.begin(), cuts.end(), begin); cut != cuts.end() && *cut < range.source_end;
         ++cut) {
      add(*cut);
    }
    add(range.source_end);
    while (next < all.size() && all[next].end <= range.target_end) ++next;
  }
  add_until(target.size());
}

/// A word has the mean of its pieces' weights, by bytes.
void AlignedWords::make_weights(const AlignedText& text) {
  const std::vector<Word> pieces = bounds(text.target_pieces);
  std::vector<std::vector<Weight>> of_piece(pieces.size());
  for (const PieceLink& link : text.links) {
    if (link.source < 0 || std::size_t(link.source) >= pieces_.size() || link.target < 0 ||
        std::size_t(link.target) >= pieces.size()) {
      continue;  // to the end of a sentence, which is no piece
    }
    of_piece[std::size_t(link.target)].push_back({link.source, link.weight});
  }
  if (text.links.empty() && !pieces_.empty()) {
    for (std::size_t t = 0; t < pieces.size(); ++t) {
      of_piece[t].push_back({int((2 * t + 1) * pieces_.size() / (2 * pieces.size())), 1});
    }
  }
  std::size_t first = 0;
  for (const Word& word : words_) {
    first_.push_back(weights_.size());
    while (first < pieces.size() && pieces[first].end <= word.begin) ++first;
    for (std::size_t t = first; t < pieces.size() && pieces[t].begin < word.end; ++t) {
      const std::size_t begin = std::max(pieces[t].begin, word.begin), end = std::min(pieces[t].end, word.end);
      if (begin >= end) continue;
      const double share = double(end - begin) / double(word.end - word.begin);
      for (const Weight& weight : of_piece[t]) weights_.push_back({weight.source, share * weight.weight});
    }
  }
  first_.push_back(weights_.size());
}

}  // namespace dragoman
