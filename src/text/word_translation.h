#pragma once
// How likely words translate each other, learned from pairs of sentences.

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// IBM model 1 (Brown et al. 1993): every target word comes from one source word of its sentence, or from none, and all
/// are as likely. Words are numbers. Memory grows with the number of pairs of words that were seen together.
class WordTranslation {
 public:
  /// `source_words`: their numbers are below this.
  explicit WordTranslation(int source_words);

  /// Adds a pair of sentences. Throws Error for a source word out of range.
  void add(std::span<const int> source, std::span<const int> target);

  /// Finds the probabilities by so many rounds of expectation and maximisation.
  void learn(int rounds = 5);

  struct Translation {
    int target;
    float probability;
  };
  /// Translations of a source word, likeliest first (then the lower word). After learn().
  std::vector<Translation> translations(int source, int most) const;

 private:
  struct Entry {
    int target;
    float probability, count;
  };
  struct Pair {
    std::size_t begin, middle, end;  ///< in words_: source, then target
  };

  std::vector<int> words_;
  std::vector<Pair> pairs_;
  std::vector<std::vector<Entry>> table_;  ///< by source word; the last is "none"
};

}  // namespace dragoman
