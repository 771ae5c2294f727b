#include "cli/evaluate_options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/fields.h"
#include "cli/command_line.h"

namespace dragoman {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

po::options_description visible_options() {
  po::options_description options("Options", 110);
  auto add = options.add_options();
  const auto files = [] { return po::value<Texts>()->multitoken()->value_name("FILE..."); };
  add("help,h", "show this help");
  add("references,r", files(), "one or more reference translations, line by line; needed");
  add("metrics,m", po::value<Texts>()->composing()->value_name("NAME..."), "bleu, chrf, chrf++, ter (=bleu chrf)");
  add("tokenize", po::value<std::string>()->default_value("13a")->value_name("NAME"),
      "BLEU's words: 13a, none, intl, char or zh");
  add("lowercase", po::bool_switch(), "ignore case in BLEU and chrF (TER does by itself)");
  add("smooth-method,s", po::value<std::string>()->default_value("exp")->value_name("NAME"),
      "BLEU: exp, floor, add-k or none");
  add("smooth-value", po::value<double>()->value_name("X"), "BLEU: value for floor (=0.1) or add-k (=1)");
  add("effective-order", po::bool_switch(), "BLEU: leave out orders longer than the text; on with --sentence-level");
  add("chrf-char-order", po::value<int>()->default_value(6)->value_name("N"),
      "chrF: longest n-gram of characters, 1 to 6");
  add("chrf-word-order", po::value<int>()->default_value(0)->value_name("N"),
      "chrF: longest n-gram of words; chrf++ has 2");
  add("chrf-beta", po::value<int>()->default_value(2)->value_name("N"), "chrF: weight of recall");
  add("chrf-whitespace", po::bool_switch(), "chrF: spaces count as characters");
  add("chrf-eps-smoothing", po::bool_switch(), "chrF: as chrF++.py, NLTK and Moses smooth it");
  add("ter-case-sensitive", po::bool_switch(), "TER: heed case");
  add("ter-normalized", po::bool_switch(), "TER: set off punctuation, resolve entities");
  add("ter-no-punct", po::bool_switch(), "TER: remove punctuation");
  add("ter-asian-support", po::bool_switch(), "TER: treat Chinese characters as words");
  add("sentence-level", po::bool_switch(), "one line of scores for each sentence");
  add("confidence", po::value<int>()->value_name("[N]"), "95% interval by bootstrap resampling, of N samples (=1000)");
  add("paired", files(), "compare these systems with HYPOTHESES by paired bootstrap resampling");
  add("seed", po::value<std::int64_t>()->default_value(12345)->value_name("N"),
      "seed of the resampling; 12345 draws what sacreBLEU does");
  add("json", po::bool_switch(), "print JSON, as sacreBLEU does");
  add("width,w", po::value<int>()->default_value(2)->value_name("N"), "decimals of the scores");
  add("score-only,b", po::bool_switch(), "print nothing but the scores");
  add("quiet,q", po::bool_switch(), "the same");
  return options;
}

/// Options whose values Boost would not know from what follows: metrics end at the first word that is none, and the
/// number of samples may be left out.
std::vector<po::option> parse_open_ended(Texts& arguments) {
  std::vector<po::option> options;
  const std::string name = arguments.front();
  std::size_t used = 1;
  if (name == "--metrics" || name == "-m") {
    const auto names = metric_names();
    Texts values;
    for (; used < arguments.size() && !arguments[used].starts_with("-"); ++used) {
      std::string lower = arguments[used];
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
      const bool known = std::find(names.begin(), names.end(), lower) != names.end();
      if (!known && std::filesystem::exists(arguments[used])) break;  // HYPOTHESES
      values.push_back(lower);
    }
    options.emplace_back("metrics", values);
  } else if (name == "--confidence") {
    Texts value{"1000"};
    const auto is_number = [](const std::string& text) {
      return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    };
    if (arguments.size() > 1 && is_number(arguments[1])) value[0] = arguments[used++];
    options.emplace_back("confidence", value);
  } else {
    return {};
  }
  for (std::size_t i = 0; i < used; ++i) options.back().original_tokens.push_back(arguments[i]);
  arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(used));
  return options;
}

po::variables_map parse(const Texts& arguments) {
  po::options_description all = visible_options();
  all.add_options()("hypotheses", po::value<std::string>());
  po::positional_options_description positional;
  positional.add("hypotheses", 1);
  po::variables_map values;
  try {
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .positional(positional)
                  .style(style)
                  .extra_style_parser(parse_open_ended)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& e) {
    std::vector<std::string> names;
    for (const auto& option : all.options()) names.push_back(option->long_name());
    std::string given = e.get_option_name();
    given.erase(0, std::min(given.find_first_not_of('-'), given.size()));
    const std::string nearest = nearest_name(given, names);
    fail("evaluate: there is no option {}{}", e.get_option_name(),
         nearest.empty() ? "" : "; did you mean --" + nearest + "?");
  } catch (const po::too_many_positional_options_error&) {
    fail("evaluate: more than one file of HYPOTHESES; other systems are named after --paired, references after -r");
  } catch (const po::error& e) {
    fail("evaluate: {}", e.what());
  }
  return values;
}

EvaluateOptions parse_checked(const Texts& arguments) {
  const po::variables_map values = parse(arguments);
  const auto is_on = [&](const char* name) { return values[name].as<bool>(); };
  EvaluateOptions options;
  options.help = values.count("help") > 0;
  if (options.help) return options;

  options.hypotheses_by_default = values.count("hypotheses") == 0;
  if (!options.hypotheses_by_default) options.hypotheses = values["hypotheses"].as<std::string>();
  require(values.count("references") > 0, "evaluate: no references: name at least one file after -r");
  options.references = values["references"].as<Texts>();
  if (values.count("paired")) options.paired = values["paired"].as<Texts>();
  if (values.count("metrics")) options.metrics = values["metrics"].as<Texts>();
  require(!options.metrics.empty(), "evaluate: --metrics needs at least one of bleu, chrf, chrf++ and ter");

  BleuOptions& bleu = options.metric_options.bleu;
  bleu.lowercase = is_on("lowercase");
  bleu.tokenizer = bleu_tokenizer(values["tokenize"].as<std::string>());
  bleu.smoothing = bleu_smoothing(values["smooth-method"].as<std::string>());
  if (values.count("smooth-value")) bleu.smooth_value = values["smooth-value"].as<double>();
  require(bleu.smooth_value.value_or(0) >= 0, "evaluate: smooth-value: expected 0 or more, found {}",
          bleu.smooth_value.value_or(0));
  options.sentence_level = is_on("sentence-level");
  bleu.effective_order = is_on("effective-order") || options.sentence_level;
  options.metric_options.chrf = {.char_order = values["chrf-char-order"].as<int>(),
                                 .word_order = values["chrf-word-order"].as<int>(),
                                 .beta = values["chrf-beta"].as<int>(),
                                 .lowercase = is_on("lowercase"),
                                 .whitespace = is_on("chrf-whitespace"),
                                 .eps_smoothing = is_on("chrf-eps-smoothing")};
  options.metric_options.ter = {.case_sensitive = is_on("ter-case-sensitive"),
                                .normalized = is_on("ter-normalized"),
                                .no_punct = is_on("ter-no-punct"),
                                .asian_support = is_on("ter-asian-support")};
  if (values.count("confidence")) options.confidence = values["confidence"].as<int>();
  require(options.confidence.value_or(2) >= 2, "evaluate: --confidence: expected at least 2 samples, found {}",
          options.confidence.value_or(2));
  const std::int64_t seed = values["seed"].as<std::int64_t>();
  require(seed >= 0, "evaluate: --seed: expected 0 or more, found {}", seed);
  options.seed = static_cast<std::uint64_t>(seed);
  options.output = {
      .width = values["width"].as<int>(), .json = is_on("json"), .score_only = is_on("score-only") || is_on("quiet")};
  require(options.output.width >= 0 && options.output.width <= 15, "evaluate: --width: expected 0 to 15, found {}",
          options.output.width);
  require(!options.sentence_level || (!options.confidence && options.paired.empty()),
          "evaluate: --sentence-level goes with neither --confidence nor --paired: they are about corpora");
  for (const std::string& name : options.metrics) make_metric(name, options.metric_options);  // throws for bad ones
  return options;
}

}  // namespace

EvaluateOptions parse_evaluate_options(const std::vector<std::string>& arguments) {
  try {
    return parse_checked(arguments);
  } catch (const Error& e) {
    throw UsageError(e.what());
  }
}

std::string evaluate_help() {
  std::ostringstream text;
  text << "Usage: dragoman evaluate [HYPOTHESES] -r REFERENCE... [OPTION]...\n\n"
          "Scores translations, line by line, against one or more references: BLEU, chrF, chrF++ and TER as sacreBLEU\n"
          "computes them. HYPOTHESES and references are plain, gzip or zstd files; - and no name at all mean standard\n"
          "input.\n\n"
       << visible_options()
       << "\nExamples:\n"
          "  dragoman evaluate output.de -r test.de\n"
          "  dragoman evaluate output.de -r test.de --metrics bleu chrf++ ter --confidence\n"
          "  dragoman evaluate old.de --paired new.de -r test.de\n"
          "  dragoman translate -m model < test.en | dragoman evaluate -r test.de -m bleu -b\n";
  return text.str();
}

}  // namespace dragoman
