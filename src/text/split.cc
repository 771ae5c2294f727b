#include "text/split.h"

#include <utf8proc.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <string>

#include "text/abbreviations.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

using python::is_space;

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }
bool is_one_of(char32_t c, std::u32string_view set) { return set.find(c) != std::u32string_view::npos; }
bool is_lower(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LL; }
bool is_upper(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LU || category(c) == UTF8PROC_CATEGORY_LT; }
bool is_digit(char32_t c) { return category(c) == UTF8PROC_CATEGORY_ND; }

/// Marks that end a sentence even where no space follows: full stops and question marks of scripts that have their own.
bool is_certain_end(char32_t c) {
  return is_one_of(c, U"。｡！？．\u0964\u0965\u061F\u06D4\u0589\u1362\u1367\u1368\u104A\u104B\u17D4\u17D5\u0700\u0701");
}
bool is_end_mark(char32_t c) { return is_one_of(c, U".!?…‼⁇⁈⁉‽") || is_certain_end(c); }

bool is_opener(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_PS || category(c) == UTF8PROC_CATEGORY_PI || is_one_of(c, U"\"'»›¿¡*_");
}
bool is_dash(char32_t c) { return category(c) == UTF8PROC_CATEGORY_PD; }
/// Marks after which the sentence goes on, whatever came before.
bool is_continuation(char32_t c) { return is_one_of(c, U",;:、，；：،؛)]}"); }
bool is_chinese_or_japanese(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x3FFFF);
}
bool is_roman_digit(char32_t c) { return is_one_of(c, U"IVXLCDM"); }

/// Text as code points that know where they are.
struct Characters {
  std::u32string points;
  std::vector<std::size_t> offsets;  // of each, and of the end

  explicit Characters(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      utf8proc_int32_t c = 0;
      const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
      const utf8proc_ssize_t size = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
      points += size > 0 ? static_cast<char32_t>(c) : U'\uFFFD';
      offsets.push_back(at);
      at += size > 0 ? static_cast<std::size_t>(size) : 1;
    }
    offsets.push_back(text.size());
  }
  std::size_t size() const { return points.size(); }
  char32_t operator[](std::size_t i) const { return points[i]; }
  std::size_t skip_spaces(std::size_t i) const {
    while (i < size() && is_space(points[i])) ++i;
    return i;
  }
};

/// Finds where sentences end in one text. Positions are indices of code points.
class SentenceEnds {
 public:
  SentenceEnds(std::string_view text, std::string_view language)
      : text_(text), language_(python::lowercase(language.substr(0, language.find_first_of("-_")))) {}

  /// Byte offsets at which a sentence begins, but for the first.
  std::vector<std::size_t> find() {
    std::vector<std::size_t> starts;
    const auto end_at = [&](std::size_t next) {
      start_ = next;
      if (next < text_.size()) starts.push_back(text_.offsets[next]);
    };
    std::size_t i = start_ = text_.skip_spaces(0);
    while (i < text_.size()) {
      if (is_space(text_[i])) {
        const std::size_t next = text_.skip_spaces(i);
        const std::u32string_view gap = std::u32string_view(text_.points).substr(i, next - i);
        if (std::count(gap.begin(), gap.end(), U'\n') > 1 || is_one_of(U'\u2029', gap)) end_at(next);
        i = next;
      } else if (is_end_mark(text_[i])) {
        std::size_t marks = i;
        while (marks < text_.size() && is_end_mark(text_[marks])) ++marks;
        const std::size_t close = skip_closing(marks);
        const bool ends = ends_at(i, marks, close);
        i = close;
        if (ends) {
          i = text_.skip_spaces(close);
          end_at(i);
        }
      } else {
        ++i;
      }
    }
    return starts;
  }

 private:
  /// Whether a quote or bracket closes here. Of those that are used both ways it does if no word follows.
  bool closes_at(std::size_t i) const {
    const char32_t c = text_[i];
    if (category(c) == UTF8PROC_CATEGORY_PE || category(c) == UTF8PROC_CATEGORY_PF) return true;
    if (category(c) != UTF8PROC_CATEGORY_PI && !is_one_of(c, U"\"'*_")) return false;
    return i + 1 == text_.size() || is_space(text_[i + 1]) || is_end_mark(text_[i + 1]) ||
           is_continuation(text_[i + 1]) || is_one_of(text_[i + 1], U"\"'”’»");
  }

  /// Past the quotes and brackets that close after the marks that end at `i`, and marks among them.
  std::size_t skip_closing(std::size_t i) const {
    for (;;) {
      while (i < text_.size() && (is_end_mark(text_[i]) || closes_at(i))) ++i;
      const std::size_t next = text_.skip_spaces(i);  // French sets its quotes off by spaces
      const bool french = next > i && next < text_.size() && text_[next] == U'»' &&
                          (next + 1 == text_.size() || is_space(text_[next + 1]) || is_continuation(text_[next + 1]));
      if (!french) return i;
      i = next + 1;
    }
  }

  /// Whether the marks [begin, marks), with closing quotes up to `close`, end a sentence.
  bool ends_at(std::size_t begin, std::size_t marks, std::size_t close) const {
    std::size_t next = text_.skip_spaces(close);
    if (next == text_.size()) return true;
    const bool spaced = next > close;
    if (is_continuation(text_[next])) return false;
    if (std::any_of(text_.points.begin() + static_cast<std::ptrdiff_t>(begin),
                    text_.points.begin() + static_cast<std::ptrdiff_t>(marks), is_certain_end)) {
      // 「はい。」と言った: what was said goes on with a particle.
      return spaced || close == marks || !is_one_of(text_[next], U"とっなにのはがをもで");
    }
    if (!spaced) return text_[begin] != '.' && is_chinese_or_japanese(text_[next]);
    while (next < text_.size() && (is_opener(text_[next]) || is_dash(text_[next]) || is_space(text_[next]))) ++next;
    if (next == text_.size()) return true;
    if (is_lower(text_[next])) return false;
    return text_[begin] != '.' || marks - begin > 1 || point_ends_at(begin, next);
  }

  /// Whether the single point at `point` ends a sentence if the next word begins at `next`.
  bool point_ends_at(std::size_t point, std::size_t next) const {
    std::size_t begin = point;
    while (begin > start_ && !is_space(text_[begin - 1])) --begin;
    while (begin < point && (is_opener(text_[begin]) || is_dash(text_[begin]))) ++begin;
    const std::u32string_view word = std::u32string_view(text_.points).substr(begin, point - begin);
    if (word.empty()) return true;
    std::size_t first = start_;
    while (first < begin && (is_opener(text_[first]) || is_space(text_[first]))) ++first;
    const bool opens_sentence = first == begin;
    const bool ordinals = has_ordinal_points(language_);

    if (std::all_of(word.begin(), word.end(), is_digit)) {
      return !(opens_sentence && word.size() <= 3) && !(ordinals && word.size() <= 2);  // "1. Introduction", "3. Mai"
    }
    if (ordinals && std::all_of(word.begin(), word.end(), is_roman_digit)) return false;
    if (word.size() == 1 && is_upper(word[0])) return language_ == "en" && word[0] == 'I' && !opens_sentence;

    const std::string lower = python::lowercase(python::encode_utf8(word));
    PointAfter kind = point_after(lower, language_);
    if (kind == PointAfter::word) {
      const std::size_t hyphen = lower.rfind('-');
      if (hyphen != std::string::npos) kind = point_after(std::string_view(lower).substr(hyphen + 1), language_);
      if (is_letters_with_points(word)) kind = PointAfter::abbreviation;
    }
    switch (kind) {
      case PointAfter::abbreviation:
        return false;
      case PointAfter::before_number:
        return !is_number_at(next);
      case PointAfter::may_end:
        return !is_digit(text_[next]);
      case PointAfter::word:
        break;
    }
    return true;
  }

  /// "U.S", "z.B", "т.е": single letters with points between them.
  static bool is_letters_with_points(std::u32string_view word) {
    if (word.size() < 3 || word.size() % 2 == 0) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (i % 2 == 1 ? word[i] != '.' : !is_lower(word[i]) && !is_upper(word[i])) return false;
    }
    return true;
  }

  bool is_number_at(std::size_t i) const {
    if (is_digit(text_[i]) || is_one_of(text_[i], U"§#")) return true;
    while (i < text_.size() && is_roman_digit(text_[i])) ++i;
    return i > 0 && is_roman_digit(text_[i - 1]) && (i == text_.size() || !is_lower(text_[i]));
  }

  Characters text_;
  std::string language_;
  std::size_t start_ = 0;  // of the present sentence
};

// Where a sentence that is too long may be cut, from the best kind of place to the worst.
enum class Cut { clause, space, character, code_point };

bool is_clause_mark(char32_t c) { return is_one_of(c, U",;:–—،؛\u0387\u00B7"); }
bool is_wide_clause_mark(char32_t c) { return is_one_of(c, U"、，；："); }
bool is_breaking_space(char32_t c) { return is_space(c) && !is_one_of(c, U"\u00A0\u202F\u2007"); }

/// Byte offsets strictly inside `piece` before which it may be cut. At clauses and spaces, words come before and after.
std::vector<std::size_t> places(std::string_view piece, Cut cut) {
  const Characters text(piece);
  std::vector<std::size_t> offsets;
  const bool among_words = cut == Cut::clause || cut == Cut::space;
  const std::size_t first = among_words ? text.skip_spaces(0) + 1 : 1;
  bool after_mark = false;  // nothing but closing quotes, brackets and spaces since a clause mark
  utf8proc_int32_t state = 0;
  for (std::size_t i = first; i < text.size(); ++i) {
    const char32_t before = text[i - 1], here = text[i];
    if (is_clause_mark(before) || is_wide_clause_mark(before)) {
      after_mark = true;
    } else if (!is_space(before) && !is_one_of(before, U"\"'”’»)]")) {
      after_mark = false;
    }
    bool allowed = cut == Cut::code_point;
    if (cut == Cut::character) {
      allowed = utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before),
                                                 static_cast<utf8proc_int32_t>(here), &state);
    } else if (cut == Cut::space) {
      allowed = is_breaking_space(before) && !is_space(here);
    } else if (cut == Cut::clause && is_space(before)) {
      allowed = after_mark && !is_space(here);
    } else if (cut == Cut::clause) {
      allowed = is_wide_clause_mark(before) && !is_space(here) && !is_wide_clause_mark(here) &&
                category(here) != UTF8PROC_CATEGORY_PE && category(here) != UTF8PROC_CATEGORY_PF;
    }
    if (allowed) offsets.push_back(text.offsets[i]);
  }
  return offsets;
}

/// Cuts `piece` in two, and the parts again, until all are within the limit.
void cut_evenly(std::string_view piece, std::size_t limit, const PieceLength& length,
                std::vector<std::string_view>& pieces) {
  const std::size_t size = length(piece);
  if (size > limit) {
    const std::size_t parts = (size + limit - 1) / limit;
    const std::size_t aim = piece.size() * (parts / 2) / parts;
    for (const Cut cut : {Cut::clause, Cut::space, Cut::character, Cut::code_point}) {
      const std::vector<std::size_t> offsets = places(piece, cut);
      if (offsets.empty()) continue;
      const std::size_t nearest = *std::min_element(offsets.begin(), offsets.end(), [&](std::size_t a, std::size_t b) {
        return (a > aim ? a - aim : aim - a) < (b > aim ? b - aim : aim - b);
      });
      cut_evenly(piece.substr(0, nearest), limit, length, pieces);
      cut_evenly(piece.substr(nearest), limit, length, pieces);
      return;
    }
  }
  pieces.push_back(piece);
}

}  // namespace

TrimmedText trim(std::string_view text) {
  const Characters characters(text);
  const std::size_t first = characters.skip_spaces(0);
  std::size_t last = characters.size();
  while (last > first && is_space(characters[last - 1])) --last;
  const std::size_t begin = characters.offsets[first], end = characters.offsets[last];
  return {text.substr(0, begin), text.substr(begin, end - begin), text.substr(end)};
}

std::vector<std::string_view> split_sentences(std::string_view text, std::string_view language) {
  std::vector<std::string_view> sentences;
  std::size_t start = 0;
  for (const std::size_t next : SentenceEnds(text, language).find()) {
    sentences.push_back(text.substr(start, next - start));
    start = next;
  }
  if (start < text.size()) sentences.push_back(text.substr(start));
  return sentences;
}

std::vector<std::string_view> split_long(std::string_view text, std::string_view language, std::size_t limit,
                                         const PieceLength& length) {
  assert(limit > 0);
  if (text.empty()) return {};
  if (length(text) <= limit) return {text};
  std::vector<std::string_view> pieces;
  for (const std::string_view sentence : split_sentences(text, language)) cut_evenly(sentence, limit, length, pieces);
  return pieces;
}

}  // namespace dragoman
