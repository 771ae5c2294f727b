#include "model/recurrent_model.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"
#include "model/kept_source.h"
#include "model/recurrent_form.h"
#include "nn/recurrent/kept_rows.h"
#include "ops/activation.h"
#include "ops/embedding.h"
#include "ops/gather.h"
#include "ops/sentence_mean.h"

namespace dragoman {
namespace {

void check(const ModelOptions& o) {
  check_recurrent_form(o);
  require(o.dim_rnn > 0, "dim-rnn: expected a positive number, found {}", o.dim_rnn);
  require(o.enc_depth > 0, "enc-depth: expected a positive number, found {}", o.enc_depth);
  require(o.dec_depth > 0, "dec-depth: expected a positive number, found {}", o.dec_depth);
  require(o.rnn_attention_heads > 0 && o.dim_rnn % o.rnn_attention_heads == 0,
          "rnn-attention-heads: expected a divisor of dim-rnn {}, found {}", o.dim_rnn, o.rnn_attention_heads);
}

}  // namespace

struct RecurrentModel::State : DecoderState {
  Decoding decoding;
  Tensor prepared;
  std::span<const int> source_offsets;
  std::vector<int> sentence_of_row;
  RecurrentStates first;          ///< before all tokens
  std::vector<KeptRows> carried;  ///< stepwise: outputs of the layers, then their cells, then what is fed back
  bool begun = false;
  std::shared_ptr<KeptSource> kept_source;  ///< of a kept state: what prepared and source_offsets point to

  void reorder(std::span<const int> parents) override {
    std::vector<int> sentences;
    sentences.reserve(parents.size());
    for (const int parent : parents) sentences.push_back(sentence_of_row[parent]);
    sentence_of_row = std::move(sentences);
    for (KeptRows& rows : carried) rows.reorder(parents);
  }

  std::unique_ptr<DecoderState> kept(int row) const override {
    auto copy = std::make_unique<State>();
    copy->decoding = decoding;
    copy->kept_source = kept_source;
    if (kept_source == nullptr) {
      copy->kept_source = std::make_shared<KeptSource>(std::span(&prepared, 1), source_offsets, sentence_of_row[row]);
    }
    copy->prepared = copy->kept_source->tensor(0);
    copy->source_offsets = copy->kept_source->offsets;
    copy->sentence_of_row = {0};
    copy->first.layers.resize(first.layers.size());
    for (const KeptRows& rows : carried) copy->carried.push_back(rows.only(row));
    copy->begun = begun;
    return copy;
  }

  Size bytes() const override {
    Size size{.own = 0, .shared = kept_source != nullptr ? kept_source->bytes() : 0};
    for (const KeptRows& rows : carried) size.own += rows.values.size() * sizeof(float);
    return size;
  }
};

RecurrentModel::RecurrentModel(const ModelOptions& options, const DropoutOptions& dropout)
    : Seq2Seq(options), dropout_(dropout) {
  check(options_);
  const Scope root(parameters_);
  encoder_ = RecurrentEncoder(root / "encoder", options_);
  start_ = NormedLinear(root / "decoder" / "start",
                        {.in = encoder_.width(), .out = options_.dim_rnn, .norm = norm_of_maps(options_)});
  decoder_ = make_recurrent_decoder(root / "decoder", options_, encoder_.width());
}

Memory RecurrentModel::encode(const Context& ctx, const TokenGrid& source) const {
  const Tensor x =
      embed(ctx, words_.source.in(ctx), source.ids, {}, {}, {.word_dropout = dropout_.dropout_src, .dropout = 0});
  return {encoder_.forward(ctx, x, source.offsets, dropout_.dropout_rnn), source.offsets};
}

std::unique_ptr<DecoderState> RecurrentModel::start(const Context& ctx, const Memory& memory, Decoding decoding) const {
  auto state = std::make_unique<State>();
  const int rows = int(memory.offsets.size()) - 1;
  state->decoding = decoding;
  state->source_offsets = memory.offsets;
  for (int r = 0; r < rows; ++r) state->sentence_of_row.push_back(r);
  state->prepared = decoder_->prepare(ctx, memory.encoded);
  const Tensor mean = sentence_mean(ctx, memory.encoded, memory.offsets);
  const Tensor begin = activation(ctx, Activation::tanh, start_.forward(ctx, mean), 0);
  state->first.layers.assign(std::size_t(decoder_->depth()), {begin, decoder_->has_cells() ? begin : Tensor{}});
  if (decoder_->feeds_back()) {
    state->first.fed = ctx.make({rows, options_.dim_emb});
    std::fill_n(state->first.fed.data, state->first.fed.size(), 0.0f);
  }
  if (decoding == Decoding::stepwise) {
    const auto keep = [&](Tensor t) { state->carried.push_back({t.width(), {t.data, t.data + t.size()}}); };
    for (const RecurrentState& layer : state->first.layers) keep(layer.output);
    for (const RecurrentState& layer : state->first.layers) {
      if (decoder_->has_cells()) keep(layer.cell);
    }
    if (decoder_->feeds_back()) keep(state->first.fed);
  }
  return state;
}

Tensor RecurrentModel::step(const Context& ctx, DecoderState& any_state, const TokenGrid& tokens) const {
  State& state = static_cast<State&>(any_state);
  const bool whole = state.decoding == Decoding::whole;
  assert(tokens.sentences() == int(state.sentence_of_row.size()) && (!whole || !state.begun));
  assert(whole || !ctx.recording());
  state.begun = true;
  if (tokens.tokens() == 0) return ctx.make({0, options_.dim_emb});
  const TimeOrder order = time_order(ctx, tokens.offsets);
  const Tensor x = embed(ctx, words_.target.in(ctx), tokens.ids, {}, {}, {.word_dropout = dropout_.dropout_trg});
  const std::size_t depth = state.first.layers.size();
  RecurrentStates before = state.first, after;
  if (!whole) {
    for (std::size_t i = 0; i < depth; ++i) {
      before.layers[i].output = state.carried[i].tensor();
      if (decoder_->has_cells()) before.layers[i].cell = state.carried[depth + i].tensor();
    }
    if (decoder_->feeds_back()) before.fed = state.carried.back().tensor();
  }
  const auto by_rank = [&](Tensor& t) {
    if (t.data != nullptr) t = gather_rows(ctx, t, order.sentences);
  };
  for (RecurrentState& layer : before.layers) {
    by_rank(layer.output);
    by_rank(layer.cell);
  }
  by_rank(before.fed);
  const Tensor y = decoder_->run(ctx, gather_rows(ctx, x, order.tokens), order, before,
                                 {state.prepared, state.source_offsets, state.sentence_of_row}, dropout_.dropout_rnn,
                                 whole ? nullptr : &after);
  if (!whole) {
    for (std::size_t i = 0; i < depth; ++i) {
      state.carried[i].take(after.layers[i].output, order.last);
      if (decoder_->has_cells()) state.carried[depth + i].take(after.layers[i].cell, order.last);
    }
    if (decoder_->feeds_back()) state.carried.back().take(after.fed, order.last);
  }
  return gather_rows(ctx, y, order.places);
}

}  // namespace dragoman
