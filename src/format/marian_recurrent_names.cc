// Names of the parameters of Marian's recurrent models, and Nematus's, from which some of its types have theirs.

#include <algorithm>
#include <map>
#include <utility>

#include "format/marian_names.h"

namespace dragoman {
namespace {

int number(const std::string& text) { return std::stoi(text); }

/// Where in Marian a cell stands, as "encoder_bi_l2_cell1"; `parts` are those of our name before "input" or
/// "recurrent".
std::string cell_of(std::vector<std::string> parts) {
  int cell = 1;
  if (parts.size() >= 2 && parts[parts.size() - 2] == "transition") {
    const bool in_base = parts.size() == 3;  // "decoder", "transition", n: the cells after "second"
    cell = number(parts.back()) + (in_base ? 3 : 2);
    parts.resize(parts.size() - 2);
    if (in_base) parts.emplace_back("first");
  }
  if (parts.size() < 2) return "";
  const std::string& stack = parts[1];
  if (stack == "second") cell = 2;
  const std::string of_cell = "_cell" + std::to_string(cell);
  if (parts.size() == 2) return stack == "first" || stack == "second" ? "decoder" + of_cell : "";
  const int layer = number(parts[2]);
  if (stack == "upper") return parts[0] + "_l" + std::to_string(layer + 2) + of_cell;
  if (stack != "forward" && stack != "backward") return "";
  std::string prefix = stack == "forward" ? "encoder_bi" : "encoder_bi_r";
  if (layer > 0) prefix += "_l" + std::to_string(layer + 1);
  return layer > 0 || cell > 1 ? prefix + of_cell : prefix;
}

/// Gates side by side as they are in Marian: of an LSTM f, i, g, o where ours are i, f, g, o.
MarianSources all_gates(const Parameter& p, const std::string& name, bool is_lstm) {
  if (!is_lstm) return whole_source(p, name);
  const int rows = int(p.shape.rows()), columns = p.shape.width(), width = columns / 4;
  const MarianBlock block{.name = name, .rows = rows, .columns = columns, .width = width};
  MarianSources sources{{block, block, block}};
  sources.blocks[0].first = sources.blocks[1].column = width;
  sources.blocks[2].first = sources.blocks[2].column = 2 * width;
  sources.blocks[2].width = 2 * width;
  return sources;
}

/// The gates of a GRU, and its candidate under a name of its own.
MarianSources gates_and_candidate(const Parameter& p, const std::string& gates, const std::string& candidate) {
  const int rows = int(p.shape.rows()), width = p.shape.width() / 3;
  return {{{.name = gates, .rows = rows, .columns = 2 * width, .width = 2 * width},
           {.name = candidate, .rows = rows, .columns = width, .width = width, .column = 2 * width}}};
}

/// A parameter of a cell; `what` is what our name says after "input" or "recurrent".
MarianSources cell_source(const Parameter& p, const std::string& cell, bool of_input, const std::string& what,
                          const std::string& kind) {
  const bool is_lstm = kind == "lstm";
  const std::string letter = of_input ? "_W" : "_U";
  const auto named = [&](const std::string& gates, const std::string& candidate) {
    return is_lstm ? all_gates(p, cell + gates, true) : gates_and_candidate(p, cell + gates, cell + candidate);
  };
  if (what == "weight") return named(letter, letter + "x");
  if (what == "bias") return named("_b", "_bx");
  const bool of_nematus = kind == "gru-nematus";
  if (what == "norm.scale") {
    return of_nematus ? named(letter + "_lns", letter + "x_lns")
                      : all_gates(p, cell + (of_input ? "_gamma1" : "_gamma2"), is_lstm);
  }
  if (what == "norm.bias") return of_nematus ? named(letter + "_lnb", letter + "x_lnb") : named("_b", "_bx");
  return {};
}

/// What a map outside of cells has in Marian for our "weight", "bias", "norm.scale" and "norm.bias".
struct MapNames {
  std::string weight, bias, gamma, scale, shift;  ///< gamma: as Marian normalises; scale and shift: as Nematus
};

MarianSources map_source(const Parameter& p, const MapNames& names, const std::string& what, bool of_nematus) {
  const std::string name = what == "weight"       ? names.weight
                           : what == "bias"       ? names.bias
                           : what == "norm.scale" ? (of_nematus ? names.scale : names.gamma)
                           : what == "norm.bias"  ? (of_nematus ? names.shift : names.bias)
                                                  : "";
  return name.empty() ? MarianSources{} : whole_source(p, name);
}

/// The map of the words, the state and the context to the output, whose biases are added.
MarianSources output_source(const Parameter& p, const std::string& what, const ModelOptions& o) {
  const std::string name = "decoder_ff_logit_l1_";
  const int width = p.shape.width();
  if (what == "bias") {
    const MarianBlock block{.name = name + "b0", .columns = width, .width = width};
    MarianSources sources{{block, block, block}};
    for (int i = 1; i < 3; ++i) {
      sources.blocks[std::size_t(i)].name = name + "b" + std::to_string(i);
      sources.blocks[std::size_t(i)].is_added = true;
    }
    return sources;
  }
  if (what != "weight") return {};
  const int rows[] = {o.dim_emb, o.dim_rnn, int(p.shape.rows()) - o.dim_emb - o.dim_rnn};
  MarianSources sources;
  for (int i = 0, row = 0; i < 3; row += rows[i++]) {
    sources.blocks.push_back(
        {.name = name + "W" + std::to_string(i), .rows = rows[i], .columns = width, .width = width, .row = row});
  }
  return sources;
}

/// The texts from `first` on with points between.
std::string joined(const std::vector<std::string>& parts, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < parts.size(); ++i) text += (text.empty() ? "" : ".") + parts[i];
  return text;
}

}  // namespace

MarianSources marian_recurrent_sources(const Parameter& p, const ModelOptions& o) {
  const std::vector<std::string> parts = parts_of_name(p.name);
  if (parts.size() < 3) return {};
  const auto share = std::find_if(parts.begin(), parts.end(),
                                  [](const std::string& part) { return part == "input" || part == "recurrent"; });
  if (share != parts.end()) {
    const std::string cell = cell_of({parts.begin(), share});
    const std::string what = joined(parts, std::size_t(share - parts.begin()) + 1);
    return cell.empty()
               ? MarianSources{}
               : cell_source(p, cell, *share == "input", what, parts[0] == "encoder" ? o.enc_cell : o.dec_cell);
  }
  const bool of_nematus = o.rnn_form == "nematus";
  const std::string what = joined(parts, 3);
  if (parts[1] == "start") {
    const std::string name = "decoder_ff_state_";
    return map_source(p, {name + "W", name + "b", name + "gamma", name + "ln_s", name + "ln_b"}, joined(parts, 2),
                      of_nematus);
  }
  if (parts[1] == "attention" && parts[2] == "query") {
    const std::string name = "decoder_W_comb_att";
    return map_source(p, {name, "", "decoder_att_gamma2", name + "_lns", name + "_lnb"}, what, of_nematus);
  }
  if (parts[1] == "attention" && parts[2] == "key") {
    const std::string name = "decoder_Wc_att";
    return map_source(p, {name, "decoder_b_att", "decoder_att_gamma1", name + "_lns", name + "_lnb"}, what, of_nematus);
  }
  if (parts[1] == "attention" && parts[2] == "additive") {
    MarianSources sources = whole_source(p, "decoder_U_att");
    sources.is_column = true;
    return sources;
  }
  if (parts[1] != "output") return {};
  if (parts.size() == 3) return output_source(p, parts[2], o);
  const std::string name = "decoder_ff_logit_l1_";
  const std::string which = parts[2] == "word" ? "0" : parts[2] == "state" ? "1" : "2";
  return map_source(
      p, {name + "W" + which, name + "b" + which, name + "gamma" + which, name + "ln_s" + which, name + "ln_b" + which},
      what, of_nematus);
}

std::string older_marian_name(const std::string& name) {
  static const std::map<std::string, std::string> others = {
      {"decoder_Wemb", "Wemb_dec"},
      {"encoder_Wemb", "Wemb"},
      {"decoder_ff_logit_l2_W", "ff_logit_W"},
      {"decoder_ff_logit_l2_b", "ff_logit_b"},
  };
  if (const auto found = others.find(name); found != others.end()) return found->second;
  const std::string state = "decoder_ff_state_", output = "decoder_ff_logit_l1_";
  if (name.starts_with(state)) return name.substr(8);
  if (name.starts_with(output)) {
    const std::string what = name.substr(output.size(), name.size() - output.size() - 1);
    const char which = name.back();
    if (what == "gamma") return "ff_logit_l1_gamma" + std::string(1, which);
    return std::string("ff_logit_") + (which == '0' ? "prev_" : which == '1' ? "lstm_" : "ctx_") + what;
  }
  // cells: "encoder_bi_r_cell2_U_lns" is "encoder_r_U_drt_1_lns"
  std::string stem = name, norm;
  if (name.ends_with("_lns") || name.ends_with("_lnb")) {
    norm = name.substr(name.size() - 4);
    stem.resize(name.size() - 4);
  }
  const std::string what = stem.substr(stem.rfind('_') + 1);
  std::string place = stem.substr(0, stem.size() - std::min(stem.size(), what.size() + 1));
  int cell = 1;
  if (const auto at = place.find("_cell"); at != std::string::npos) {
    cell = number(place.substr(at + 5));
    place.resize(at);
  }
  if (place == "encoder_bi" || place == "encoder_bi_r") {
    const std::string older = place == "encoder_bi" ? "encoder_" : "encoder_r_";
    return older + what + (cell > 1 ? "_drt_" + std::to_string(cell - 1) : "") + norm;
  }
  if (place != "decoder" || place == stem || name.find("_cell") == std::string::npos || what.starts_with("gamma")) {
    return name;
  }
  if (cell == 1) return "decoder_" + what + norm;
  if (cell > 2) return "decoder_" + what + "_nl_drt_" + std::to_string(cell - 2) + norm;
  if (what == "W" || what == "Wx") return std::string("decoder_Wc") + (what == "W" ? "" : "x") + norm;
  return "decoder_" + what + "_nl" + norm;
}

}  // namespace dragoman
