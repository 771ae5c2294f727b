#include "ops/activation.h"

#include "base/error.h"
#include "ops/dropout.h"

namespace dragoman {

Activation parse_activation(const std::string& name, const std::string& setting) {
  if (name == "relu") return Activation::relu;
  if (name == "gelu") return Activation::gelu;
  if (name == "swish") return Activation::swish;
  if (name == "gelu-tanh") return Activation::gelu_tanh;
  if (name == "gelu-sigmoid") return Activation::gelu_sigmoid;
  if (name == "tanh") return Activation::tanh;
  if (name == "sigmoid") return Activation::sigmoid;
  fail("{}: expected relu, gelu, gelu-tanh, gelu-sigmoid, swish, tanh or sigmoid, found '{}'", setting, name);
}

Tensor activation(const Context& ctx, Activation kind, Tensor x, double p) {
  const DropoutMask mask = dropout_mask(ctx, p);
  Tensor y = ctx.make(x.shape);
  kernels().activation(kind, x.size(), x.data, y.data, mask);
  ctx.on_backward([=] {
    if (!y.has_gradient() || !x.needs_gradient()) return;
    kernels().activation_gradient(kind, x.size(), x.data, y.gradient->data, x.gradient->take_beta(), x.gradient->data,
                                  mask);
  });
  return y;
}

}  // namespace dragoman
