#include "train/loss_weights.h"

#include <cmath>
#include <utility>

#include "base/error.h"

namespace dragoman {
namespace {

AlignmentCost parse_cost(const std::string& name) {
  if (name == "ce") return AlignmentCost::cross_entropy;
  if (name == "mse") return AlignmentCost::squared_error;
  require(name == "mult", "guided-alignment-cost: expected ce, mse or mult, found '{}'", name);
  return AlignmentCost::product;
}

}  // namespace

LossWeights loss_weights(const TrainSettings& settings) {
  const TrainingOptions& o = settings.training;
  for (const auto& [name, value] :
       {std::pair("cross-entropy-weight", o.cross_entropy_weight), std::pair("mse-weight", o.mse_weight),
        std::pair("mse-embeddings-weight", o.mse_embeddings_weight),
        std::pair("attention-loss-weight", o.attention_loss_weight), std::pair("r-drop-weight", o.r_drop_weight),
        std::pair("guided-alignment-weight", o.guided_alignment_weight)}) {
    require(value >= 0 && std::isfinite(value), "{}: expected 0 or more, found {}", name, value);
  }
  // Translations are searched for with the output layer, which only losses of the distribution train.
  const bool trains_output = o.cross_entropy_weight > 0 || o.mse_weight > 0 || o.attention_loss_weight > 0;
  const bool tied = settings.model.tied_embeddings || settings.model.tied_embeddings_all;
  require(trains_output || (o.mse_embeddings_weight > 0 && tied),
          "cross-entropy-weight 0: nothing would train the output layer; give mse-weight or attention-loss-weight, or "
          "with mse-embeddings-weight tie it to the embeddings (tied-embeddings)");
  return {.cross_entropy = float(o.cross_entropy_weight),
          .squared_error = float(o.mse_weight),
          .embedding_error = float(o.mse_embeddings_weight),
          .attention = float(o.attention_loss_weight),
          .guided_alignment = settings.data.guided_alignment.empty() ? 0 : float(o.guided_alignment_weight),
          .alignment_cost = parse_cost(o.guided_alignment_cost),
          .r_drop = float(o.r_drop_weight)};
}

}  // namespace dragoman
