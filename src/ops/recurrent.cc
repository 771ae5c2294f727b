#include "ops/recurrent.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/error.h"
#include "kernels/gemm.h"
#include "kernels/row_gemm.h"
#include "ops/dropout.h"

namespace dragoman {
namespace {

/// Floats that a cell keeps of each element for its gradient.
constexpr int kept_of(Cell cell) { return cell == Cell::gru ? 4 : 5; }

bool is_normalized(const RecurrentMap& map) { return map.norm.scale.data != nullptr; }

}  // namespace

Cell parse_cell(const std::string& name, const std::string& setting) {
  if (name == "gru" || name == "gru-nematus") return Cell::gru;
  if (name == "lstm") return Cell::lstm;
  fail("{}: expected gru, lstm or gru-nematus, found '{}'", setting, name);
}

RecurrentPass::RecurrentPass(const Context& ctx, Cell cell, const RecurrentMap& map, int rows, double dropout)
    : cell_(cell), map_(map), mask_(dropout_mask(ctx, dropout)) {
  const Tensor weight = map.weight, bias = map.bias;
  const int width = int(weight.rows()), gates = weight.width();
  assert(gates == gates_of(cell) * width);
  assert(bias.data == nullptr || bias.size() == gates || (cell == Cell::gru && bias.size() == width));
  if (!ctx.recording()) return;
  const auto array = [&](int columns) { return ctx.arena.array<float>(std::size_t(rows) * columns).data(); };
  previous_ = array(width);
  kept_ = array(kept_of(cell) * width);
  if (is_normalized(map)) products_ = array(gates);
  dhidden_ = array(gates);
  std::fill_n(dhidden_, std::size_t(rows) * gates, 0.0f);  // pieces that nothing depends on do not write theirs
  std::fill_n(previous_, std::size_t(rows) * width, 0.0f);
  const float* previous = previous_;
  const float* dhidden = dhidden_;
  const Precision precision = ctx.precision;
  float* sums = ctx.arena.array<float>(std::size_t(gates)).data();
  ctx.on_backward([=] {
    if (weight.needs_gradient()) {
      gemm({previous, rows, width, width}, {dhidden, rows, gates, gates}, {weight.gradient->data, width, gates, gates},
           {.transpose_a = true, .accumulate = weight.gradient->take_beta() != 0, .precision = precision});
    }
    if (bias.needs_gradient()) {
      std::fill_n(sums, gates, 0.0f);
      kernels().column_sums(rows, gates, dhidden, sums);
      const bool of_candidate = bias.size() == width;
      kernels().scale_add(bias.size(), 1, of_candidate ? sums + 2 * width : sums, bias.gradient->take_beta(),
                          bias.gradient->data);
    }
  });
}

RecurrentState RecurrentPass::run(const Context& ctx, Tensor projected, int first, std::span<const int> active,
                                  RecurrentState start) {
  const Tensor weight = map_.weight;
  const Norm norm = map_.norm;
  const int width = int(weight.rows()), gates = weight.width(), keeps = kept_of(cell_) * width;
  const int rows = std::accumulate(active.begin(), active.end(), 0), passed = done_;
  assert(projected.width() == gates && first + rows <= projected.rows());
  assert(std::is_sorted(active.rbegin(), active.rend()));
  assert(start.output.data == nullptr || active.empty() || start.output.rows() >= active[0]);
  const bool recording = ctx.recording(), is_lstm = cell_ == Cell::lstm, normalizes = is_normalized(map_);
  const float* candidate_bias = map_.bias.size() == width ? map_.bias.data : nullptr;
  const float* product_bias = candidate_bias == nullptr ? map_.bias.data : nullptr;
  const bool zero_has_product = product_bias != nullptr || norm.bias.data != nullptr;
  done_ += rows;
  const Tensor output = ctx.make({rows, width}), cell = is_lstm ? ctx.make({rows, width}) : Tensor{};
  const int most = active.empty() ? 0 : active[0];
  float* moments = recording && normalizes ? ctx.arena.array<float>(norm_moments(norm, rows)).data() : nullptr;
  const Arena::Mark mark = ctx.arena.mark();
  float* hidden = ctx.arena.array<float>(std::size_t(most) * gates).data();
  float* passing_moments = ctx.arena.array<float>(norm_moments(norm, most)).data();
  const std::span<float> zeros = ctx.arena.array<float>(std::size_t(zero_has_product ? most : 0) * width);
  std::fill(zeros.begin(), zeros.end(), 0.0f);
  const DropoutMask mask = mask_;
  float* kept = kept_;
  float* products = products_;
  int done = 0;
  for (std::size_t t = 0; t < active.size(); ++t) {
    const int n = active[t], at = passed + done;
    const float* previous = t == 0 ? start.output.data : output.row(done - active[t - 1]);
    const float* previous_cell = !is_lstm ? nullptr : t == 0 ? start.cell.data : cell.row(done - active[t - 1]);
    const float* read = previous == nullptr && zero_has_product ? zeros.data() : previous;
    if (read != nullptr) {
      const Matrix w{weight.data, width, gates, gates};
      float* product = recording && normalizes ? products + std::size_t(at) * gates : hidden;
      if (recording) {
        float* copy = previous_ + std::size_t(at) * width;
        kernels().dropout(std::int64_t(n) * width, read, 0, copy, mask);
        gemm({copy, n, width, width}, w, {product, n, gates, gates},
             {.bias = product_bias, .precision = ctx.precision});
      } else {
        row_gemm({read, n, width, width}, w, {product, n, gates, gates}, {.bias = product_bias});
      }
      if (normalizes) {
        norm_rows(norm, n, product, hidden, recording ? moments + norm_moments(norm, done) : passing_moments);
      }
    }
    const float* product = read == nullptr ? nullptr : hidden;
    float* keep = recording ? kept + std::size_t(at) * keeps : nullptr;
    if (is_lstm) {
      kernels().lstm(n, width, projected.row(first + done), product, previous_cell, output.row(done), cell.row(done),
                     keep);
    } else {
      kernels().gru(n, width, projected.row(first + done), product, candidate_bias, previous, output.row(done), keep);
    }
    done += n;
  }
  ctx.arena.rewind(mark);
  if (!recording) return {output, cell};

  float* dhidden = dhidden_;
  const Precision precision = ctx.precision;
  float* undropped = ctx.arena.array<float>(mask.threshold == 0 ? 0 : std::size_t(most) * width).data();
  ctx.on_backward([=] {
    if (!output.has_gradient() && !(is_lstm && cell.has_gradient())) return;
    float* doutput = output.summed_gradient();
    float* dcells = is_lstm ? cell.summed_gradient() : nullptr;
    float* dprojected = projected.summed_gradient();
    int end = rows;
    for (std::size_t t = active.size(); t-- > 0;) {
      const int n = active[t], begin = end - n, at = passed + begin;
      const bool begins = t == 0;
      const Tensor before = begins ? start.output : output;
      const int row = begins ? 0 : begin - active[t - 1];
      float* dprevious = before.needs_gradient() ? before.summed_gradient() + std::size_t(row) * width : nullptr;
      const float* previous = before.data == nullptr ? nullptr : before.row(row);
      float* dh = dhidden + std::size_t(at) * gates;
      const float* keep = kept + std::size_t(at) * keeps;
      float* dx = dprojected + std::size_t(first + begin) * gates;
      const float* dy = doutput + std::size_t(begin) * width;
      if (is_lstm) {
        const Tensor cell_before = begins ? start.cell : cell;
        float* dcell_before =
            cell_before.needs_gradient() ? cell_before.summed_gradient() + std::size_t(row) * width : nullptr;
        kernels().lstm_gradient(n, width, keep, cell_before.data == nullptr ? nullptr : cell_before.row(row), dy,
                                dcells + std::size_t(begin) * width, dx, dh, dcell_before);
      } else {
        kernels().gru_gradient(n, width, keep, previous, dy, dx, dh, dprevious);
      }
      if (normalizes && (previous != nullptr || zero_has_product)) {
        norm_rows_gradient(norm, n, products + std::size_t(at) * gates, moments + norm_moments(norm, begin), dh, 0, dh);
      }
      if (dprevious != nullptr) {
        const Matrix w{weight.data, width, gates, gates};
        if (mask.threshold == 0) {
          gemm({dh, n, gates, gates}, w, {dprevious, n, width, width},
               {.transpose_b = true, .accumulate = true, .precision = precision});
        } else {
          gemm({dh, n, gates, gates}, w, {undropped, n, width, width}, {.transpose_b = true, .precision = precision});
          kernels().dropout(std::int64_t(n) * width, undropped, 1, dprevious, mask);
        }
      }
      end = begin;
    }
  });
  return {output, cell};
}

}  // namespace dragoman
