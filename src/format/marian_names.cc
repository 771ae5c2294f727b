#include "format/marian_names.h"

#include <map>
#include <sstream>
#include <utility>

namespace dragoman {
namespace {

std::vector<std::string> split(const std::string& name) {
  std::vector<std::string> parts;
  std::istringstream stream(name);
  for (std::string part; std::getline(stream, part, '.');) parts.push_back(part);
  return parts;
}

/// Names of the sublayer "X_self" and so on: what comes before "_Wq".
std::string sublayer_of(const std::string& side, const std::string& layer, const std::string& sublayer,
                        const ModelOptions& o) {
  const std::string prefix = side + "_l" + std::to_string(std::stoi(layer) + 1) + "_";
  if (sublayer == "cross") return prefix + "context";
  if (sublayer == "feed_forward") return prefix + "ffn";
  if (side == "encoder" || o.transformer_decoder_autoreg == "self-attention") return prefix + "self";
  return prefix + (o.transformer_decoder_autoreg == "rnn" ? "rnn" : "aan");
}

/// The norm of a sublayer. Marian names it after the sublayer's last map, and after nothing before an SSRU.
std::string norm_of(const std::string& sublayer, bool before, const std::string& kind) {
  const bool attention = sublayer.ends_with("_self") || sublayer.ends_with("_context");
  const std::string owner = attention ? "_Wo" : before && sublayer.ends_with("_rnn") ? "" : "_ffn";
  return sublayer + owner + "_ln_" + kind + (before ? "_pre" : "");
}

/// Letters of maps after W and b, by our names.
const std::map<std::string, std::vector<std::string>>& letters() {
  static const std::map<std::string, std::vector<std::string>> all = {
      {"query", {"q"}},      {"key_value", {"k", "v"}}, {"query_key_value", {"q", "k", "v"}},
      {"output", {"o"}},     {"inner", {"1"}},          {"outer", {"2"}},
      {"value", {""}},       {"gate", {"f"}},           {"input_gate", {"i"}},
      {"forget_gate", {"f"}}};
  return all;
}

}  // namespace

MarianSources marian_sources(const std::string& name, const ModelOptions& o) {
  const std::vector<std::string> parts = split(name);
  if (name == "embedding.weight") return {{"Wemb"}};
  if (name == "source_embedding.weight") return {{"encoder_Wemb"}};
  if (name == "target_embedding.weight") return {{"decoder_Wemb"}};
  if (name == "output.weight") return {{"decoder_ff_logit_out_Wt"}, "decoder_ff_logit_out_W"};
  if (name == "output.bias") return {{"decoder_ff_logit_out_b"}};
  if (name == "positions.weight") return {{"Wpos"}};
  if (parts.size() == 3 && parts[1] == "embedding_norm") return {{parts[0] + "_emb_ln_" + parts[2] + "_pre"}};
  if (parts.size() == 3 && parts[1] == "top_norm") return {{parts[0] + "_top_ln_" + parts[2]}};
  if (parts.size() < 6 || parts[1] != "layers") return {};
  const std::string sublayer = sublayer_of(parts[0], parts[2], parts[3], o);
  const std::string& kind = parts.back();
  const std::string& what = parts[parts.size() - 2];
  if (what == "pre_norm" || what == "post_norm") return {{norm_of(sublayer, what == "pre_norm", kind)}};
  const auto found = letters().find(what);
  if (found == letters().end()) return {};
  MarianSources sources;
  for (const std::string& letter : found->second) {
    sources.names.push_back(sublayer + (kind == "weight" ? "_W" : "_b") + letter);
  }
  return sources;
}

std::string foreign_to_marian(const ModelOptions& o) {
  if (o.type != "transformer") return "type: " + o.type + " (its cells and attention have other equations)";
  if (o.attention != "scaled-dot") return "attention: " + o.attention;
  if (o.self_attention != "scaled-dot") return "self-attention: " + o.self_attention;
  if (o.transformer_norm_keys && o.transformer_preprocess.find('n') != std::string::npos) {
    return "transformer-norm-keys: true (Marian norms only the queries)";
  }
  return "";
}

}  // namespace dragoman
