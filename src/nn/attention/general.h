#pragma once

#include <cmath>

#include "nn/attention/score.h"
#include "ops/head_map.h"

namespace dragoman {

/// score(q, k) = q.(W k) (Luong, Pham and Manning 2015, "general"): each z_j = W_z h_j is compared by a dot product.
/// The map is applied to the queries instead, q.(W k) = (W^T q).k, so that keys are cached as they are. Parameter
/// "general.weight" [width, d]: rows h * d .. (h + 1) * d - 1 are W [d, d] of head h.
/// W begins 1/sqrt(d) as large as other maps: see initial_query_size.
class GeneralScore : public Score {
 public:
  GeneralScore(const Scope& scope, int width, int heads)
      : weight_(
            (scope / "general")
                .parameter("weight", {width, width / heads},
                           Initial::glorot(width / heads, width / heads).times(1 / std::sqrt(float(width / heads))))) {}

  Columns queries(const Context& ctx, Columns projected) const override {
    return {head_map(ctx, projected, weight_.in(ctx)), 0};
  }

 private:
  Weight weight_;
};

}  // namespace dragoman
