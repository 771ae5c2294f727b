#include "onednn_recurrent.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace dragoman {
namespace {

using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
using Arguments = std::unordered_map<int, dnnl::memory>;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

Desc floats(const dnnl::memory::dims& sizes, Tag tag) { return {sizes, dnnl::memory::data_type::f32, tag}; }

/// Scratch memory comes with each call, so that primitives may run in another thread than the one that made them.
dnnl::primitive_attr given_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

/// Both ways of oneDNN to say what a primitive does: 3.x has no separate descriptors of operations.
template <class Primitive, class... Arguments>
auto describe_forward(const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(cpu(), arguments..., given_scratch());
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), given_scratch(), cpu());
#endif
}

template <class Primitive, class Hint, class... Arguments>
auto describe_backward(const Hint& hint, const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(cpu(), arguments..., hint, given_scratch());
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), given_scratch(), cpu(), hint);
#endif
}

/// Rows of tokens to their places among padding of zeros, and back.
void pad(const std::vector<int>& places, int width, const float* rows, std::int64_t all, float* padded) {
  std::fill_n(padded, all * width, 0.0f);
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::copy_n(rows + i * std::size_t(width), width, padded + std::int64_t(places[i]) * width);
  }
}

void unpad(const std::vector<int>& places, int width, const float* padded, float* rows) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::copy_n(padded + std::int64_t(places[i]) * width, width, rows + i * std::size_t(width));
  }
}

}  // namespace

struct OnednnRecurrent::Plan {
  struct Orders {
    Desc input, recurrent;
  };
  Desc x, y, state, bias, workspace, forward_scratch, backward_scratch;
  Orders plain, any, forward_order, backward_order, gradient_order;
  dnnl::primitive forward, backward;

  template <class Forward, class Backward, class Cells>
  void fill(const Cells& with_cells) {
    constexpr auto direction = dnnl::rnn_direction::unidirectional_left2right;
    // States are given though they are zero: without them LSTM's gradient of recurrent weights is wrong in 2.6 and 3.2.
    // Only LSTM has arguments for cells, before and after the sentences
    const auto forward_of = with_cells([&](const auto&... cells) {
      return describe_forward<Forward>(dnnl::prop_kind::forward_training, direction, x, state, cells..., any.input,
                                       any.recurrent, bias, y, state, cells...);
    });
    const auto backward_of = with_cells([&](const auto&... cells) {
      return describe_backward<Backward>(forward_of, dnnl::prop_kind::backward, direction, x, state, cells...,
                                         any.input, any.recurrent, bias, y, state, cells..., x, state, cells...,
                                         any.input, any.recurrent, bias, y, state, cells...);
    });
    workspace = forward_of.workspace_desc();
    forward_order = {forward_of.weights_layer_desc(), forward_of.weights_iter_desc()};
    backward_order = {backward_of.weights_layer_desc(), backward_of.weights_iter_desc()};
    gradient_order = {backward_of.diff_weights_layer_desc(), backward_of.diff_weights_iter_desc()};
    forward_scratch = forward_of.scratchpad_desc();
    backward_scratch = backward_of.scratchpad_desc();
    forward = Forward(forward_of);
    backward = Backward(backward_of);
  }
};

RnnWeights::RnnWeights(RnnPrimitive primitive, int in, int width)
    : input(std::size_t(in) * gates_of(primitive) * width),
      recurrent(std::size_t(width) * gates_of(primitive) * width),
      bias(std::size_t(biases_of(primitive)) * width),
      dinput(input.size()),
      drecurrent(recurrent.size()),
      dbias(bias.size()) {}

OnednnRecurrent::OnednnRecurrent(RnnPrimitive primitive, int in, int width, std::span<const int> offsets)
    : primitive_(primitive), in_(in), width_(width), sentences_(int(offsets.size()) - 1) {
  for (int s = 0; s < sentences_; ++s) {
    longest_ = std::max(longest_, offsets[s + 1] - offsets[s]);
    for (int t = 0; t < offsets[s + 1] - offsets[s]; ++t) place_of_token_.push_back(t * sentences_ + s);
  }
  plan_ = std::make_shared<const Plan>(make_plan());
}

OnednnRecurrent::Plan OnednnRecurrent::make_plan() const {
  const int gates = gates_of(primitive_);
  Plan plan;
  plan.x = floats({longest_, sentences_, in_}, Tag::tnc);
  plan.y = floats({longest_, sentences_, width_}, Tag::tnc);
  plan.state = floats({1, 1, sentences_, width_}, Tag::ldnc);
  plan.bias = floats({1, 1, biases_of(primitive_), width_}, Tag::ldgo);
  const auto order = [&](Tag tag) {
    return Plan::Orders{floats({1, 1, in_, gates, width_}, tag), floats({1, 1, width_, gates, width_}, tag)};
  };
  plan.plain = order(Tag::ldigo);
  plan.any = order(Tag::any);
  const auto without_cells = [](const auto& make) { return make(); };
  const auto with_cells = [&](const auto& make) { return make(plan.state); };
  switch (primitive_) {
    case RnnPrimitive::lbr_gru:
      plan.fill<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(without_cells);
      break;
    case RnnPrimitive::gru:
      plan.fill<dnnl::gru_forward, dnnl::gru_backward>(without_cells);
      break;
    case RnnPrimitive::lstm:
      plan.fill<dnnl::lstm_forward, dnnl::lstm_backward>(with_cells);
      break;
  }
  return plan;
}

void OnednnRecurrent::run(RnnWeights& weights, Arena& arena, const float* x, const float* dy, float* y, float* dx) {
  dnnl::stream stream(cpu());
  const Plan& plan = *plan_;
  const auto memory = [&](const Desc& desc) {
    return dnnl::memory(desc, cpu(), arena.allocate(std::max<std::size_t>(desc.get_size(), 64)));
  };
  const auto over = [&](const Desc& desc, std::vector<float>& values) {
    return dnnl::memory(desc, cpu(), values.data());
  };
  const auto data = [](const dnnl::memory& m) { return static_cast<float*>(m.get_data_handle()); };
  const auto zeros = [&](const Desc& desc) {
    dnnl::memory result = memory(desc);
    std::fill_n(static_cast<char*>(result.get_data_handle()), desc.get_size(), '\0');
    return result;
  };
  const auto reorder = [&](dnnl::memory from, dnnl::memory to) { dnnl::reorder(from, to).execute(stream, from, to); };
  const auto ordered = [&](const Desc& plain, const Desc& wanted, std::vector<float>& values) {
    const dnnl::memory given = over(plain, values);
    if (plain == wanted) return given;
    const dnnl::memory result = memory(wanted);
    reorder(given, result);
    return result;
  };

  const dnnl::memory in = memory(plan.x), out = memory(plan.y), bias = over(plan.bias, weights.bias);
  const dnnl::memory workspace = memory(plan.workspace);
  const dnnl::memory zero = zeros(plan.state);  // before all sentences, and what their ends' gradients are
  const dnnl::memory last = memory(plan.state), last_cell = memory(plan.state);
  pad(place_of_token_, in_, x, places(), data(in));
  plan.forward.execute(
      stream,
      Arguments{{DNNL_ARG_SRC_LAYER, in},
                {DNNL_ARG_SRC_ITER, zero},
                {DNNL_ARG_SRC_ITER_C, zero},
                {DNNL_ARG_DST_ITER, last},
                {DNNL_ARG_DST_ITER_C, last_cell},
                {DNNL_ARG_WEIGHTS_LAYER, ordered(plan.plain.input, plan.forward_order.input, weights.input)},
                {DNNL_ARG_WEIGHTS_ITER, ordered(plan.plain.recurrent, plan.forward_order.recurrent, weights.recurrent)},
                {DNNL_ARG_BIAS, bias},
                {DNNL_ARG_DST_LAYER, out},
                {DNNL_ARG_WORKSPACE, workspace},
                {DNNL_ARG_SCRATCHPAD, memory(plan.forward_scratch)}});
  unpad(place_of_token_, width_, data(out), y);

  const dnnl::memory dout = memory(plan.y), din = memory(plan.x);
  const dnnl::memory dinput = zeros(plan.gradient_order.input), drecurrent = zeros(plan.gradient_order.recurrent);
  std::fill(weights.dbias.begin(), weights.dbias.end(), 0.0f);
  pad(place_of_token_, width_, dy, places(), data(dout));
  plan.backward.execute(
      stream, Arguments{{DNNL_ARG_SRC_LAYER, in},
                        {DNNL_ARG_SRC_ITER, zero},
                        {DNNL_ARG_SRC_ITER_C, zero},
                        {DNNL_ARG_DST_ITER, last},
                        {DNNL_ARG_DST_ITER_C, last_cell},
                        {DNNL_ARG_WEIGHTS_LAYER, ordered(plan.plain.input, plan.backward_order.input, weights.input)},
                        {DNNL_ARG_WEIGHTS_ITER,
                         ordered(plan.plain.recurrent, plan.backward_order.recurrent, weights.recurrent)},
                        {DNNL_ARG_BIAS, bias},
                        {DNNL_ARG_DST_LAYER, out},
                        {DNNL_ARG_WORKSPACE, workspace},
                        {DNNL_ARG_SCRATCHPAD, memory(plan.backward_scratch)},
                        {DNNL_ARG_DIFF_DST_LAYER, dout},
                        {DNNL_ARG_DIFF_DST_ITER, zero},
                        {DNNL_ARG_DIFF_DST_ITER_C, zero},
                        {DNNL_ARG_DIFF_SRC_ITER, memory(plan.state)},
                        {DNNL_ARG_DIFF_SRC_ITER_C, memory(plan.state)},
                        {DNNL_ARG_DIFF_SRC_LAYER, din},
                        {DNNL_ARG_DIFF_WEIGHTS_LAYER, dinput},
                        {DNNL_ARG_DIFF_WEIGHTS_ITER, drecurrent},
                        {DNNL_ARG_DIFF_BIAS, over(plan.bias, weights.dbias)}});
  unpad(place_of_token_, in_, data(din), dx);
  reorder(dinput, over(plan.plain.input, weights.dinput));
  reorder(drecurrent, over(plan.plain.recurrent, weights.drecurrent));
  stream.wait();
}

}  // namespace dragoman
