#pragma once
// What happens before and after a sublayer, in Marian's notation: a word of d (dropout), a (add the sublayer's input,
// a residual connection, He et al. 2016) and n (layer norm), done from left to right. Post-norm as in Vaswani et al.
// 2017 is "" before and "dan" after; pre-norm is "n" before and "da" after.

#include <string>

#include "nn/layer_norm.h"

namespace dragoman {

class Process {
 public:
  Process() = default;

  /// `allowed`: the letters that make sense here. `setting` is named in the error that others give. `epsilon`: of n.
  Process(const Scope& scope, int width, const std::string& steps, const std::string& allowed,
          const std::string& setting, float epsilon = LayerNormOptions{}.epsilon);

  /// Applies the steps to x. `input` is what "a" adds.
  Tensor forward(const Context& ctx, Tensor x, Tensor input, double dropout) const;

  bool empty() const { return steps_.empty(); }

 private:
  std::string steps_;
  LayerNorm norm_;
};

}  // namespace dragoman
