#include "train/smoothing.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"
#include "train/update_kernels.h"

namespace dragoman {

ExponentialSmoothing::ExponentialSmoothing(double rate, std::span<const float> initial)
    : rate_(rate), values_(initial.begin(), initial.end()) {
  require(rate > 0 && rate <= 1, "exponential-smoothing: {}, expected above 0 and at most 1", rate);
}

void ExponentialSmoothing::update(std::span<const float> current) {
  begin_update();
  update_range(current, 0, current.size());
}

void ExponentialSmoothing::begin_update() {
  const double t = double(updates_++);
  keep_ = float(std::min(1 - rate_, (t + 1) / (t + 10)));
}

void ExponentialSmoothing::update_range(std::span<const float> current, std::size_t begin, std::size_t end) {
  assert(current.size() == values_.size() && begin <= end && end <= values_.size() && updates_ > 0);
  update_kernels::blend(values_.data() + begin, current.data() + begin, end - begin, keep_);
}

}  // namespace dragoman
