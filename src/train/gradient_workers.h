#pragma once
// Data-parallel computation of gradients: one model, one set of parameters, and for each worker thread an arena, a tape
// and a block of gradients of its own.

#include <span>
#include <vector>

#include "model/seq2seq.h"
#include "text/batch.h"
#include "train/thread_team.h"

namespace dragoman {

/// A part of a batch: sentences first .. last-1.
struct MicroBatch {
  const Batch* batch;
  int first, last;
};

/// Cuts batches into parts of about `words` target tokens (at least one sentence each), in order. Of each batch the
/// number of parts is a multiple of `workers` where it has enough sentences, and the parts have about equal tokens.
std::vector<MicroBatch> cut(std::span<const Batch> batches, int words, int workers);

/// What one update was made of.
struct GradientResult {
  LossSums loss;
  std::int64_t sentences = 0;
  std::int64_t source_tokens = 0;
};

/// Computes the gradient of gradient_scale * (sum of the loss over all target tokens) over batches, and gives it as one
/// flat block. Which worker computes what depends on the batches and the number of workers only, so the same of both
/// give the same bits.
class GradientWorkers {
 public:
  /// `micro_batch_words`: target tokens that a worker computes at a time; small enough that a layer's numbers stay in
  /// the core's cache.
  /// `precision`: of matrix products, forward and backward.
  GradientWorkers(const Seq2Seq& model, ThreadTeam& team, int micro_batch_words,
                  Precision precision = Precision::float32);

  /// `random` names the dropout of this update.
  GradientResult compute(std::span<const Batch> batches, float smoothing, float gradient_scale, Random random,
                         const LossWeights& weights = {});

  /// The gradient that compute() left, valid until its next call.
  std::span<const float> gradients() const { return workers_.front().gradients; }

  /// Loss without gradients (and without dropout) over batches, for validation.
  LossSums evaluate(std::span<const Batch> batches);

  /// Bytes that the workers' arenas and gradients hold.
  std::size_t memory() const;

 private:
  struct Worker {
    Arena arena;
    Tape tape;
    std::vector<float> gradients;
    LossSums loss;
  };
  LossSums total() const;

  const Seq2Seq& model_;
  ThreadTeam& team_;
  int micro_batch_words_;
  Precision precision_;
  std::vector<Worker> workers_;
  TransposedTable table_;  ///< the output layer's, of this update
};

}  // namespace dragoman
