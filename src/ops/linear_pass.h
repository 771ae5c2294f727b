#pragma once
// One affine map used many times on the way through a batch, as between the steps of a recurrent decoder.

#include "autograd/context.h"

namespace dragoman {

/// y = x W + b for several x, one after another. While recording, the gradients of W and b are one product and one sum
/// over all of them, made when the tape comes back to where this was made; each use of its own would read and write the
/// whole gradient of W.
class LinearPass {
 public:
  /// weight [in, out], bias [out] or empty; `rows`: of all x together.
  LinearPass(const Context& ctx, Tensor weight, Tensor bias, int rows);

  /// x [some rows, in].
  Tensor forward(const Context& ctx, Tensor x);

 private:
  Tensor weight_, bias_;
  int done_ = 0;
  float* inputs_ = nullptr;     ///< [rows, in]; while recording
  float* gradients_ = nullptr;  ///< of the results, [rows, out]
};

}  // namespace dragoman
