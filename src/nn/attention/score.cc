#include "nn/attention/score.h"

#include <cmath>

#include "base/error.h"
#include "nn/attention/additive.h"
#include "nn/attention/dot.h"
#include "nn/attention/gated_additive.h"
#include "nn/attention/general.h"
#include "nn/attention/scaled_dot.h"

namespace dragoman {

std::unique_ptr<const Score> make_score(const Scope& scope, const std::string& name, const std::string& setting,
                                        int width, int heads) {
  if (name == "dot") return std::make_unique<DotScore>();
  if (name == "scaled-dot") return std::make_unique<ScaledDotScore>();
  if (name == "general") return std::make_unique<GeneralScore>(scope, width, heads);
  if (name == "additive") return std::make_unique<AdditiveScore>(scope, width, heads);
  if (name == "gated-additive") return std::make_unique<GatedAdditiveScore>(scope, width);
  fail("{}: expected dot, scaled-dot, general, additive or gated-additive, found '{}'", setting, name);
}

float initial_query_size(const std::string& score, int width, int heads) {
  return score == "dot" ? 1 / std::sqrt(float(width) / float(heads)) : 1;
}

}  // namespace dragoman
