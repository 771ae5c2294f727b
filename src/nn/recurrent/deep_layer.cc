#include "nn/recurrent/deep_layer.h"

#include "ops/gather.h"

namespace dragoman {

std::vector<RecurrentLayer> make_transitions(const Scope& scope, RecurrentLayerOptions options, int count) {
  options.in = 0;
  std::vector<RecurrentLayer> layers;
  for (int i = 0; i < count; ++i) layers.emplace_back(scope / "transition" / i, options);
  return layers;
}

RecurrentState stack_states(const Context& ctx, std::span<const RecurrentState> states) {
  const auto stack = [&](Tensor RecurrentState::*which) {
    if (states.empty() || (states[0].*which).data == nullptr) return Tensor{};
    const std::span<Tensor> parts = ctx.arena.array<Tensor>(states.size());
    for (std::size_t t = 0; t < states.size(); ++t) parts[t] = states[t].*which;
    return stack_rows(ctx, parts);
  };
  return {stack(&RecurrentState::output), ctx.recording() ? Tensor{} : stack(&RecurrentState::cell)};
}

TransitionsPass::TransitionsPass(const Context& ctx, std::span<const RecurrentLayer> layers, int rows, int most,
                                 double dropout) {
  for (const RecurrentLayer& layer : layers) {
    steps_.push_back({layer.begin(ctx, rows, dropout), layer.project_nothing(ctx, most)});
  }
}

RecurrentState TransitionsPass::run(const Context& ctx, std::span<const int> now, RecurrentState state) {
  for (Step& step : steps_) state = step.pass.run(ctx, step.input, 0, now, state);
  return state;
}

DeepLayer::DeepLayer(const Scope& scope, RecurrentLayerOptions options, int depth) {
  cells_.emplace_back(scope, options);
  for (RecurrentLayer& cell : make_transitions(scope, options, depth - 1)) cells_.push_back(std::move(cell));
}

RecurrentState DeepLayer::forward(const Context& ctx, Tensor x, const TimeOrder& order, RecurrentState state,
                                  double dropout) const {
  const RecurrentLayer& first = cells_.front();
  if (cells_.size() == 1) return first.forward(ctx, x, order, state, dropout);
  const int rows = int(x.rows()), most = order.active.empty() ? 0 : order.active[0];
  RecurrentPass pass = first.begin(ctx, rows, dropout);
  TransitionsPass transitions(ctx, std::span(cells_).subspan(1), rows, most, dropout);
  const Tensor projected = first.project(ctx, x);
  std::vector<RecurrentState> states;
  int done = 0;
  for (std::size_t t = 0; t < order.active.size(); ++t) {
    const std::span<const int> now = order.active.subspan(t, 1);
    state = transitions.run(ctx, now, pass.run(ctx, projected, done, now, state));
    states.push_back(state);
    done += now[0];
  }
  return stack_states(ctx, states);
}

}  // namespace dragoman
