#pragma once
// All settings of translating files, and of scoring pairs of files.

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/general_options.h"
#include "dragoman/search_options.h"
#include "dragoman/training_options.h"

namespace dragoman {

/// How lines are grouped for computing. What comes out for a line does not depend on any of it.
struct BatchingOptions {
  int mini_batch = 32;                  ///< sentences computed together
  int mini_batch_words = 0;             ///< source tokens computed together, instead of mini-batch; 0: off
  int maxi_batch = 100;                 ///< this many mini-batches are read and sorted by length together
  std::string maxi_batch_sort = "src";  ///< sort by src, trg (only when scoring) or none
  int cpu_threads = 0;                  ///< batches computed at the same time; 0: one per core
};

/// Settings of `dragoman translate`.
struct TranslateSettings {
  GeneralOptions general;
  std::vector<std::string> models;             ///< model directories; several are an ensemble
  std::vector<std::string> vocabs;             ///< source and target vocabulary; empty: the first model's own
  std::vector<std::string> input = {"stdin"};  ///< the source text; with force-decode also the target prefixes
  std::string output = "stdout";
  /// Lexical shortlist: its path, and for a text also first, best and prune; empty: none.
  std::vector<std::string> shortlist;
  std::string gemm_precision;  ///< of products: float32, int8 and Marian's names for it; empty: as the model is stored
  bool tsv = false;            ///< input is one stream of tab-separated columns
  int tsv_fields = 0;          ///< its columns; 0: as many as needed
  SearchOptions search;
  bool force_decode = false;  ///< each translation begins with the prefix of the line's last column or file
  bool word_scores = false;   ///< print the score of each token
  std::string alignment;      ///< print alignments: soft, hard or a threshold from 0 to 1; empty: none
  std::string transformer_guided_alignment_layer;  ///< their decoder layer, last or from 1; empty: the model's setting
  bool skip_cost = false;        ///< print no scores in n-best lists, and do not compute what only scores need
  bool no_spm_encode = false;    ///< the input is split into pieces already
  bool no_spm_decode = false;    ///< print pieces instead of text
  int max_length = 1000;         ///< longer input (in tokens) is split, at sentence ends where there are any
  bool max_length_crop = false;  ///< cut it instead, with a warning
  std::uint64_t seed = 0;        ///< of sampling; 0: from the clock
  BatchingOptions batching;
  bool quiet_translation = false;  ///< no log line for translations and no summary
  Period stat_freq;                ///< log the speed every so many mini-batches; 0: only at the end
};

/// Settings of `dragoman score`.
struct ScoreSettings {
  GeneralOptions general;
  std::string model_path = "model";     ///< the model directory
  std::vector<std::string> train_sets;  ///< source and target file, or one TSV
  std::vector<std::string> vocabs;      ///< as for translate
  std::string output = "stdout";
  std::string gemm_precision;  ///< as for translate
  bool tsv = false;
  int tsv_fields = 0;
  bool normalize = false;    ///< divide each score by the target's length in tokens, with </s>
  std::string summary;       ///< print only this: cross-entropy (also ce-mean), ce-mean-words, ce-sum or perplexity
  bool word_scores = false;  ///< print the score of each token
  std::string alignment;     ///< as for translate
  std::string transformer_guided_alignment_layer;  ///< as for translate
  bool n_best = false;                   ///< the target is n-best lists: print them with the score as one more feature
  std::string n_best_feature = "Score";  ///< the name of that feature
  int max_length = 1000;                 ///< longer sentences are an error, or cropped
  bool max_length_crop = false;
  BatchingOptions batching = {.maxi_batch_sort = "trg"};
};

}  // namespace dragoman
