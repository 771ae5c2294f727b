#include "nn/process.h"

#include <algorithm>

#include "base/error.h"
#include "ops/dropout.h"

namespace dragoman {

Process::Process(const Scope& scope, int width, const std::string& steps, const std::string& allowed,
                 const std::string& setting, float epsilon)
    : steps_(steps) {
  for (const char step : steps) {
    require(allowed.find(step) != std::string::npos, "{}: expected letters of '{}', found '{}' in '{}'", setting,
            allowed, step, steps);
  }
  const auto norms = std::count(steps.begin(), steps.end(), 'n');
  require(norms <= 1, "{}: expected at most one n, found '{}'", setting, steps);
  if (norms == 1) norm_ = LayerNorm(scope, width, {.epsilon = epsilon});
}

Tensor Process::forward(const Context& ctx, Tensor x, Tensor input, double p) const {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i] == 'd' && i + 1 < steps_.size() && steps_[i + 1] == 'a') {
      x = residual(ctx, input, x, p);  // both in one pass
      ++i;
    } else if (steps_[i] == 'd') {
      x = dropout(ctx, x, p);
    } else if (steps_[i] == 'a') {
      x = residual(ctx, input, x, 0);
    } else {
      x = norm_.forward(ctx, x);
    }
  }
  return x;
}

}  // namespace dragoman
