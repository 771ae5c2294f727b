#include "terminal/streamed_text.h"

#include <algorithm>
#include <tuple>

namespace dragoman {

StreamedText::Sentence& StreamedText::sentence(int paragraph, int number) {
  const auto place = std::lower_bound(
      sentences_.begin(), sentences_.end(), std::tuple(paragraph, number),
      [](const Sentence& s, const std::tuple<int, int>& key) { return std::tuple(s.paragraph, s.number) < key; });
  if (place != sentences_.end() && place->paragraph == paragraph && place->number == number) return *place;
  return *sentences_.insert(place, {.paragraph = paragraph, .number = number, .text = {}});
}

void StreamedText::partial(const PartialSentence& p) {
  const std::lock_guard lock(mutex_);
  Sentence& s = sentence(p.paragraph, p.sentence);
  if (s.is_finished) return;
  s.text.clear();
  for (int i = 0; i < p.settled; ++i) s.text += p.pieces[std::size_t(i)];
  print();
}

void StreamedText::finished(const SentenceTranslation& f) {
  const std::lock_guard lock(mutex_);
  Sentence& s = sentence(f.paragraph, f.sentence);
  s.text.clear();
  for (const std::string& piece : f.target_pieces) s.text += piece;
  s.is_finished = true;
  print();
}

void StreamedText::print() {
  // Only the first paragraph, whose beginning is known: what is between paragraphs comes with the whole.
  std::string text;
  int expected = 0;
  for (const Sentence& s : sentences_) {
    if (s.paragraph != 0 || s.number != expected++) break;
    text += s.text;
    if (!s.is_finished) break;
  }
  if (text.size() <= printed_.size() || !text.starts_with(printed_)) return;
  screen_.out << std::string_view(text).substr(printed_.size()) << std::flush;
  printed_ = std::move(text);
}

void StreamedText::done(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (text.starts_with(printed_)) {
    screen_.out << std::string_view(text).substr(printed_.size()) << "\n" << std::flush;
  } else {
    screen_.out << "\n" << text << "\n" << std::flush;
  }
  printed_.clear();
}

void StreamedText::stopped() {
  const std::lock_guard lock(mutex_);
  if (!printed_.empty()) screen_.out << "\n" << std::flush;
  printed_.clear();
}

}  // namespace dragoman
