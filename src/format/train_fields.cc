// The descriptions of a model's settings and of training.

#include <utility>
#include <vector>

#include "base/error.h"
#include "format/option_fields.h"

namespace dragoman {
namespace {

const FieldLimits probability{.min = 0, .max = 1};
const FieldLimits dropped{.min = 0, .max = 0.99};  // what is kept is scaled up by 1 / (1 - p)
const FieldLimits count{.min = 0};
const FieldLimits at_least_one{.min = 1};
const FieldLimits size_of_layer{.min = 1, .max = 1 << 20};
const FieldLimits size_of_batch{.min = 1, .max = 1e6};
const FieldLimits length{.min = 1, .max = 1e6};
const FieldLimits path{.is_path = true};

/// Limits of a sequence of letters that each name an operation.
FieldLimits letters(const char* allowed) {
  return {.check = [allowed = std::string(allowed)](const std::string& text) {
    const auto wrong = text.find_first_not_of(allowed);
    require(wrong == std::string::npos,
            "expected letters out of '{}' (d dropout, a add the input, n layer norm), found '{}'{}", allowed, text,
            wrong != std::string::npos && text[wrong] == 'h' ? ": highway layers are not built" : "");
  }};
}

void check_period(const std::string& text) { parse_period(text, "value"); }

/// Only what fixes the parameters and the function of a model.
void add_model(Fields& fields, ModelOptions& o) {
  fields.group("Model options");
  fields.add("type", o.type, "kind of model: transformer, or s2s, a recurrent encoder-decoder",
             {.values = {"transformer", "s2s"}});
  fields.add(
      "dim-vocabs", o.dim_vocabs,
      "rows of the source and target embeddings, and sizes of vocabularies to be learned; 0: all of the vocabulary",
      {.min = 0, .max = 1e7});
  fields.add("dim-emb", o.dim_emb, "width of embeddings and layers", size_of_layer);
  fields.add("enc-depth", o.enc_depth, "encoder layers", {.min = 1, .max = 1024});
  fields.add("dec-depth", o.dec_depth, "decoder layers", {.min = 1, .max = 1024});
  fields.add("tied-embeddings", o.tied_embeddings, "target embeddings are also the output layer");
  fields.add("tied-embeddings-src", o.tied_embeddings_src, "source and target embeddings are one table");
  fields.add("tied-embeddings-all", o.tied_embeddings_all,
             "source embeddings, target embeddings and output are one table");
  fields.add("output-omit-bias", o.output_omit_bias, "no bias in the output layer");
  fields.add("transformer-heads", o.transformer_heads, "attention heads; must divide dim-emb", {.min = 1, .max = 1024});
  fields.add("transformer-dim-ffn", o.transformer_dim_ffn, "width of feed-forward layers", size_of_layer);
  fields.add("transformer-decoder-dim-ffn", o.transformer_decoder_dim_ffn,
             "width of the decoder's feed-forward layers; 0: transformer-dim-ffn", {.min = 0, .max = 1 << 20});
  fields.add("transformer-ffn-activation", o.transformer_ffn_activation, "activation inside feed-forward layers",
             {.values = {"relu", "gelu", "gelu-tanh", "gelu-sigmoid", "swish", "tanh", "sigmoid"}});
  fields.add("transformer-preprocess", o.transformer_preprocess,
             "before each sublayer: d = dropout, n = layer norm (n makes a pre-norm model)", letters("dn"));
  fields.add("transformer-postprocess", o.transformer_postprocess,
             "after each sublayer: d = dropout, a = add the input, n = layer norm", letters("dan"));
  fields.add("transformer-postprocess-emb", o.transformer_postprocess_emb, "after embeddings and positions: d, n",
             letters("dn"));
  fields.add("transformer-postprocess-top", o.transformer_postprocess_top,
             "after the last layer: d, n (pre-norm needs n), a = add the embeddings", letters("dan"));
  fields.add("transformer-train-position-embeddings", o.transformer_train_position_embeddings,
             "learned positions instead of sinusoids");
  fields.add(
      "transformer-norm-keys", o.transformer_norm_keys,
      "(ours) with preprocess n, keys and values are taken from the normed input too, as in most other engines and "
      "in Marian from 1.11 on; before, it normed only the queries");
  fields.add("embedding-scale", o.embedding_scale,
             "(ours) factor of a Transformer's word vectors; 0: the root of dim-emb with sinusoids, else 1",
             {.min = 0, .max = 1e6});
  fields.add("layer-norm-epsilon", o.layer_norm_epsilon, "(ours) added to the variance in a Transformer's layer norms",
             {.min = 1e-12, .max = 1});
  fields.add("transformer-first-position", o.transformer_first_position,
             "(ours) where the first token stands, with sinusoids", {.min = 0, .max = 1e6});
  fields.add("separate-position-embeddings", o.separate_position_embeddings,
             "(ours) the decoder has a table of learned positions of its own");
  fields.add("decoder-start-token", o.decoder_start_token,
             "(ours) number of the token whose vector begins a Transformer's target; -1: a vector of zeros",
             {.min = -1, .max = 1e7});
  fields.add("encoder-start-token", o.encoder_start_token,
             "(ours) number of a token that a Transformer's encoder sees before the source; -1: none",
             {.min = -1, .max = 1e7});
  fields.add("encoder-omit-end", o.encoder_omit_end, "(ours) a Transformer's encoder does not see the source's </s>");
  const FieldLimits scores{.values = {"dot", "scaled-dot", "general", "additive", "gated-additive"}};
  fields.add("attention", o.attention, "(ours) how attention to the source scores a key", scores);
  fields.add("self-attention", o.self_attention, "(ours) how self-attention scores a key", scores);
  fields.add("transformer-decoder-autoreg", o.transformer_decoder_autoreg,
             "how a Transformer's decoder looks back: self-attention, average-attention, or rnn (with dec-cell: ssru)",
             {.values = {"self-attention", "average-attention", "rnn"}});
  fields.add("transformer-dim-aan", o.transformer_dim_aan, "inner width of average attention", size_of_layer);
  fields.add("transformer-aan-activation", o.transformer_aan_activation, "activation inside average attention",
             {.values = {"relu", "gelu", "swish"}});
  fields.add("transformer-aan-nogate", o.transformer_aan_nogate, "average attention without gates");
  fields.add("dim-rnn", o.dim_rnn, "width of recurrent layers (type s2s)", size_of_layer);
  fields.add(
      "enc-type", o.enc_type,
      "recurrent encoder: two stacks from both ends (bidirectional), such stacks whose layers turn (alternating), or "
      "one layer from each end below forward layers",
      {.values = {"bidirectional", "bi-unidirectional", "alternating"}});
  fields.add("enc-cell", o.enc_cell,
             "cell of recurrent encoders; gru-nematus is gru, except for how layer-normalization is done in it",
             {.values = {"gru", "lstm", "gru-nematus"}});
  fields.add("dec-cell", o.dec_cell,
             "cell of recurrent decoders: gru, lstm or gru-nematus (type s2s), ssru (Transformer)",
             {.values = {"gru", "lstm", "ssru", "gru-nematus"}});
  const FieldLimits cells{.min = 1, .max = 32};
  fields.add("enc-cell-depth", o.enc_cell_depth, "cells of each layer of a recurrent encoder (with rnn-form: marian)",
             cells);
  fields.add("dec-cell-base-depth", o.dec_cell_base_depth,
             "cells of a recurrent decoder's first layer, with attention after the first (with rnn-form: marian)",
             cells);
  fields.add("dec-cell-high-depth", o.dec_cell_high_depth,
             "cells of a recurrent decoder's other layers (with rnn-form: marian)", cells);
  fields.add("skip", o.skip, "residual connections between recurrent layers");
  fields.add("layer-normalization", o.layer_normalization,
             "layer norms of a recurrent model: of each layer's output, or where rnn-form says");
  fields.add(
      "rnn-form", o.rnn_form,
      "(ours) equations of a recurrent model: own; marian, as type s2s is there (the source's vectors themselves "
      "are what attention gives, layer norms are inside cells); nematus, as type nematus is there with "
      "layer-normalization",
      {.values = {"own", "marian", "nematus"}});
  fields.add("rnn-attention", o.rnn_attention,
             "(ours) a recurrent decoder attends between two cells of each step (bahdanau) or after its layers (luong)",
             {.values = {"bahdanau", "luong"}});
  fields.add("input-feeding", o.input_feeding,
             "(ours) with rnn-attention luong, each step's output is part of the next one's input");
  fields.add("rnn-attention-heads", o.rnn_attention_heads,
             "(ours) heads of a recurrent decoder's attention; must divide dim-rnn", {.min = 1, .max = 1024});
  fields.add("transformer-guided-alignment-layer", o.transformer_guided_alignment_layer,
             "decoder layer (from 1, or last) whose attention to the source, the mean of its heads, losses look at",
             {.check = [](const std::string& text) {
               require(text == "last" || (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
                                          text.front() != '0'),
                       "expected last or the number of a layer, found '{}'", text.substr(0, 40));
             }});
  fields.add("max-length", o.max_length, "longest sentence in tokens; longer ones are skipped or cropped", length);
}

void add_dropout(Fields& fields, DropoutOptions& o) {
  fields.add("transformer-dropout", o.transformer_dropout, "dropout where pre- and postprocess say d", dropped);
  fields.add("transformer-dropout-attention", o.transformer_dropout_attention, "dropout of attention weights", dropped);
  fields.add("transformer-dropout-ffn", o.transformer_dropout_ffn, "dropout inside feed-forward layers", dropped);
  fields.add("dropout-rnn", o.dropout_rnn,
             "dropout of the inputs and states of recurrent layers, the same elements at all times of a sentence",
             dropped);
  fields.add("dropout-src", o.dropout_src, "dropout of whole source words", dropped);
  fields.add("dropout-trg", o.dropout_trg, "dropout of whole target words", dropped);
}

/// All but max-length, which the model's settings hold.
void add_data(Fields& fields, DataOptions& o) {
  fields.group("Training data");
  fields.add("train-sets", o.train_sets,
             "source and target file (.gz and .zst too), or one TSV; stdin or - reads a TSV from standard input",
             {.short_name = 't', .is_path = true});
  fields.add("vocabs", o.vocabs,
             "vocabulary of each side, a SentencePiece model (.spm) or a list of tokens (.yml, .json, text), the same "
             "twice for "
             "a joint one; a model is learned where it does not exist "
             "yet; default: vocabulary.spm in the model directory",
             {.short_name = 'v', .is_path = true});
  fields.add("tsv", o.tsv, "train-sets is one file of tab-separated columns");
  fields.add("tsv-fields", o.tsv_fields, "columns of the TSV; 0: as many as needed", count);
  fields.add("guided-alignment", o.guided_alignment,
             "file of alignments to guide attention with, in Pharaoh's format: for each pair a line of links such as "
             "0-0 1-2, between pieces counted from 0; none: off",
             path);
  fields.add("max-length-crop", o.max_length_crop, "crop sentences longer than max-length instead of skipping them");
  fields.add("shuffle", o.shuffle, "what is shuffled: lines and batches (data), batches only, or nothing",
             {.values = {"data", "batches", "none"}});
  fields.add("shuffle-in-ram", o.shuffle_in_ram, "keep the shuffled corpus in memory instead of in tempdir");
  fields.add("no-restore-corpus", o.no_restore_corpus, "after a restart begin a new epoch instead of continuing in it");
  fields.add("tempdir", o.tempdir, "folder for shuffled parts of a corpus", {.short_name = 'T', .is_path = true});
  fields.add("mini-batch", o.mini_batch, "sentences in a batch", size_of_batch);
  fields.add("mini-batch-words", o.mini_batch_words, "target tokens in a batch, instead of mini-batch; 0: off", count);
  fields.add("mini-batch-fit", o.mini_batch_fit, "batches as large as fit into workspace, instead of mini-batch");
  fields.add("workspace", o.workspace, "MiB of memory for a batch with mini-batch-fit", {.short_name = 'w', .min = 1});
  fields.add("maxi-batch", o.maxi_batch, "mini-batches that are read and sorted by length together", size_of_batch);
  fields.add("maxi-batch-sort", o.maxi_batch_sort, "which side's length they are sorted by",
             {.values = {"none", "src", "trg"}});
}

void add_training(Fields& fields, TrainingOptions& o) {
  fields.group("Training options");
  fields.add("cpu-threads", o.cpu_threads, "worker threads; 0: one per core", {.implicit = "1", .min = 0, .max = 4096});
  fields.add(
      "product-precision", o.product_precision,
      "(ours) what factors of matrix products are rounded to while training; bfloat16 is faster where the processor "
      "has AVX512_BF16, all else stays float32",
      {.values = {"float32", "bfloat16"}});
  fields.add("micro-batch-words", o.micro_batch_words, "(ours) tokens that a worker computes at a time; 0: chosen",
             count);
  fields.add("cost-type", o.cost_type, "what is minimised and shown",
             {.values = {"ce-mean", "ce-mean-words", "ce-sum", "perplexity"}});
  fields.add("label-smoothing", o.label_smoothing, "share of probability spread over all tokens; 0: off", probability);
  fields.add("cross-entropy-weight", o.cross_entropy_weight, "(ours) weight of cross-entropy in what is minimised",
             count);
  fields.add("mse-weight", o.mse_weight,
             "(ours) weight of the squared error of the predicted distribution against the one-hot reference", count);
  fields.add(
      "mse-embeddings-weight", o.mse_embeddings_weight,
      "(ours) weight of the squared distance of output vectors from the reference's embedding; search still uses "
      "the output layer, so combine it",
      count);
  fields.add("attention-loss-weight", o.attention_loss_weight,
             "(ours) beta of the attention-regularised loss -beta log p(reference) sum alpha^2", count);
  fields.add("guided-alignment-cost", o.guided_alignment_cost, "how attention is compared with guided-alignment",
             {.values = {"ce", "mse", "mult"}});
  fields.add("guided-alignment-weight", o.guided_alignment_weight, "weight of that cost", count);
  fields.add("r-drop-weight", o.r_drop_weight,
             "(ours) alpha of R-Drop: each sentence passes twice, and the divergence between both is minimised; 0: off",
             count);
  fields.add("optimizer", o.optimizer, "optimisation algorithm; adamw is ours",
             {.short_name = 'o', .values = {"sgd", "adagrad", "adam", "adamw"}});
  fields.add("optimizer-params", o.optimizer_params,
             "adam, adamw: beta1, beta2, epsilon; sgd: momentum; adagrad: epsilon", count);
  fields.add("weight-decay", o.weight_decay, "(ours) decay of weights, decoupled with adamw, else L2", count);
  fields.add("optimizer-delay", o.optimizer_delay, "batches whose gradients are summed before an update",
             {.min = 0, .max = 1e6});
  fields.add("learn-rate", o.learn_rate, "learning rate", {.short_name = 'l', .min = 0});
  fields.add("lr-warmup", o.lr_warmup, "grow linearly up to learn-rate over this period");
  fields.add("lr-warmup-start-rate", o.lr_warmup_start_rate, "where warm-up starts", count);
  fields.add("lr-decay-inv-sqrt", o.lr_decay_inv_sqrt,
             "decay with the inverse square root after this period; a second period says where to start instead",
             {.check = check_period});
  fields.add("lr-schedule", o.lr_schedule, "(ours) decay down to lr-final at the end of training",
             {.values = {"", "linear", "cosine"}});
  fields.add("lr-final", o.lr_final, "(ours) the rate at the end of a linear or cosine schedule", count);
  fields.add("lr-decay", o.lr_decay, "factor of stepwise decay as lr-decay-strategy says; 0: off", probability);
  fields.add("lr-decay-strategy", o.lr_decay_strategy, "what makes the rate decay by lr-decay",
             {.values = {"epoch", "batches", "stalled", "epoch+batches", "epoch+stalled"}});
  fields.add("lr-decay-start", o.lr_decay_start, "first of the strategy's units at which it decays", count);
  fields.add("lr-decay-freq", o.lr_decay_freq, "batches between decays with strategy batches", at_least_one);
  fields.add("lr-report", o.lr_report, "show the rate in log lines");
  fields.add("clip-norm", o.clip_norm, "largest norm of the gradient; 0: no clipping", count);
  fields.add("exponential-smoothing", o.exponential_smoothing,
             "rate of a moving average of the parameters, used for validation and saving; 0: off",
             {.implicit = "1e-4", .min = 0, .max = 1});
  fields.add("throw-on-divergence", o.throw_on_divergence, "stop with an error when the cost diverges");
  fields.add("check-gradient-nan", o.check_gradient_nan,
             "skip batches whose gradient is not finite (always on here, whatever this says)");
  fields.add("after", o.after,
             "stop after any of these periods: 20e epochs, 10Gt target tokens, 100ku updates; 0: never",
             {.short_name = 'a', .check = check_period, .separator = ','});
  fields.add("after-epochs", o.after_epochs, "stop after so many epochs; 0: no limit", {.short_name = 'e', .min = 0});
  fields.add("after-batches", o.after_batches, "stop after so many updates; 0: no limit", count);
  fields.add("after-minutes", o.after_minutes, "(ours) stop after so many minutes of this run; 0: no limit", count);
  fields.add("disp-freq", o.disp_freq, "a log line this often");
  fields.add("disp-first", o.disp_first, "a log line for each of the first updates", count);
  fields.add("disp-label-counts", o.disp_label_counts, "show counts of tokens in log lines");
  fields.add("save-freq", o.save_freq, "save this often");
  fields.add("overwrite", o.overwrite, "keep only the newest model, not one for each save");
  fields.add("keep-checkpoints", o.keep_checkpoints, "(ours) without overwrite, keep this many of the newest; 0: all",
             count);
  fields.add("average-checkpoints", o.average_checkpoints, "(ours) at the end average so many of the newest; 0: off",
             count);
  fields.add("no-reload", o.no_reload, "start anew even if the model directory holds a model");
  fields.add("pretrained-model", o.pretrained_model, "model directory to take the first parameters from", path);
  fields.add("logical-epoch", o.logical_epoch, "what is counted as an epoch in log lines");
  fields.add("metrics-file", o.metrics_file,
             "(ours) machine-readable metrics, a JSON object per line; default: metrics.jsonl in the model directory",
             path);
  fields.add("sigterm", o.sigterm, "what SIGTERM and SIGINT do", {.values = {"save-and-exit", "exit-immediately"}});
}

void add_validation(Fields& fields, TrainingOptions& o, SearchOptions& search, bool& quiet_translation) {
  fields.group("Validation set options");
  fields.add("valid-sets", o.valid_sets, "source and target file, or one TSV", path);
  fields.add("valid-freq", o.valid_freq, "validate this often");
  fields.add("valid-metrics", o.valid_metrics, "what is measured, the first decides about stopping",
             {.values = {"cross-entropy", "ce-mean-words", "perplexity", "bleu", "bleu-segmented", "chrf",
                         "translation", "valid-script"}});
  fields.add("early-stopping", o.early_stopping, "validations without a new best before training stops; 0: never",
             count);
  fields.add("early-stopping-on", o.early_stopping_on, "which metrics must stall", {.values = {"first", "all", "any"}});
  fields.add("valid-reset-stalled", o.valid_reset_stalled, "after a restart count stalled validations from 0");
  fields.add("beam-size", search.beam_size, "hypotheses kept per sentence",
             {.short_name = 'b', .min = 1, .max = 10000});
  fields.add("normalize", search.normalize, "divide scores by length to this power",
             {.short_name = 'n', .implicit = "1", .min = 0});
  fields.add("max-length-factor", search.max_length_factor, "longest output as a multiple of the source's length",
             count);
  fields.add("word-penalty", search.word_penalty, "subtract this for each token");
  fields.add("allow-unk", search.allow_unk, "the unknown token may be produced");
  fields.add("valid-mini-batch", o.valid_mini_batch, "sentences in a batch", size_of_batch);
  fields.add("valid-max-length", o.valid_max_length, "longer sentences are cropped", length);
  fields.add("valid-samples", o.valid_samples,
             "(ours) sentences whose translation each validation records in the metrics file, for reports; 0: none",
             {.min = 0, .max = 1000});
  fields.add("valid-script-path", o.valid_script_path,
             "program that prints the metric for a translation, its last argument", path);
  fields.add("valid-script-args", o.valid_script_args, "arguments before the translation");
  fields.add("valid-translation-output", o.valid_translation_output,
             "keep translations here; {E} epoch, {B} batch, {U} updates, {T} tokens are filled in", path);
  fields.add("keep-best", o.keep_best, "keep the best model of each metric");
  fields.add("valid-log", o.valid_log, "file for validation lines", path);
  fields.add("quiet-translation", quiet_translation, "do not log sample translations");
}

}  // namespace

void add_fields(Fields& fields, GeneralOptions& o) {
  fields.group("General options");
  fields.add("log", o.log, "write the log to this file too", path);
  fields.add("log-level", o.log_level, "least important messages shown",
             {.values = {"trace", "debug", "info", "warn", "warning", "err", "error", "critical", "off"}});
  fields.add("quiet", o.quiet, "no log on standard error; the log file still gets all");
}

void add_fields(Fields& fields, VocabularyOptions& o, const char* type_name) {
  fields.group("Vocabulary options");
  fields.add(type_name, o.sentencepiece_type, "(ours) how pieces are learned", {.values = {"unigram", "bpe"}});
  fields.add("sentencepiece-options", o.sentencepiece_options,
             "options passed on to SentencePiece's trainer, as one text");
  fields.add("sentencepiece-max-lines", o.sentencepiece_max_lines, "learn from at most so many lines; 0: all", count);
  fields.add("user-defined-symbols", o.user_defined_symbols, "(ours) pieces that are never split, such as tags",
             {.separator = ','});
}

Fields describe(ModelOptions& options) {
  Fields fields;
  add_model(fields, options);
  return fields;
}

Fields describe(TrainSettings& s) {
  Fields fields;
  add_fields(fields, s.general);
  fields.add("seed", s.data.seed, "of everything random; 0: from the clock");
  fields.add("model", s.model_path, "model directory to make or continue (an ending .npz is dropped)",
             {.short_name = 'm', .is_path = true});
  add_model(fields, s.model);
  add_dropout(fields, s.dropout);
  add_data(fields, s.data);
  add_fields(fields, s.vocabulary);
  fields.add("sentencepiece-alphas", s.vocabulary.sentencepiece_alphas,
             "subword sampling for each side while training: smoothing of unigram, dropout of bpe; 0: off", count);
  add_training(fields, s.training);
  add_validation(fields, s.training, s.search, s.quiet_translation);
  return fields;
}

}  // namespace dragoman
