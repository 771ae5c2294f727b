#pragma once

#include "nn/attention/score.h"

namespace dragoman {

/// score(q, k) = q.k (Luong, Pham and Manning 2015, "dot").
class DotScore : public Score {};

}  // namespace dragoman
