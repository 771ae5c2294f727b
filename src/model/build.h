#pragma once
// The one place that turns settings into a model.

#include <memory>

#include "model/seq2seq.h"

namespace dragoman {

/// The model that `options.type` names, with all parameters zero. Throws Error for a type that does not exist or
/// settings that do not fit together.
std::unique_ptr<Seq2Seq> build_model(const ModelOptions& options, const DropoutOptions& dropout = {});

/// The same without memory for its parameters, which are only described: how large it would be can be seen before
/// parameters().allocate().
std::unique_ptr<Seq2Seq> describe_model(const ModelOptions& options, const DropoutOptions& dropout = {});

}  // namespace dragoman
