#include "model/transformer.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/error.h"
#include "model/kept_source.h"
#include "nn/autoregression/average_attention.h"
#include "nn/autoregression/simple_recurrent_unit.h"
#include "ops/dropout.h"
#include "ops/embedding.h"

namespace dragoman {
namespace {

void check(const ModelOptions& o) {
  require(o.transformer_heads > 0 && o.dim_emb % o.transformer_heads == 0,
          "transformer-heads: expected a divisor of dim-emb {}, found {}", o.dim_emb, o.transformer_heads);
  require(o.enc_depth > 0, "enc-depth: expected a positive number, found {}", o.enc_depth);
  require(o.dec_depth > 0, "dec-depth: expected a positive number, found {}", o.dec_depth);
  require(o.transformer_dim_ffn > 0, "transformer-dim-ffn: expected a positive number, found {}",
          o.transformer_dim_ffn);
  require(o.transformer_decoder_dim_ffn >= 0, "transformer-decoder-dim-ffn: expected a positive number or 0, found {}",
          o.transformer_decoder_dim_ffn);
  require(o.transformer_decoder_autoreg == "self-attention" || o.transformer_decoder_autoreg == "average-attention" ||
              o.transformer_decoder_autoreg == "rnn",
          "transformer-decoder-autoreg: expected self-attention, average-attention or rnn, found '{}'",
          o.transformer_decoder_autoreg);
  require(o.transformer_decoder_autoreg != "rnn" || o.dec_cell == "ssru",
          "dec-cell: a Transformer's recurrent decoder (transformer-decoder-autoreg: rnn) is ssru, found '{}'",
          o.dec_cell);
  require(o.transformer_dim_aan > 0, "transformer-dim-aan: expected a positive number, found {}",
          o.transformer_dim_aan);
  require(o.max_length > 0, "max-length: expected a positive number, found {}", o.max_length);
  require(o.layer_norm_epsilon > 0, "layer-norm-epsilon: expected a positive number, found {}", o.layer_norm_epsilon);
  require(o.decoder_start_token < o.dim_vocabs.back(), "decoder-start-token: expected a token below {}, found {}",
          o.dim_vocabs.back(), o.decoder_start_token);
  require(o.encoder_start_token < o.dim_vocabs.front(), "encoder-start-token: expected a token below {}, found {}",
          o.dim_vocabs.front(), o.encoder_start_token);
}

}  // namespace

struct Transformer::State : DecoderState {
  Decoding decoding;
  std::vector<Tensor> source_keys;  ///< per layer: prepared keys and values of the source
  std::span<const int> source_offsets;
  std::vector<int> sentence_of_row;
  StepMemory past;
  int longest = 0;                          ///< tokens that the longest row has had
  std::shared_ptr<KeptSource> kept_source;  ///< of a kept state: what source_keys and source_offsets point to

  void reorder(std::span<const int> parents) override {
    std::vector<int> sentences;
    sentences.reserve(parents.size());
    for (const int parent : parents) sentences.push_back(sentence_of_row[parent]);
    sentence_of_row = std::move(sentences);
    past.reorder(parents);
  }

  std::unique_ptr<DecoderState> kept(int row) const override {
    auto copy = std::make_unique<State>();
    copy->decoding = decoding;
    copy->kept_source = kept_source != nullptr
                            ? kept_source
                            : std::make_shared<KeptSource>(source_keys, source_offsets, sentence_of_row[row]);
    for (std::size_t i = 0; i < source_keys.size(); ++i) copy->source_keys.push_back(copy->kept_source->tensor(i));
    copy->source_offsets = copy->kept_source->offsets;
    copy->sentence_of_row = {0};
    copy->past.cache = past.cache.only(row);
    for (const KeptRows& rows : past.carried) copy->past.carried.push_back(rows.only(row));
    copy->longest = past.cache.length(row);
    return copy;
  }

  bool can_go_back() const override { return past.carried.empty(); }

  void go_back(int tokens) override {
    assert(can_go_back() && past.cache.rows() == 1 && tokens <= past.cache.length(0));
    past.cache.forget(0, tokens);
    longest -= tokens;
  }

  Size bytes() const override {
    Size size{.own = past.cache.bytes(), .shared = kept_source != nullptr ? kept_source->bytes() : 0};
    for (const KeptRows& rows : past.carried) size.own += rows.values.size() * sizeof(float);
    return size;
  }
};

Transformer::Around::Around(const Scope& scope, const ModelOptions& o)
    : before(scope / "pre_norm", o.dim_emb, o.transformer_preprocess, "nd", "transformer-preprocess",
             float(o.layer_norm_epsilon)),
      after(scope / "post_norm", o.dim_emb, o.transformer_postprocess, "dan", "transformer-postprocess",
            float(o.layer_norm_epsilon)) {}

Transformer::Transformer(const ModelOptions& options, const DropoutOptions& dropout)
    : Seq2Seq(options), dropout_(dropout) {
  const ModelOptions& o = options_;
  check(o);
  const int width = o.dim_emb;
  const Scope root(parameters_);
  if (o.transformer_train_position_embeddings) {
    const auto table = [&](const Scope& scope) {
      return (scope / "positions").parameter("weight", {o.max_length + 1, width}, Initial::normal(0.02f));
    };
    positions_ = table(o.separate_position_embeddings ? root / "encoder" : root);
    target_positions_ = o.separate_position_embeddings ? table(root / "decoder") : positions_;
  } else {
    sinusoids_.emplace(width, o.transformer_first_position);
  }
  const Activation kind = parse_activation(o.transformer_ffn_activation, "transformer-ffn-activation");
  const bool fused = o.transformer_preprocess.empty() || o.transformer_norm_keys;
  const int heads = o.transformer_heads;
  const auto embedding_process = [&](const Scope& side) {
    return Process(side / "embedding_norm", width, o.transformer_postprocess_emb, "nd", "transformer-postprocess-emb",
                   float(o.layer_norm_epsilon));
  };
  const auto top_process = [&](const Scope& side) {
    return Process(side / "top_norm", width, o.transformer_postprocess_top, "nda", "transformer-postprocess-top",
                   float(o.layer_norm_epsilon));
  };
  const Scope encoder = root / "encoder", decoder = root / "decoder";
  after_source_embedding_ = embedding_process(encoder);
  for (int i = 0; i < o.enc_depth; ++i) {
    const Scope layer = encoder / "layers" / i;
    encoder_.push_back(
        {SelfAttention(layer / "self", o.self_attention, width, heads, false, fused, {AttentionKind::encoder, i}),
         Around(layer / "self", o), FeedForward(layer / "feed_forward", width, o.transformer_dim_ffn, kind),
         Around(layer / "feed_forward", o)});
  }
  encoder_top_ = top_process(encoder);
  after_target_embedding_ = embedding_process(decoder);
  const auto autoregression = [&](const Scope& scope, int layer) -> std::unique_ptr<const Autoregression> {
    if (o.transformer_decoder_autoreg == "rnn") return std::make_unique<SimpleRecurrentUnit>(scope, width);
    if (o.transformer_decoder_autoreg == "average-attention") {
      return std::make_unique<AverageAttention>(
          scope, width, o.transformer_dim_aan,
          parse_activation(o.transformer_aan_activation, "transformer-aan-activation"), !o.transformer_aan_nogate);
    }
    return std::make_unique<SelfAttention>(scope, o.self_attention, width, heads, true, fused,
                                           AttentionPlace{AttentionKind::decoder, layer});
  };
  const int decoder_ffn = o.transformer_decoder_dim_ffn > 0 ? o.transformer_decoder_dim_ffn : o.transformer_dim_ffn;
  for (int i = 0; i < o.dec_depth; ++i) {
    const Scope layer = decoder / "layers" / i;
    decoder_.push_back({autoregression(layer / "self", i), Around(layer / "self", o),
                        CrossAttention(layer / "cross", {.score = o.attention,
                                                         .query_width = width,
                                                         .memory_width = width,
                                                         .width = width,
                                                         .heads = heads,
                                                         .place = {AttentionKind::cross, i}}),
                        Around(layer / "cross", o), FeedForward(layer / "feed_forward", width, decoder_ffn, kind),
                        Around(layer / "feed_forward", o)});
  }
  decoder_top_ = top_process(decoder);
}

int Transformer::longest_sentence() const {
  if (!options_.transformer_train_position_embeddings) return 0;
  const bool sees_one_more = options_.encoder_start_token >= 0 && !options_.encoder_omit_end;
  return sees_one_more ? options_.max_length : options_.max_length + 1;
}

template <class Run>
Tensor Transformer::around(const Context& ctx, const Around& around, Tensor x, Run run) const {
  const double dropout = dropout_.transformer_dropout;
  const Tensor before = around.before.forward(ctx, x, x, dropout);
  return around.after.forward(ctx, run(before, options_.transformer_norm_keys ? before : x), x, dropout);
}

Tensor Transformer::embed_tokens(const Context& ctx, const TokenGrid& tokens, std::span<const int> first, Weight table,
                                 Weight learned, const Process& after, double word_dropout) const {
  std::span<int> places = ctx.arena.array<int>(tokens.ids.size());
  int positions = 0;
  for (int r = 0; r < tokens.sentences(); ++r) {
    int place = first.empty() ? 0 : first[r];
    for (int i = tokens.offsets[r]; i < tokens.offsets[r + 1]; ++i) places[i] = place++;
    positions = std::max(positions, place);
  }
  require(!learned || positions <= options_.max_length + 1,
          "a sentence of {} tokens is longer than the {} positions that this model has learned (max-length)", positions,
          options_.max_length + 1);
  const float usual_scale = learned ? 1.0f : std::sqrt(float(options_.dim_emb));
  const float scale = options_.embedding_scale > 0 ? float(options_.embedding_scale) : usual_scale;
  const Tensor position_table = learned ? learned.in(ctx) : sinusoids_->table(ctx, positions);
  const Tensor x = embed(ctx, table.in(ctx), tokens.ids, position_table, places,
                         {.scale = scale, .word_dropout = word_dropout, .dropout = 0});
  return after.forward(ctx, x, x, dropout_.transformer_dropout);
}

TokenGrid Transformer::as_encoder_sees(const Context& ctx, const TokenGrid& source) const {
  const bool has_start = options_.encoder_start_token >= 0;
  if (!has_start && !options_.encoder_omit_end) return source;
  const std::size_t most = source.ids.size() + std::size_t(source.sentences());
  const std::span<int> ids = ctx.arena.array<int>(most);
  const std::span<int> offsets = ctx.arena.array<int>(source.offsets.size());
  int count = 0;
  for (int s = 0; s < source.sentences(); ++s) {
    offsets[std::size_t(s)] = count;
    const int begin = source.offsets[s], end = source.offsets[s + 1];
    if (has_start) ids[std::size_t(count++)] = options_.encoder_start_token;
    const bool alone = end - begin == 1 && !has_start;  // an encoder must see something
    for (int i = begin; i < (options_.encoder_omit_end && !alone ? end - 1 : end); ++i) {
      ids[std::size_t(count++)] = source.ids[i];
    }
  }
  offsets.back() = count;
  return {ids.first(std::size_t(count)), offsets};
}

Memory Transformer::encode(const Context& ctx, const TokenGrid& given) const {
  const TokenGrid source = as_encoder_sees(ctx, given);
  Tensor x = embed_tokens(ctx, source, {}, words_.source, positions_, after_source_embedding_, dropout_.dropout_src);
  const Tensor embedded = x;
  for (const EncoderLayer& layer : encoder_) {
    x = ctx.only_result(x.shape, [&] {
      const Tensor y = around(ctx, layer.around_self, x, [&](Tensor normed, Tensor keys) {
        return layer.self.forward(ctx, normed, keys, source.offsets, dropout_.transformer_dropout_attention);
      });
      return around(ctx, layer.around_feed_forward, y, [&](Tensor normed, Tensor) {
        return layer.feed_forward.forward(ctx, normed, dropout_.transformer_dropout_ffn);
      });
    });
  }
  return {encoder_top_.forward(ctx, x, embedded, dropout_.transformer_dropout), source.offsets};
}

std::unique_ptr<DecoderState> Transformer::start(const Context& ctx, const Memory& memory, Decoding decoding) const {
  auto state = std::make_unique<State>();
  const int rows = int(memory.offsets.size()) - 1;
  state->decoding = decoding;
  state->source_offsets = memory.offsets;
  for (int r = 0; r < rows; ++r) state->sentence_of_row.push_back(r);
  for (const DecoderLayer& layer : decoder_) state->source_keys.push_back(layer.cross.prepare(ctx, memory.encoded));
  if (decoding == Decoding::stepwise) {
    const bool attends = options_.transformer_decoder_autoreg == "self-attention";
    state->past.cache = DecoderCache(attends ? int(decoder_.size()) : 0, options_.dim_emb, rows);
    const std::size_t size = std::size_t(rows) * std::size_t(options_.dim_emb);
    if (!attends) state->past.carried.assign(decoder_.size(), {options_.dim_emb, std::vector<float>(size, 0.0f)});
  }
  return state;
}

Tensor Transformer::step(const Context& ctx, DecoderState& any_state, const TokenGrid& tokens) const {
  State& state = static_cast<State&>(any_state);
  const bool whole = state.decoding == Decoding::whole;
  assert(tokens.sentences() == int(state.sentence_of_row.size()) && (!whole || state.longest == 0));
  assert(whole || !ctx.recording());
  std::vector<int> first;
  if (!whole) {
    for (int r = 0; r < tokens.sentences(); ++r) first.push_back(state.past.cache.length(r));
    state.past.cache.extend(tokens.offsets);
  }
  state.longest += tokens.longest();
  TokenGrid seen = tokens;
  if (options_.decoder_start_token >= 0) {
    const std::span<int> ids = ctx.arena.array<int>(tokens.ids.size());
    std::replace_copy(tokens.ids.begin(), tokens.ids.end(), ids.begin(), -1, options_.decoder_start_token);
    seen.ids = ids;
  }
  Tensor x =
      embed_tokens(ctx, seen, first, words_.target, target_positions_, after_target_embedding_, dropout_.dropout_trg);
  const Tensor embedded = x;
  const double attention_dropout = dropout_.transformer_dropout_attention;
  for (std::size_t i = 0; i < decoder_.size(); ++i) {
    const DecoderLayer& layer = decoder_[i];
    x = around(ctx, layer.around_self, x, [&](Tensor normed, Tensor keys) {
      return whole ? layer.self->forward(ctx, normed, keys, tokens.offsets, attention_dropout)
                   : layer.self->step(ctx, normed, keys, state.past, int(i));
    });
    x = around(ctx, layer.around_cross, x, [&](Tensor normed, Tensor) {
      return whole ? layer.cross.forward(ctx, normed, state.source_keys[i], tokens.offsets, state.source_offsets,
                                         attention_dropout)
                   : layer.cross.step(ctx, normed, state.source_keys[i], tokens.offsets, state.source_offsets,
                                      state.sentence_of_row);
    });
    x = around(ctx, layer.around_feed_forward, x, [&](Tensor normed, Tensor) {
      return layer.feed_forward.forward(ctx, normed, dropout_.transformer_dropout_ffn);
    });
  }
  return decoder_top_.forward(ctx, x, embedded, dropout_.transformer_dropout);
}

}  // namespace dragoman
