// The descriptions of the settings of translating and scoring.

#include <string>
#include <utility>
#include <vector>

#include "format/option_fields.h"

namespace dragoman {
namespace {

const FieldLimits count{.min = 0};
const FieldLimits size_of_batch{.min = 1, .max = 1e6};
const FieldLimits length{.min = 1, .max = 1e6};

void add_search(Fields& fields, SearchOptions& o) {
  fields.group("Search options");
  fields.add("beam-size", o.beam_size, "hypotheses kept per sentence; 1 is greedy search",
             {.short_name = 'b', .min = 1, .max = 10000});
  fields.add("normalize", o.normalize, "divide scores by length to this power",
             {.short_name = 'n', .implicit = "1", .min = 0});
  fields.add("word-penalty", o.word_penalty, "subtract this for each token");
  fields.add("coverage-penalty", o.coverage_penalty,
             "(ours) beta of the penalty for source tokens that got less attention than 1 in all (Wu et al. 2016), 0.2 "
             "for example; 0: off",
             count);
  fields.add("max-length-factor", o.max_length_factor, "longest output as a multiple of the source's length", count);
  fields.add("max-decoding-length", o.max_length, "(CTranslate2) longest output in tokens; 0: no such limit", count);
  fields.add("min-decoding-length", o.min_length, "(CTranslate2) shortest output in tokens", count);
  fields.add("allow-unk", o.allow_unk, "the unknown token may be produced");
  fields.add("n-best", o.n_best, "print all beam-size hypotheses with their scores");
  fields.add("output-sampling", o.output_sampling,
             "draw instead of search: full [T], topk N [T], nucleus P [T] or epsilon E [T], with T the temperature",
             {.implicit = "full 1.0"});
  fields.add("repetition-penalty", o.repetition_penalty,
             "(CTranslate2) above 1 makes tokens that were produced already less likely", {.min = 1e-6});
  fields.add("no-repeat-ngram-size", o.no_repeat_ngram_size, "(CTranslate2) no n-gram of this size twice; 0: off",
             count);
  fields.add("patience", o.patience,
             "(CTranslate2) stop at this times beam-size finished hypotheses; 0: when no other can become better",
             {.min = 0});
  fields.add("weights", o.weights, "weight of each model of an ensemble; default: equal", count);
}

void add_batching(Fields& fields, BatchingOptions& o, const char* unit, std::vector<std::string> sides) {
  fields.group("Batching options (the result does not depend on them)");
  fields.add("cpu-threads", o.cpu_threads, "batches computed at the same time; 0: one per core",
             {.implicit = "1", .min = 0, .max = 4096});
  fields.add("mini-batch", o.mini_batch, "sentences computed together", size_of_batch);
  fields.add("mini-batch-words", o.mini_batch_words, std::string(unit) + " tokens computed together; 0: no limit",
             count);
  fields.add("maxi-batch", o.maxi_batch, "mini-batches that are read and sorted by length together", size_of_batch);
  fields.add("maxi-batch-sort", o.maxi_batch_sort, "which side's length they are sorted by",
             {.values = std::move(sides)});
}

void add_alignment(Fields& fields, std::string& alignment, std::string& layer) {
  fields.add(
      "alignment", alignment,
      "print which source tokens the model looked at for each target token: hard (the most: 0-0 1-2 ...; also 1), "
      "a threshold (all above it) or soft (weights); tokens are pieces from 0, and the last is </s>",
      {.implicit = "1"});
  fields.add("transformer-guided-alignment-layer", layer,
             "decoder layer whose attention is printed: last or a number from 1; default: as the model's setting says");
}

void add_precision(Fields& fields, std::string& precision) {
  fields.add(
      "gemm-precision", precision,
      "numbers that weights have in products: float32, int8 (Marian's names for it mean the same), or bfloat16, where "
      "the processor has AVX512_BF16; default: int8 if the model is stored so, else float32",
      {.values = {"", "float32", "bfloat16", "int16", "int8", "int8Alpha", "int8shift", "int8shiftAlpha",
                  "int8shiftAll", "int8shiftAlphaAll"}});
}

}  // namespace

Fields describe(TranslateSettings& s) {
  Fields fields;
  add_fields(fields, s.general);
  fields.add("quiet-translation", s.quiet_translation, "no log lines about translating");
  fields.add("seed", s.seed, "of sampling; 0: from the clock");

  fields.group("Translator options");
  fields.add("models", s.models,
             "model directories, ours or of CTranslate2, or files of Marian's (.npz, .bin); several are an ensemble",
             {.short_name = 'm', .is_path = true});
  fields.add(
      "vocabs", s.vocabs,
      "source and target vocabulary, SentencePiece models or lists of tokens (.yml, .json, text); default: the first "
      "model's own",
      {.short_name = 'v', .is_path = true});
  fields.add("shortlist", s.shortlist,
             "score only the likely translations of each sentence's words: a binary shortlist, or a text of lines "
             "'target source probability' with how many first words of the vocabulary and best translations, and the "
             "least probability (FILE 100 100 0); or a vmap.txt of CTranslate2",
             {.is_path = true, .only_first_is_path = true});
  add_precision(fields, s.gemm_precision);
  fields.add("input", s.input,
             "file to translate (.gz and .zst too); with force-decode a second one of target prefixes",
             {.short_name = 'i', .is_path = true});
  fields.add("output", s.output, "where translations go", {.short_name = 'o', .is_path = true});
  fields.add("tsv", s.tsv, "the input has tab-separated columns: source, then with force-decode the prefix");
  fields.add("tsv-fields", s.tsv_fields, "columns of the TSV; 0: as many as needed", count);
  fields.add("max-length", s.max_length, "input of more tokens is split, at sentence ends where there are any", length);
  fields.add("max-length-crop", s.max_length_crop, "cut such input off instead of splitting it");
  fields.add("force-decode", s.force_decode, "begin each translation with a given prefix");
  fields.add("word-scores", s.word_scores, "print the score of each token");
  add_alignment(fields, s.alignment, s.transformer_guided_alignment_layer);
  fields.add("skip-cost", s.skip_cost, "leave scores out where greedy search does not need them");
  fields.add("no-spm-encode", s.no_spm_encode, "the input is split into pieces already");
  fields.add("no-spm-decode", s.no_spm_decode, "print pieces instead of text");
  fields.add("stat-freq", s.stat_freq, "log the speed every so many mini-batches; 0: only at the end");

  add_search(fields, s.search);
  add_batching(fields, s.batching, "source", {"none", "src"});
  return fields;
}

Fields describe(ScoreSettings& s) {
  Fields fields;
  add_fields(fields, s.general);

  fields.group("Scorer options");
  fields.add("model", s.model_path, "model directory, or a file of Marian's (.npz, .bin)",
             {.short_name = 'm', .is_path = true});
  fields.add("train-sets", s.train_sets, "source and target file to be scored, or one TSV; stdin or - reads a TSV",
             {.short_name = 't', .is_path = true});
  fields.add("vocabs", s.vocabs, "source and target vocabulary, as for translate; default: the model's own",
             {.short_name = 'v', .is_path = true});
  add_precision(fields, s.gemm_precision);
  fields.add("output", s.output, "where scores go", {.short_name = 'o', .is_path = true});
  fields.add("tsv", s.tsv, "train-sets is one file of tab-separated columns");
  fields.add("tsv-fields", s.tsv_fields, "columns of the TSV; 0: as many as needed", count);
  fields.add("normalize", s.normalize, "divide each score by the length of the target", {.short_name = 'n'});
  fields.add("summary", s.summary, "print one figure for all pairs instead of a score for each",
             {.implicit = "cross-entropy",
              .values = {"", "cross-entropy", "ce-mean", "ce-mean-words", "ce-sum", "perplexity"}});
  fields.add("word-scores", s.word_scores, "print the score of each token");
  add_alignment(fields, s.alignment, s.transformer_guided_alignment_layer);
  fields.add("n-best", s.n_best, "the target is n-best lists: print them with the score as one more feature");
  fields.add("n-best-feature", s.n_best_feature, "the name of that feature");
  fields.add("max-length", s.max_length, "longest sentence in tokens; longer ones are an error", length);
  fields.add("max-length-crop", s.max_length_crop, "crop them instead");
  add_batching(fields, s.batching, "target", {"none", "src", "trg"});
  return fields;
}

}  // namespace dragoman
