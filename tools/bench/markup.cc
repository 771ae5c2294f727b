// Placeholders and tags through a model.
//   bench_markup --model FILE --vocabs SOURCE TARGET [--shortlist FILE] [--forms N] < strings.tsv
// Each line is "text" or "html", a tab, and a string; more columns are left alone. Prints a line of JSON for each: the
// string's translation, how its placeholders came through, problems, and the translation of the bare string. First come
// the forms of masks that the model takes. --forms limits how many are tried (0: parts between placeholders only).

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dragoman/error.h"
#include "markup/html_document.h"
#include "markup/no_break_spaces.h"
#include "markup/numbers.h"
#include "markup/projection.h"
#include "markup/protected_text.h"
#include "text/split.h"
#include "translate/translator.h"

namespace {

using namespace dragoman;

/// Pieces as bytes that make the text: "▁Hello", "," is "Hello" and ",".
std::vector<std::string> as_bytes(const std::vector<std::string>& pieces) {
  std::vector<std::string> result;
  for (std::string piece : pieces) {
    for (std::size_t at = piece.find("▁"); at != piece.npos; at = piece.find("▁")) piece.replace(at, 3, " ");
    if (result.empty() && piece.starts_with(' ')) piece.erase(0, 1);
    result.push_back(std::move(piece));
  }
  return result;
}

/// Normalisation may change text before it is cut: the pieces' places are then as far into the text.
std::vector<std::string> fitted(const std::vector<std::string>& pieces, const std::string& text) {
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  if (joined == text) return pieces;
  std::vector<std::string> result;
  std::size_t at = 0, seen = 0;
  for (const std::string& piece : pieces) {
    seen += piece.size();
    std::size_t end = std::max(at, seen * text.size() / std::max<std::size_t>(joined.size(), 1));
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    result.push_back(text.substr(at, end - at));
    at = end;
  }
  if (!result.empty()) result.back() += text.substr(at);
  return result;
}

class Model {
 public:
  explicit Model(ModelSet models)
      : models_(std::move(models)),
        translator_(models_, {.search = {.beam_size = 1, .normalize = 1}, .print_pieces = true, .align = true}) {}

  /// Sentence by sentence.
  AlignedText translate(const std::string& text) {
    AlignedText result;
    for (const std::string_view sentence : split_sentences(text, "en")) {
      const std::size_t end = sentence.find_last_not_of(' ') + 1;
      if (end > 0) result.append(translate_sentence(std::string(sentence.substr(0, end))));
      if (end < sentence.size()) {
        const std::string space(sentence.substr(end));
        result.append({{space}, {space}, {{0, 0, 1}}});
      }
    }
    return result;
  }
  bool represents(const std::string& text) const {
    for (const Vocabulary* vocabulary : {&models_.source, &models_.target}) {
      const std::vector<int> ids = vocabulary->encode(text);
      if (std::find(ids.begin(), ids.end(), vocabulary->unk_id()) != ids.end() || vocabulary->decode(ids) != text)
        return false;
    }
    return true;
  }

 private:
  AlignedText translate_sentence(const std::string& text) {
    const SourceLine line = {text};
    const auto translations = translator_.translate({&line, 1});
    const TranslationCandidate& best = translations.at(0).candidates.at(0);
    std::vector<std::string> target;
    for (std::size_t at = 0; at < best.text.size();) {
      const std::size_t end = std::min(best.text.find(' ', at), best.text.size());
      target.push_back(best.text.substr(at, end - at));
      at = end + 1;
    }
    AlignedText result = {fitted(as_bytes(models_.source.pieces(text)), text), as_bytes(target)};
    if (result.source_pieces.empty()) result.source_pieces = {text};
    for (int t = 0; t + 1 < best.alignment.targets(); ++t) {
      for (int s = 0; s + 1 < best.alignment.sources; ++s) result.links.push_back({s, t, best.alignment.at(t, s)});
    }
    return result;
  }

  ModelSet models_;
  Translator translator_;
};

const char* name(Protection protection) {
  constexpr const char* names[] = {"none", "masked", "other mask", "split", "untranslated"};
  return names[int(protection)];
}

struct Protected {
  AlignedText text;
  std::vector<KeptRange> kept;
};

Protected translate(Model& model, const std::string& text, const std::vector<Placeholder>& placeholders,
                    const std::vector<MaskForm>& forms, const PlaceholderFinder& finder, nlohmann::json& report) {
  ProtectedText chain(text, placeholders, forms, finder);
  while (!chain.done()) {
    std::vector<AlignedText> answers;
    for (const std::string& request : chain.requests()) answers.push_back(model.translate(request));
    chain.answer(answers);
  }
  report["protection"].push_back(name(chain.protection()));
  for (const std::string& problem : chain.problems()) report["problems"].push_back(problem);
  const NumberDifferences numbers = compare_numbers(text, chain.result().target());
  for (const std::string& number : numbers.missing) report["numbers"].push_back("missing " + number);
  for (const std::string& number : numbers.invented) report["numbers"].push_back("invented " + number);
  return {chain.result(), chain.kept()};
}

int run(int argc, char** argv) {
  std::string path;
  ModelSetOptions options;
  std::size_t most_forms = 100;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const int values = option == "--vocabs" ? 2 : 1;
    if (i + values >= argc) throw Error(option + ": a value is missing");
    if (option == "--model") {
      path = argv[++i];
    } else if (option == "--vocabs") {
      options.vocabs = {argv[i + 1], argv[i + 2]};
      i += 2;
    } else if (option == "--shortlist") {
      options.shortlist = {argv[++i], "false"};
    } else if (option == "--forms") {
      most_forms = std::size_t(std::atoi(argv[++i]));
    } else {
      throw Error("unknown option " + option);
    }
  }
  Model model(load_models(std::vector<std::string>{path}, options));
  const PlaceholderFinder finder;
  std::vector<MaskForm> forms =
      choose_mask_forms({.round_trip = [&](const std::string& text) { return model.represents(text); },
                         .translate = [&](const std::string& text) { return model.translate(text).target(); }});
  nlohmann::json chosen = nlohmann::json::array();
  for (const MaskForm& form : forms) chosen.push_back(form.mask(0));
  std::cout << nlohmann::json{{"forms", chosen}}.dump() << "\n";
  forms.resize(std::min(forms.size(), most_forms));

  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == line.npos) throw Error("expected a kind, a tab and a string, found '" + line + "'");
    const std::string kind = line.substr(0, tab), text = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
    nlohmann::json report = {{"kind", kind},
                             {"source", text},
                             {"protection", nlohmann::json::array()},
                             {"problems", nlohmann::json::array()},
                             {"numbers", nlohmann::json::array()}};
    report["bare"] = model.translate(text).target();
    if (kind == "html") {
      const HtmlDocument document = parse_html(text);
      std::vector<MarkedText> translations;
      for (const HtmlSegment& segment : document.segments) {
        Protected result = translate(model, segment.text, placeholders_of(segment, finder), forms, finder, report);
        restore_no_break_spaces(result.text, result.kept);
        Projection projection = project_tags(segment.tags, result.text, result.kept);
        for (const std::string& problem : projection.problems) report["problems"].push_back(problem);
        translations.push_back(std::move(projection.marked));
      }
      report["translation"] = assemble_html(document, translations);
    } else {
      report["translation"] = translate(model, text, finder.find(text), forms, finder, report).text.target();
    }
    std::cout << report.dump() << "\n";
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bench_markup: " << error.what() << "\n";
    return 1;
  }
}
