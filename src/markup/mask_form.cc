#include "markup/mask_form.h"

#include <utf8proc.h>

#include <algorithm>
#include <optional>

#include "text/metrics/characters.h"

namespace dragoman {
namespace {

constexpr std::size_t longest_ending = 4;  // letters that an inflected mask may have gained

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool is_letter(char32_t c) {
  const auto category = utf8proc_category(utf8proc_int32_t(c));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}
/// Letters of scripts that write words without spaces between may touch a mask.
bool joins_words(char32_t c) { return is_letter(c) && c < 0x2E80; }

/// Reads one mask, letter by letter.
class MaskReader {
 public:
  MaskReader(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  bool literal(std::string_view expected, std::string_view separators) {
    for (const char c : expected) {
      if (at_ > 0) skip(separators);
      if (at_ >= text_.size() || lower(text_[at_]) != lower(c)) return false;
      ++at_;
    }
    return true;
  }
  std::optional<int> number(std::string_view separators) {
    skip(separators);
    const std::size_t begin = at_;
    int value = 0;
    while (at_ < text_.size() && is_digit(text_[at_]) && at_ - begin < 6) value = 10 * value + (text_[at_++] - '0');
    if (at_ == begin || (at_ < text_.size() && is_digit(text_[at_]))) return {};
    return value;
  }
  /// Past letters (and a slash) that were added; false if the mask runs on into a longer word.
  bool ending(bool address) {
    std::size_t end = at_;
    if (address && end < text_.size() && text_[end] == '/') at_ = ++end;
    for (std::size_t letters = 0; end < text_.size(); ++letters) {
      std::size_t next = end;
      const char32_t c = python::next_character(text_, next);
      if (!joins_words(c)) break;
      if (letters == longest_ending) return false;
      end = next;
    }
    at_ = end;
    return true;
  }
  std::size_t at() const { return at_; }

 private:
  void skip(std::string_view separators) {
    while (at_ < text_.size() && separators.find(text_[at_]) != separators.npos) ++at_;
  }

  std::string_view text_;
  std::size_t at_;
};

bool begins_within_word(std::string_view text, std::size_t at) {
  if (at == 0) return false;
  std::size_t previous = at - 1;
  while (previous > 0 && (static_cast<unsigned char>(text[previous]) & 0xC0) == 0x80) --previous;
  const char32_t c = python::next_character(text, previous);
  return joins_words(c) || (c < 0x80 && is_digit(char(c)));
}

}  // namespace

std::vector<MaskSighting> find_masks(std::string_view text, const MaskForm& form) {
  // A number may be grouped by the target language's separators; words may only be torn apart.
  const bool numeric = std::all_of(form.before.begin(), form.before.end(), is_digit);
  const std::string_view separators = numeric ? " .," : " ";
  const bool address = form.before.find("://") != form.before.npos;
  std::vector<MaskSighting> result;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (lower(text[begin]) != lower(form.before[0])) continue;
    if ((is_digit(text[begin]) || is_letter(char32_t(static_cast<unsigned char>(text[begin])))) &&
        begins_within_word(text, begin)) {
      continue;
    }
    MaskReader reader(text, begin);
    if (!reader.literal(form.before, separators)) continue;
    const auto number = reader.number(separators);
    if (!number || !reader.literal(form.after, " ") || !reader.ending(address)) continue;
    result.push_back({begin, reader.at(), *number - form.base});
    begin = reader.at() - 1;
  }
  return result;
}

const std::vector<MaskForm>& known_mask_forms() {
  static const std::vector<MaskForm> forms = {{.before = "http://ph", .after = ".x"},
                                              {.before = "XPH"},
                                              {.before = "[X", .after = "X]"},
                                              {.before = "900", .base = 17}};
  return forms;
}

std::vector<MaskForm> choose_mask_forms(const MaskTests& tests, const std::vector<MaskForm>& forms) {
  struct Tried {
    MaskForm form;
    std::size_t kept = 0;
  };
  std::vector<Tried> usable;
  for (const MaskForm& form : forms) {
    bool represented = true;
    for (int i = 0; i < 12 && represented; ++i) represented = tests.round_trip(form.mask(i));
    if (!represented) continue;
    Tried tried = {form};
    for (const std::string& sample : tests.samples) {
      if (!tests.translate) break;
      std::string text = sample;
      std::vector<int> given, seen;
      for (int i = 0;; ++i) {
        const std::string name = "{" + std::to_string(i) + "}";
        const std::size_t place = text.find(name);
        if (place == text.npos) break;
        text.replace(place, name.size(), form.mask(i));
        given.push_back(i);
      }
      for (const MaskSighting& sighting : find_masks(tests.translate(text), form)) seen.push_back(sighting.index);
      std::sort(seen.begin(), seen.end());
      tried.kept += seen == given ? 1 : 0;
    }
    if (!tests.translate || 2 * tried.kept >= tests.samples.size()) usable.push_back(std::move(tried));
  }
  std::stable_sort(usable.begin(), usable.end(), [](const Tried& a, const Tried& b) { return a.kept > b.kept; });
  std::vector<MaskForm> result;
  for (Tried& tried : usable) result.push_back(std::move(tried.form));
  return result;
}

}  // namespace dragoman
