#include "format/marian_settings.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace dragoman {
namespace {

constexpr auto harmless = MarianSetting::Kind::harmless;
constexpr auto fixed = MarianSetting::Kind::fixed;

constexpr const char* cpu_only = "everything is computed on the processor; see cpu-threads";
constexpr const char* rnn_only = "it concerns recurrent decoders of Transformers only";
constexpr const char* bert_only = "it concerns BERT only";
constexpr const char* char_only = "it concerns character models only";
constexpr const char* factors = "vocabularies with factors are not built";
constexpr const char* floats =
    "training computes in float32; product-precision: bfloat16 makes it faster on some processors";
constexpr const char* ulr = "universal language representations are not built";
constexpr const char* quantized = "training of quantised models is not built";
constexpr const char* one_reader = "text is read and segmented by threads of the program's own choice";

// Names and defaults as of Marian 1.12, with those of older versions that their configurations still hold.
constexpr MarianSetting catalogue[] = {
    // General
    {"authors", fixed, "false", "there is no such page"},
    {"cite", fixed, "false", "there is no such page"},
    {"build-info", fixed, "|false", "there is no such page"},
    {"version", harmless, "", "it names the program that wrote the file"},
    {"log-time-zone", harmless, "", "log lines are in local time"},
    {"check-nan", harmless, "false", "values that are not finite are always noticed in the gradient"},
    {"ignore-model-config", fixed, "false", "a model is always what its own config.yml says"},
    {"model-mmap", harmless, "false", "models are always mapped into memory"},

    // Devices
    {"devices", harmless, "0", cpu_only},
    {"num-devices", harmless, "0", cpu_only},
    {"no-nccl", harmless, "false", cpu_only},
    {"sharding", harmless, "global", cpu_only},
    {"sync-freq", harmless, "200u", cpu_only},
    {"multi-node", fixed, "false", "training over several machines is not built"},
    {"multi-node-overlap", harmless, "true|false", cpu_only},
    {"sync-sgd", harmless, "true|false", "training is always synchronous"},
    {"async-sgd", harmless, "false", "training is always synchronous"},
    {"grad-dropping-rate", fixed, "0", "gradients are always exchanged whole"},
    {"grad-dropping-momentum", harmless, "0", "gradients are always exchanged whole"},
    {"grad-dropping-warmup", harmless, "100", "gradients are always exchanged whole"},
    {"fp16", fixed, "false", floats},
    {"precision", fixed, "float32|float32 float32|float32 float32 float32", floats},
    {"cost-scaling", fixed, "", floats},
    {"clip-gemm", harmless, "0", floats},
    {"gemm-type", fixed, "float32|auto", "models are stored and loaded as float32"},
    {"optimize", fixed, "false", "16-bit products are not built"},
    {"quantize-range", fixed, "0", "quantised translation is not built"},

    // Model
    {"best-deep", fixed, "false", "it is an alias: set enc-type, enc-cell-depth and the like"},
    {"right-left", fixed, "false", "right-to-left models are not built"},
    {"input-types", fixed, "|sequence sequence", "streams besides source and target text are not built"},
    {"special-vocab", fixed, "", "special vocabularies are not built"},
    {"factors-dim-emb", fixed, "0", factors},
    {"factors-combine", harmless, "sum", factors},
    {"factor-weight", harmless, "1", factors},
    {"lemma-dependency", fixed, "", factors},
    {"lemma-dim-emb", fixed, "0", factors},
    {"transformer-no-projection", fixed, "false", "attention without an output projection is not built"},
    {"transformer-rnn-projection", fixed, "false", "it is not built"},
    {"transformer-pool", fixed, "false", "pooled encoder states are not built"},
    {"transformer-ffn-depth", fixed, "2", "feed-forward layers always have two matrices"},
    {"transformer-decoder-ffn-depth", fixed, "0|2", "feed-forward layers always have two matrices"},
    {"transformer-aan-depth", fixed, "2", "average attention always has two matrices"},
    {"transformer-tied-layers", fixed, "", "layers that share parameters are not built"},
    {"transformer-depth-scaling", fixed, "false", "initial values that depend on the layer are not built"},
    {"transformer-attention-mask", fixed, "default", "ALiBi is not built"},
    {"transformer-alibi-trainable", fixed, "false", "ALiBi is not built"},
    {"transformer-alibi-shift", fixed, "false", "ALiBi is not built"},
    {"transformer-disable-position-embeddings", fixed, "false", "a Transformer without positions is not built"},
    {"transformer-no-bias", fixed, "false", "a Transformer without biases is not built"},
    {"transformer-no-affine", fixed, "false", "layer norms without scale and bias are not built"},
    {"bert-mask-symbol", harmless, "[MASK]", bert_only},
    {"bert-sep-symbol", harmless, "[SEP]", bert_only},
    {"bert-class-symbol", harmless, "[CLS]", bert_only},
    {"bert-masking-fraction", harmless, "0.15", bert_only},
    {"bert-train-type-embeddings", harmless, "true", bert_only},
    {"bert-type-vocab-size", harmless, "2", bert_only},
    {"char-stride", harmless, "5", char_only},
    {"char-highway", harmless, "4", char_only},
    {"char-conv-filters-num", harmless, "200 200 250 250 300 300 300 300", char_only},
    {"char-conv-filters-widths", harmless, "1 2 3 4 5 6 7 8", char_only},

    // Training
    {"multi-loss-type", harmless, "sum", "there is only one loss"},
    {"unlikelihood-loss", fixed, "false", "unlikelihood training is not built"},
    {"sqlite", harmless, "|temporary", "the corpus is shuffled in tempdir"},
    {"sqlite-drop", harmless, "false", "the corpus is shuffled in tempdir"},
    {"data-threads", harmless, "8|1", one_reader},
    {"all-caps-every", fixed, "0", "changing the case of training text is not built"},
    {"english-title-case-every", fixed, "0", "changing the case of training text is not built"},
    {"mini-batch-words-ref", fixed, "0", "rates that depend on the batch size are not built"},
    {"mini-batch-warmup", fixed, "0|0u|0t|0e", "batches that grow are not built"},
    {"mini-batch-track-lr", fixed, "false", "batches that grow are not built"},
    {"mini-batch-round-up", harmless, "true", "batches are filled as full as they go"},
    {"mini-batch-fit-step", harmless, "10", "the size that fits is computed, not tried out"},
    {"mini-batch-overstuff", fixed, "1", "batches of other sizes than asked for are not built"},
    {"mini-batch-understuff", fixed, "1", "batches of other sizes than asked for are not built"},
    {"gradient-checkpointing", harmless, "false", "it saves memory only"},
    {"lr-decay-reset-optimizer", fixed, "false", "it is not built"},
    {"lr-decay-repeat-warmup", fixed, "false", "it is not built"},
    {"lr-warmup-cycle", fixed, "false", "it is not built"},
    {"lr-warmup-at-reload", fixed, "false", "a resumed run continues exactly where it was"},
    {"gradient-norm-average-window", harmless, "100", "it concerns float16 and log lines only"},
    {"dynamic-gradient-scaling", fixed, "", "it is not built; see clip-norm"},
    {"normalize-gradient", fixed, "false", "it is not built"},
    {"train-embedder-rank", fixed, "", "embedders are not built"},
    {"data-weighting", fixed, "", "weights of training data are not built"},
    {"data-weighting-type", harmless, "sentence", "weights of training data are not built"},
    {"embedding-vectors", fixed, "", "embeddings from outside are not built"},
    {"embedding-normalization", harmless, "false", "embeddings from outside are not built"},
    {"embedding-fix-src", fixed, "false", "fixed embeddings are not built"},
    {"embedding-fix-trg", fixed, "false", "fixed embeddings are not built"},
    {"quantize-bits", fixed, "0", quantized},
    {"quantize-optimization-steps", harmless, "0", quantized},
    {"quantize-log-based", harmless, "false", quantized},
    {"quantize-biases", harmless, "false", quantized},
    {"ulr", fixed, "false", ulr},
    {"ulr-query-vectors", harmless, "", ulr},
    {"ulr-keys-vectors", harmless, "", ulr},
    {"ulr-trainable-transformation", harmless, "false", ulr},
    {"ulr-dim-emb", harmless, "0", ulr},
    {"ulr-dropout", harmless, "0", ulr},
    {"ulr-softmax-temperature", harmless, "1", ulr},
    {"valid-reset-all", fixed, "false", "see valid-reset-stalled and no-reload"},
    {"no-shuffle", fixed, "false", "see shuffle"},

    // Validation, translation, scoring
    {"n-best", fixed, "false", "n-best lists are made and scored by dragoman translate and score only"},
    {"n-best-feature", harmless, "Score", "n-best lists are scored by dragoman score only"},
    {"word-scores", fixed, "false", "scores of words are printed by dragoman translate and score only"},
    {"allow-special", fixed, "false", "special symbols are never produced"},
    {"shortlist", harmless, "|false", "shortlists are for dragoman translate only"},
    {"gemm-precision", harmless, "|float32", "it concerns dragoman translate only"},
    {"output-approx-knn", fixed, "", "approximate search in the output layer is not built"},
    {"port", harmless, "8080", "it concerns the server only"},
};

/// A value in a form that makes equal meanings equal: true/false in lower case, numbers without idle zeros.
std::string canonical(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) return fmt::format("{}", number);
  std::string word = text;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  if (word == "yes" || word == "on") return "true";
  if (word == "no" || word == "off") return "false";
  return word == "true" || word == "false" ? word : text;
}

std::string canonical(const std::vector<std::string>& words) {
  std::string result;
  for (const auto& word : words) result += (result.empty() ? "" : " ") + canonical(word);
  return result;
}

bool is_usual(const MarianSetting& setting, const std::string& value) {
  std::string_view rest = setting.usual;
  for (;;) {
    const auto bar = rest.find('|');
    if (canonical(split_words(rest.substr(0, bar))) == value) return true;
    if (bar == std::string_view::npos) return false;
    rest.remove_prefix(bar + 1);
  }
}

}  // namespace

std::span<const MarianSetting> marian_settings() { return catalogue; }

const MarianSetting* find_marian_setting(std::string_view name) {
  for (const auto& setting : catalogue) {
    if (name == setting.name) return &setting;
  }
  return nullptr;
}

std::optional<std::string> accept_marian_setting(const MarianSetting& setting, const ConfigEntry& entry) {
  std::vector<std::string> words;
  for (const auto& text : entry.value.texts) {
    const auto parts = split_words(text);
    words.insert(words.end(), parts.begin(), parts.end());
  }
  const std::string value = canonical(words);
  if (is_usual(setting, value)) return std::nullopt;
  if (setting.kind == harmless) return fmt::format("{}: {} has no effect: {}", entry.where, entry.key, setting.reason);
  std::string first(setting.usual);
  first.resize(std::min(first.size(), first.find('|')));
  fail("{}: {}: '{}' is not supported: {}; expected {}", entry.where, entry.key, value.substr(0, 60), setting.reason,
       first.empty() ? "nothing" : first);
}

std::optional<std::string> adapt_marian_entry(ConfigEntry& entry) {
  auto& texts = entry.value.texts;
  if (entry.key == "no-shuffle" && canonical(texts) == "true") {
    entry.key = "shuffle";
    texts = {"none"};
  }
  if (entry.key == "guided-alignment" && (canonical(texts) == "none" || canonical(texts) == "false")) texts = {""};
  if (entry.key == "type" && texts.size() == 1 && (texts[0] == "nematus" || texts[0] == "amun")) {
    // types of Marian that differ from its s2s in the names of parameters, and in what they refuse
    const std::string note = fmt::format("{}: type: {} is type: s2s under another name", entry.where, texts[0]);
    texts = {"s2s"};
    return note;
  }
  if (entry.key == "valid-metrics") {
    for (auto& text : texts) {
      // Whole words only; a plain scalar may hold several.
      std::string result;
      for (const auto& word : split_words(text)) {
        result += (result.empty() ? "" : " ") + (word == "bleu-detok" ? std::string("bleu") : word);
      }
      text = result;
    }
  }
  if (entry.key == "logical-epoch") {
    std::vector<std::string> words;
    for (const auto& text : texts) {
      const auto parts = split_words(text);
      words.insert(words.end(), parts.begin(), parts.end());
    }
    if (words.size() == 2) {
      texts = {words[0]};
      if (words[1] != "0") return entry.where + ": logical-epoch: the number of digits shown has no effect";
    }
  }
  return std::nullopt;
}

const std::vector<std::string>& task_names() {
  static const std::vector<std::string> names = {"transformer-base", "transformer-big", "transformer-base-prenorm",
                                                 "transformer-big-prenorm"};
  return names;
}

std::vector<ConfigEntry> expand_task(const std::string& task, const std::string& where) {
  require(std::find(task_names().begin(), task_names().end(), task) != task_names().end(),
          "{}: task: expected {}, found '{}'{}", where, join_words(task_names(), " or "), task.substr(0, 60),
          suggestion(task, task_names()));
  const bool is_big = task.starts_with("transformer-big"), is_prenorm = task.ends_with("-prenorm");
  const std::string warmup = is_big ? "8000" : "16000";
  std::vector<ConfigEntry> entries;
  const auto add = [&](const char* key, std::vector<std::string> texts) {
    entries.push_back({key, {std::move(texts), false}, where + ": task " + task});
  };
  // Vaswani et al. 2017, with the rates and memory that Marian gives them.
  add("type", {"transformer"});
  add("enc-depth", {"6"});
  add("dec-depth", {"6"});
  add("dim-emb", {is_big ? "1024" : "512"});
  add("tied-embeddings-all", {"true"});
  add("transformer-dim-ffn", {is_big ? "4096" : "2048"});
  add("transformer-heads", {is_big ? "16" : "8"});
  add("transformer-preprocess", {is_prenorm ? "n" : ""});
  add("transformer-postprocess", {is_prenorm ? "da" : "dan"});
  if (is_prenorm) add("transformer-postprocess-top", {"n"});
  add("transformer-ffn-activation", {"relu"});
  add("transformer-dropout", {"0.1"});
  add("learn-rate", {is_big ? "0.0002" : "0.0003"});
  add("cost-type", {"ce-mean-words"});
  add("lr-warmup", {warmup});
  add("lr-decay-inv-sqrt", {warmup});
  add("label-smoothing", {"0.1"});
  add("clip-norm", {"0"});
  add("exponential-smoothing", {"1e-4"});
  add("max-length", {"100"});
  add("mini-batch-fit", {"true"});
  add("mini-batch", {"1000"});
  add("maxi-batch", {"1000"});
  add("workspace", {is_big ? "13000" : "9500"});
  add("optimizer-params", {"0.9", is_big ? "0.998" : "0.98", "1e-09"});
  add("beam-size", {"8"});
  add("valid-mini-batch", {is_big ? "8" : "16"});
  add("normalize", {"1"});
  return entries;
}

}  // namespace dragoman
