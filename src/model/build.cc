#include "model/build.h"

#include "base/error.h"
#include "model/recurrent_model.h"
#include "model/transformer.h"

namespace dragoman {

std::unique_ptr<Seq2Seq> describe_model(const ModelOptions& options, const DropoutOptions& dropout) {
  if (options.type == "transformer") return std::make_unique<Transformer>(options, dropout);
  if (options.type == "s2s") return std::make_unique<RecurrentModel>(options, dropout);
  fail("type: expected transformer or s2s, found '{}'", options.type);
}

std::unique_ptr<Seq2Seq> build_model(const ModelOptions& options, const DropoutOptions& dropout) {
  auto model = describe_model(options, dropout);
  model->parameters().allocate();
  return model;
}

}  // namespace dragoman
