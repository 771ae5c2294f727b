#pragma once
// Where sentence pairs come from, and how they become batches.

#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

/// Settings of the training data, with Marian's names, meanings and defaults.
struct DataOptions {
  std::vector<std::string> train_sets;  ///< source and target file (.gz and .zst too; "stdin" or "-"), or one TSV
  std::vector<std::string> vocabs;      ///< vocabulary per stream; the same path twice: a joint one
  bool tsv = false;                     ///< train-sets is one file of tab-separated columns
  std::string guided_alignment;         ///< Pharaoh links of pieces, a line for each pair; empty: none
  int tsv_fields = 0;                   ///< columns of the TSV; 0: as many as streams; more are dropped
  int max_length = 50;                  ///< longer sentences (in tokens, without </s>) are skipped
  bool max_length_crop = false;         ///< crop them instead
  std::string shuffle = "data";         ///< data (lines and batches), batches, none
  bool shuffle_in_ram = false;          ///< keep the corpus in memory instead of in tempdir
  bool no_restore_corpus = false;       ///< after a restart begin a new epoch instead of continuing
  std::string tempdir = "/tmp";         ///< where shuffled parts of a corpus larger than memory are kept
  int mini_batch = 64;                  ///< sentences in a batch
  int mini_batch_words = 0;             ///< target tokens in a batch, instead of mini-batch
  bool mini_batch_fit = false;          ///< as many as fit the workspace, instead of mini-batch
  int workspace = 2048;                 ///< MiB that the activations of a batch may take with mini-batch-fit
  int maxi_batch = 100;                 ///< this many mini-batches are read and sorted by length together
  std::string maxi_batch_sort = "trg";  ///< sort by src, trg or none
  std::uint64_t seed = 0;               ///< of everything random; 0: from the clock
};

}  // namespace dragoman
