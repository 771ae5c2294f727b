#pragma once
// Lexical shortlists: for each source word the target words that may be its translation. With one, a decoder scores a
// few hundred words instead of the whole vocabulary (Schwenk, Dechelotte and Gauvain 2006; Kim et al. 2019).

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Immutable; shared by all threads.
class Shortlist {
 public:
  /// How a text is cut to lists; names and defaults are Marian's.
  struct Limits {
    int first = 100;   ///< this many first words of the vocabulary are always there
    int best = 100;    ///< most translations of a word
    double prune = 0;  ///< least probability of a translation
  };
  using Find = std::function<int(std::string_view word)>;  ///< the id of a word

  /// Maps a file in Marian's binary format, whose limits were chosen when it was made. All of it is checked, and sizes
  /// of the vocabularies; shared: source and target have the same vocabulary, and source words are candidates too.
  /// Throws Error naming the path and what was expected.
  static Shortlist open_binary(const std::string& path, int source_words, int target_words, bool shared);
  /// The same in two steps, the first of which needs no vocabularies: not to be used before the second.
  static Shortlist map_binary(const std::string& path);
  void fit(int source_words, int target_words, bool shared);

  /// Reads lines "target source probability", plain or compressed; NULL on either side is passed over. Throws Error
  /// naming path and line.
  static Shortlist open_text(const std::string& path, const Limits& limits, int source_words, int target_words,
                             bool shared, const Find& source, const Find& target);

  /// Reads CTranslate2's vmap.txt (see VocabularyMap): target words by source n-grams, and nothing that is not in it.
  /// What is not in the vocabularies is passed over. Throws Error naming path and line.
  static Shortlist open_vocabulary_map(const std::string& path, int target_words, const Find& source,
                                       const Find& target);

  /// From lists [source words][translations].
  Shortlist(std::vector<std::vector<int>> lists, int first, int best, int target_words, bool shared);

  /// The candidates of a sentence, ascending: the first words, the translations of each of its words, and the lowest
  /// others until their number is a multiple of 8 (unless from a vmap.txt). Ids beyond the vocabulary add nothing.
  std::vector<int> candidates(std::span<const int> source) const;

  /// Writes Marian's binary format, whole or not at all.
  void save_binary(const std::string& path) const;

  int first() const { return first_; }
  std::size_t size() const { return words_.size(); }  ///< of all lists together

 private:
  Shortlist() = default;

  std::string path_;
  std::uint64_t stored_first_ = 0, stored_best_ = 0;
  std::uint32_t largest_ = 0;  ///< target word
  int first_ = 0, best_ = 0, target_words_ = 0;
  bool shared_ = false, fills_up_ = true;
  std::span<const std::uint64_t> offsets_;  ///< of source word s: words_[offsets_[s] .. offsets_[s + 1]]
  std::span<const std::uint32_t> words_;
  std::shared_ptr<const void> owner_;                    ///< of both
  std::map<std::vector<int>, std::vector<int>> ngrams_;  ///< of a vmap.txt; the empty one's are always there
  std::size_t longest_ngram_ = 0;
};

/// Whether a file is in Marian's binary format of shortlists.
bool is_binary_shortlist(const std::string& path);

/// Whether a text is a vmap.txt of CTranslate2: its first line has one tab, where lines of shortlists have none or two.
bool is_vocabulary_map(const std::string& path);

}  // namespace dragoman
