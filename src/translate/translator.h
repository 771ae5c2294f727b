#pragma once
// Lines of text to lines of text: tokenised, grouped into batches, searched by many threads, and put in order again.

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "decode/align.h"
#include "dragoman/translate_settings.h"
#include "translate/model_set.h"
#include "translate/source_encoder.h"
#include "translate/suspicion.h"

namespace dragoman {

/// A line to translate.
struct SourceLine {
  std::string text;
  std::int64_t number = 1;  ///< in its file, from 1; names the line's stream of random numbers when sampling
  std::string prefix = {};  ///< what the translation must begin with
};

/// One translation of a line. For a line that was split its parts' translations are joined by a space, and scores are
/// their sums.
struct TranslationCandidate {
  std::string text;  ///< never contains a line end
  double score = 0;  ///< what candidates are ranked by
  double log_probability = 0;
  std::vector<float> token_log_probabilities = {};  ///< of the tokens and of each </s>
  SoftAlignment alignment = {};  ///< if asked for; of a split line, the whole line's (see join_alignments)
};

struct Translation {
  std::vector<TranslationCandidate> candidates;  ///< best first, at least one; a blank line has an empty one
  std::vector<Suspicion> suspicions = {};
};

struct TranslatorOptions {
  SearchOptions search = {};
  BatchingOptions batching = {};
  SourceEncoderOptions source = {};
  bool print_pieces = false;         ///< candidates' texts are pieces with spaces between (no-spm-decode)
  std::uint64_t seed = 1;            ///< of sampling
  bool align = false;                ///< candidates have alignments
  std::string alignment_layer = {};  ///< as transformer-guided-alignment-layer; empty: the models' own
};

/// Translates with a set of models. What comes out for a line depends on nothing but the line, its number (when
/// sampling) and the options: not on batches, threads or other lines. Use one object from one thread at a time; it
/// keeps its workers' memory.
class Translator {
 public:
  /// Called by workers after each batch, one at a time, with its numbers of sentences and of source tokens.
  using BatchDone = std::function<void(int sentences, int tokens)>;

  /// `models` must outlive the translator. Throws Error if options make no sense.
  Translator(const ModelSet& models, TranslatorOptions options);

  /// One translation per line, in order. Throws Interrupted if `stop` is triggered meanwhile.
  std::vector<Translation> translate(std::span<const SourceLine> lines, const std::stop_token& stop = {},
                                     const BatchDone& batch_done = {});

 private:
  struct Part;

  std::vector<TokenId> candidates_of(const Part& part) const;
  std::vector<int> encode_prefix(const SourceLine& line, bool& cut) const;
  void translate_batch(std::span<Part* const> batch, int worker);
  void align_batch(std::span<Part* const> batch, int worker);
  std::string text_of(std::span<const int> ids) const;
  Translation join(const SourceLine& line, std::span<Part> parts) const;

  const ModelSet& models_;
  std::vector<const Seq2Seq*> pointers_, aligners_;  ///< all models, and those with a weight
  TranslatorOptions options_;
  int threads_;
  int longest_;                           ///< sentence that the models take, with </s>; 0: no limit
  long most_tokens_;                      ///< of a batch
  std::deque<std::deque<Arena>> arenas_;  ///< per worker and model
};

}  // namespace dragoman
