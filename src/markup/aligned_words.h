#pragma once
// The words of a translation, and what part of the source each comes from.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "markup/aligned_text.h"

namespace dragoman {

/// Bytes [begin, end) of a text without space: a word, a sign of punctuation, or a character of a script that puts no
/// spaces between words.
struct Word {
  std::size_t begin = 0, end = 0;
};

/// `Parts::digits`: digits within words are words too, "H", "2" and "O".
enum class Parts { none, digits };
std::vector<Word> words_of(std::string_view text, Parts parts = Parts::none);

/// Whether a word is punctuation that ends sentences or clauses, or a quote or bracket.
bool is_punctuation(std::string_view word);

/// Target words with weights over bytes of the source.
class AlignedWords {
 public:
  /// Words overlap no edge of a kept range. Same bytes in both texts (kept ranges, words that occur once in either, and
  /// such digits in words that have one of `cuts` within) count as aligned to each other alone, and are cut where the
  /// source has one of `cuts`. Without any links, places count as aligned to those as far into the source.
  AlignedWords(const AlignedText& text, const std::vector<KeptRange>& kept, const std::vector<std::size_t>& cuts);

  const std::vector<Word>& words() const { return words_; }
  int size() const { return int(words_.size()); }
  /// Whether a word is the same bytes in both texts.
  bool is_same(int word) const { return same_[std::size_t(word)].end > same_[std::size_t(word)].begin; }
  /// Adds up what each word has of the source: result[w] = sum over pieces s of weight(s, w) * value(begin, end of s).
  /// Same bytes count `of_same` times.
  template <class Value>
  std::vector<double> sum(const Value& value, double of_same) const {
    std::vector<double> result(words_.size(), 0);
    for (std::size_t w = 0; w < words_.size(); ++w) {
      if (is_same(int(w))) {
        result[w] = of_same * value(same_[w].begin, same_[w].end);
        continue;
      }
      for (std::size_t i = first_[w]; i < first_[w + 1]; ++i) {
        const Word& piece = pieces_[std::size_t(weights_[i].source)];
        result[w] += weights_[i].weight * value(piece.begin, piece.end);
      }
    }
    return result;
  }
  /// How much work a sum is.
  std::size_t cost() const { return words_.size() + weights_.size(); }

 private:
  struct Weight {
    int source = 0;
    double weight = 0;
  };
  void make_words(std::string_view target, const std::vector<KeptRange>& same, const std::vector<std::size_t>& cuts);
  void make_weights(const AlignedText& text);

  std::vector<Word> words_;
  std::vector<Word> same_;          ///< of each word the bytes of the source that are the same; empty: none
  std::vector<Word> pieces_;        ///< of the source, without space at their beginning
  std::vector<std::size_t> first_;  ///< of each word in weights_
  std::vector<Weight> weights_;
};

}  // namespace dragoman
