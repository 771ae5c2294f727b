#include "model/quantize.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/kernels.h"
#include "model/build.h"

namespace dragoman {

std::shared_ptr<const Int8Weights> quantize_rows(std::span<const float> values, int outputs, int inputs) {
  auto numbers = std::make_shared<std::vector<std::int8_t>>(values.size());
  std::vector<float> scales;
  scales.reserve(std::size_t(outputs));
  for (int o = 0; o < outputs; ++o) {
    const float* row = values.data() + std::int64_t(o) * inputs;
    const float most = kernels().largest_magnitude(inputs, row);
    scales.push_back(most > 0 ? most / 127.0f : 1.0f);
    kernels().quantize(inputs, row, 1 / scales.back(), 0, numbers->data() + std::int64_t(o) * inputs);
  }
  const std::span<const std::int8_t> view(*numbers);
  return std::make_shared<Int8Weights>(outputs, inputs, view, std::move(scales),
                                       std::vector<Int8Weights::Part>{{0, 0.0f}}, numbers);
}

void watch_inputs(const Seq2Seq& model) {
  for (const Parameter& p : model.parameters().list()) {
    if (p.int8 != nullptr) p.int8->watch_inputs();
  }
}

void prepare_products(const Seq2Seq& model) {
  for (const Parameter& p : model.parameters().list()) {
    if (p.int8 != nullptr && p.use == ParameterUse::map) p.int8->packed();
  }
}

namespace {

/// The parameters that `to` has as floats of its own.
void copy_floats(const Parameters& from, Parameters& to) {
  to.allocate();
  for (std::size_t i = 0; i < from.list().size(); ++i) {
    const Parameter &p = from.list()[i], &q = to.list()[i];
    if (q.offset < 0) continue;
    const std::span<const float> values = from.floats_of(p);
    std::copy(values.begin(), values.end(), to.values_of(q).begin());
  }
}

}  // namespace

std::unique_ptr<Seq2Seq> with_fixed_scales(const Seq2Seq& model) {
  auto result = describe_model(model.options());
  for (std::size_t i = 0; i < model.parameters().list().size(); ++i) {
    const auto& old = model.parameters().list()[i].int8;
    if (old == nullptr) continue;
    const Int8Weights::InputStatistics seen = old->input_statistics();
    if (seen.rows == 0) {
      result->parameters().set_int8(int(i), old);
      continue;
    }
    const double mean = seen.sum / double(seen.rows);
    const double deviation = std::sqrt(std::max(0.0, seen.squares / double(seen.rows) - mean * mean));
    std::vector<float> scales;
    for (int o = 0; o < old->outputs(); ++o) scales.push_back(old->scale(o));
    const float fixed = float(127 / std::max(mean + 1.1 * deviation, 1e-6));
    result->parameters().set_int8(
        int(i), std::make_shared<Int8Weights>(old->outputs(), old->inputs(), old->rows(), std::move(scales),
                                              std::vector<Int8Weights::Part>{{0, fixed}}, old));
  }
  copy_floats(model.parameters(), result->parameters());
  return result;
}

std::unique_ptr<Seq2Seq> quantized(const Seq2Seq& model) {
  auto result = describe_model(model.options());
  const Parameters& from = model.parameters();
  Parameters& to = result->parameters();
  for (std::size_t i = 0; i < from.list().size(); ++i) {
    const Parameter& p = from.list()[i];
    if (p.int8 != nullptr) to.set_int8(int(i), p.int8);
    if (p.use == ParameterUse::other || p.int8 != nullptr) continue;
    const int outputs = p.outputs(), inputs = p.inputs();
    const float* values = from.floats_of(p).data();
    if (p.use == ParameterUse::table) {
      to.set_int8(int(i), quantize_rows({values, std::size_t(p.shape.size())}, outputs, inputs));
      continue;
    }
    std::vector<float> turned(static_cast<std::size_t>(p.shape.size()));
    for (int in = 0; in < inputs; ++in) {
      for (int out = 0; out < outputs; ++out)
        turned[std::size_t(out) * std::size_t(inputs) + std::size_t(in)] = *values++;
    }
    to.set_int8(int(i), quantize_rows(turned, outputs, inputs));
  }
  copy_floats(from, to);
  return result;
}

std::unique_ptr<Seq2Seq> in_bfloat16(const Seq2Seq& model) {
  auto result = describe_model(model.options());
  const Parameters& from = model.parameters();
  Parameters& to = result->parameters();
  for (std::size_t i = 0; i < from.list().size(); ++i) {
    const Parameter& p = from.list()[i];
    if (p.bfloat16 != nullptr) to.set_bfloat16(int(i), p.bfloat16);
    if (p.use == ParameterUse::other || p.bfloat16 != nullptr) continue;
    const std::span<const float> values = from.floats_of(p);
    const auto numbers = std::make_shared<std::vector<std::uint16_t>>(values.size());
    kernels().to_bfloat16(std::int64_t(values.size()), values.data(), numbers->data());
    to.set_bfloat16(int(i), {numbers, numbers->data()});
  }
  copy_floats(from, to);
  return result;
}

}  // namespace dragoman
