#include <algorithm>
#include <charconv>
#include <iostream>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "report/attention_page.h"
#include "text/line_reader.h"
#include "translate/attention_maps.h"

namespace dragoman {
namespace {

struct AttentionSettings {
  GeneralOptions general;
  std::string model, input, source, target, layer, head, kind, output;
};

const std::pair<AttentionKind, const char*> kinds[] = {
    {AttentionKind::cross, "cross"}, {AttentionKind::encoder, "encoder"}, {AttentionKind::decoder, "decoder"}};

struct Pair {
  std::string source;
  std::optional<std::string> target;
};

/// Source and target, with a tab between them, or a source alone.
Pair parse_pair(const std::string& line) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string::npos) return {line, std::nullopt};
  return {line.substr(0, tab), line.substr(tab + 1)};
}

std::vector<Pair> pairs_of(const AttentionSettings& s) {
  if (!s.source.empty()) return {{s.source, s.target.empty() ? std::nullopt : std::optional(s.target)}};
  std::vector<Pair> pairs;
  LineReader reader(s.input, {.max_bytes = 0});
  for (std::string line; reader.next(line);) {
    require(line.find_first_not_of(" \t\r") != std::string::npos,
            "{} line {}: expected a sentence or a pair with a tab between, found a blank line", s.input,
            pairs.size() + 1);
    pairs.push_back(parse_pair(line));
  }
  require(!pairs.empty(), "{}: expected sentences, found an empty file", s.input);
  return pairs;
}

/// A number from 1 to `most`, or -1 for `word`.
int choice(const std::string& text, const char* option, const char* word, int most) {
  if (text == word) return -1;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= most,
          "{}: expected {}, all or a number from 1 to {}, as the model has, found '{}'", option, word, most, text);
  return number;
}

/// Pieces with a light mark in place of U+2581 where a word begins.
std::vector<std::string> shown(const std::vector<std::string>& pieces) {
  constexpr std::string_view boundary = "\u2581";
  std::vector<std::string> tokens;
  for (const std::string& piece : pieces) {
    tokens.push_back(piece.starts_with(boundary) ? "\u00b7" + piece.substr(boundary.size()) : piece);
  }
  return tokens;
}

AttentionPanel panel_of(const PairAttention& pair, const AttentionMap& map, const char* kind) {
  AttentionPanel panel{.kind = kind, .layer = map.place.layer + 1, .head = map.head + 1, .weights = map.weights};
  panel.rows = map.place.kind == AttentionKind::encoder ? shown(pair.source) : shown(pair.target);
  panel.columns = shown(pair.source);
  if (map.place.kind == AttentionKind::decoder) {
    panel.columns = {"<s>"};
    panel.columns.insert(panel.columns.end(), panel.rows.begin(), panel.rows.end() - 1);
  }
  return panel;
}

AttentionPanel mean_of(std::vector<AttentionPanel> heads) {
  AttentionPanel mean = heads.at(0);
  mean.head = 0;
  for (std::size_t i = 0; i < mean.weights.size(); ++i) {
    float sum = 0;
    for (const AttentionPanel& head : heads) sum += head.weights[i];
    mean.weights[i] = sum / float(heads.size());
  }
  return mean;
}

/// The chosen panels of one kind.
void add_kind(const AttentionSettings& s, const PairAttention& pair, AttentionKind kind, const char* name,
              std::vector<AttentionPanel>& panels) {
  std::map<int, std::vector<AttentionPanel>> layers;
  for (const AttentionMap& map : pair.maps) {
    if (map.place.kind == kind) layers[map.place.layer + 1].push_back(panel_of(pair, map, name));
  }
  if (layers.empty()) {
    require(s.kind == "all", "kind: expected one that the model has, found '{}', which it has not", s.kind);
    return;
  }
  const int last = layers.rbegin()->first;
  const int layer = s.layer == "all" ? 0 : choice(s.layer, "layer", "last", last);
  for (auto& [number, heads] : layers) {
    if (layer != 0 && number != (layer < 0 ? last : layer)) continue;
    const int head = s.head == "all" ? 0 : choice(s.head, "head", "mean", int(heads.size()));
    if (head <= 0) panels.push_back(mean_of(heads));
    for (AttentionPanel& panel : heads) {
      if ((head == 0 && heads.size() > 1) || panel.head == head) panels.push_back(std::move(panel));
    }
  }
}

std::string joined(const ModelSet& models, const std::optional<std::string>& given,
                   const std::vector<std::string>& pieces) {
  if (given) return *given;
  std::vector<int> ids;
  for (const std::string& piece : pieces) ids.push_back(models.target.id(piece));
  return models.target.decode(ids);
}

void complete(AttentionSettings& s, bool is_page) {
  if (s.kind.empty()) s.kind = is_page ? "all" : "cross";
  if (s.layer.empty()) s.layer = is_page ? "all" : "last";
  if (s.head.empty()) s.head = is_page ? "all" : "mean";
  if (s.model.empty()) throw UsageError("attention: expected -m with a model directory, found none");
  if (s.source.empty() == s.input.empty()) {
    throw UsageError("attention: expected either --source with a sentence or --input with a file of them");
  }
  if (s.source.empty() && !s.target.empty()) throw UsageError("attention: expected --source with --target");
}

}  // namespace

int attention_command(const std::vector<std::string>& args) {
  const Command command{
      .name = "attention",
      .summary = "Draws where a model looks when it translates: an SVG picture or an HTML page",
      .usage = "-m MODEL (--source TEXT [--target TEXT] | -i FILE) -o FILE.svg|FILE.html [OPTION]...",
      .details =
          "Without a target the sentence is translated first. A file has a sentence per line, or a sentence, a tab "
          "and\n"
          "its translation. A page shows all there is and lets choose; a picture what the options say. Examples:\n"
          "  dragoman attention -m models/en-de --source \"Two dogs run.\" -o attention.html\n"
          "  dragoman attention -m models/en-de -i pairs.tsv --layer 2 --head all -o attention.svg\n",
      .has_config = false};
  AttentionSettings s;
  Fields fields;
  add_fields(fields, s.general);
  fields.group("Attention options");
  fields.add("model", s.model, "model directory; needed", {.short_name = 'm', .is_path = true});
  fields.add("input", s.input, "file of sentences or of pairs", {.short_name = 'i', .is_path = true});
  fields.add("source", s.source, "a sentence");
  fields.add("target", s.target, "its translation");
  fields.add("layer", s.layer, "last, all or a number from 1; default: last, or all on a page");
  fields.add("head", s.head, "mean, all or a number from 1; default: mean, or all on a page");
  fields.add("kind", s.kind, "attention to the source, or self-attention; default: cross, or all on a page",
             {.values = {"", "cross", "encoder", "decoder", "all"}});
  fields.add("output", s.output, "what to write: a name that ends in .svg or .html",
             {.short_name = 'o', .is_path = true});
  const Arguments arguments = parse_command_line(command, fields, args, std::cout);
  if (arguments.is_done) return 0;
  const bool is_page = s.output.ends_with(".html");
  if (!is_page && !s.output.ends_with(".svg")) {
    throw UsageError(fmt::format("output: expected a name that ends in .svg or .html, found '{}'", s.output));
  }
  complete(s, is_page);
  start_log(s.general, arguments.notes);
  const std::vector<Pair> pairs = pairs_of(s);
  const ModelSet models = load_models({&s.model, 1});
  std::vector<AttentionPicture> pictures;
  std::vector<AttentionPanel> panels;
  for (const Pair& pair : pairs) {
    const PairAttention seen = attention_of_pair(models, pair.source, pair.target);
    AttentionPicture picture{pair.source, joined(models, pair.target, seen.target), {}};
    for (const auto& [kind, name] : kinds) {
      if (s.kind == "all" || s.kind == name) add_kind(s, seen, kind, name, picture.panels);
    }
    require(!picture.panels.empty(), "{}: this model has no attention to show", s.model);
    panels.insert(panels.end(), picture.panels.begin(), picture.panels.end());
    pictures.push_back(std::move(picture));
  }
  const std::string text = is_page ? attention_page(pictures, "Attention of " + s.model) : attention_svg(panels);
  write_atomically(s.output, text);
  log::info("{}: {} panels, {} kB", s.output, panels.size(), (text.size() + 1023) / 1024);
  return 0;
}

}  // namespace dragoman
