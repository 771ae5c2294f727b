#pragma once

#include "nn/attention/score.h"

namespace dragoman {

/// score(q, k) = q.k / sqrt(d), so that scores of wide heads do not grow into the flat parts of the softmax (Vaswani et
/// al. 2017).
class ScaledDotScore : public Score {
 public:
  bool scaled() const override { return true; }
};

}  // namespace dragoman
