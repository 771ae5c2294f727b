#pragma once
// A translation that is printed while it is written.

#include <mutex>
#include <string>
#include <vector>

#include "dragoman/service.h"
#include "terminal/screen.h"

namespace dragoman {

/// Prints what will not change any more, in order: the settled beginning of a sentence when all sentences before it are
/// finished. Its methods may be called from different threads.
class StreamedText {
 public:
  explicit StreamedText(const Screen& screen) : screen_(screen) {}

  void partial(const PartialSentence& sentence);
  void finished(const SentenceTranslation& sentence);

  /// The whole text: prints what is missing, and a line end. If what was printed is not how it begins (something of it
  /// was put back or replaced at the end), the text is printed anew below.
  void done(const std::string& text);
  /// The text ends unfinished.
  void stopped();

 private:
  struct Sentence {
    int paragraph, number;
    std::string text;
    bool is_finished = false;
  };
  Sentence& sentence(int paragraph, int number);
  void print();

  const Screen& screen_;
  std::mutex mutex_;
  std::vector<Sentence> sentences_;  // in order
  std::string printed_;
};

}  // namespace dragoman
