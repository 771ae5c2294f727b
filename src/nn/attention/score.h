#pragma once
// How well a key matches a query: all that kinds of attention differ in. Masks, softmax, dropout and the weighted sum
// are written once, in ops/attention.h.

#include <memory>
#include <string>

#include "nn/parameters.h"
#include "ops/attention.h"

namespace dragoman {

/// One way to score, with the parameters that it has. Queries and keys are projected before it sees them, and each head
/// scores its own part of d columns.
class Score {
 public:
  virtual ~Score() = default;

  /// What is compared with the keys.
  virtual Columns queries(const Context&, Columns projected) const { return projected; }

  /// Whether the comparison is divided by sqrt(d).
  virtual bool scaled() const { return false; }

  /// v of v.tanh(q + k), [width]; an empty tensor if the comparison is a dot product.
  virtual Tensor additive(const Context&) const { return {}; }
};

/// The score of a setting's value: dot, scaled-dot, general, additive or gated-additive. Its parameters stand in
/// `scope`. Throws Error that names the setting.
std::unique_ptr<const Score> make_score(const Scope& scope, const std::string& name, const std::string& setting,
                                        int width, int heads);

/// How much smaller than other maps the one that makes queries begins: by 1/sqrt(d) for dot, so that a product that
/// nobody scales has about the variance 1 at first, as a scaled one has (Raffel et al. 2020 do so), else by nothing. A
/// softmax that begins saturated learns badly.
float initial_query_size(const std::string& score, int width, int heads);

}  // namespace dragoman
