#include "format/marian_names.h"

#include <map>
#include <sstream>
#include <utility>

namespace dragoman {
namespace {

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

std::vector<std::string> parts_of_name(const std::string& name) {
  std::vector<std::string> parts;
  std::istringstream stream(name);
  for (std::string part; std::getline(stream, part, '.');) parts.push_back(part);
  return parts;
}

MarianSources whole_source(const Parameter& p, std::string name) {
  return {
      {{.name = std::move(name), .rows = int(p.shape.rows()), .columns = p.shape.width(), .width = p.shape.width()}}};
}

MarianSources marian_sources(const Parameter& p, const ModelOptions& o) {
  const std::vector<std::string> parts = parts_of_name(p.name);
  const auto whole = [&](std::string name) { return whole_source(p, std::move(name)); };
  const std::string output = o.type == "s2s" ? "decoder_ff_logit_l2" : "decoder_ff_logit_out";
  if (p.name == "embedding.weight") return whole("Wemb");
  if (p.name == "source_embedding.weight") return whole("encoder_Wemb");
  if (p.name == "target_embedding.weight") return whole("decoder_Wemb");
  if (p.name == "output.bias") return whole(output + "_b");
  if (p.name == "positions.weight") return whole("Wpos");
  if (p.name == "output.weight") {
    MarianSources sources = whole(output + "_Wt");
    sources.legacy = output + "_W";
    return sources;
  }
  if (o.type == "s2s") return marian_recurrent_sources(p, o);
  if (parts.size() == 3 && parts[1] == "embedding_norm") return whole(parts[0] + "_emb_ln_" + parts[2] + "_pre");
  if (parts.size() == 3 && parts[1] == "top_norm") return whole(parts[0] + "_top_ln_" + parts[2]);
  if (parts.size() < 6 || parts[1] != "layers") return {};
  const std::string sublayer = sublayer_of(parts[0], parts[2], parts[3], o);
  const std::string& kind = parts.back();
  const std::string& what = parts[parts.size() - 2];
  if (what == "pre_norm" || what == "post_norm") return whole(norm_of(sublayer, what == "pre_norm", kind));
  const auto found = letters().find(what);
  if (found == letters().end()) return {};
  MarianSources sources;
  const int width = p.shape.width() / int(found->second.size());
  for (const std::string& letter : found->second) {
    sources.blocks.push_back({.name = sublayer + (kind == "weight" ? "_W" : "_b") + letter,
                              .rows = int(p.shape.rows()),
                              .columns = width,
                              .width = width,
                              .column = width * int(sources.blocks.size())});
  }
  return sources;
}

std::string foreign_to_marian(const ModelOptions& o) {
  if (o.type == "s2s") {
    return o.rnn_form == "own" ? "rnn-form: own (its own attention has other equations)" : "";
  }
  if (o.type != "transformer") return "type: " + o.type;
  if (o.attention != "scaled-dot") return "attention: " + o.attention;
  if (o.self_attention != "scaled-dot") return "self-attention: " + o.self_attention;
  return "";
}

}  // namespace dragoman
