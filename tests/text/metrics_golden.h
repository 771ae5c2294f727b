#pragma once
// tests/golden/metrics.json: what sacreBLEU gives. See tests/golden/make_metrics.py.

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "text/metrics/metrics.h"

namespace dragoman::testing {

using Lines = std::vector<std::string>;

inline const nlohmann::json& metrics_golden() {
  static const nlohmann::json golden =
      nlohmann::json::parse(read_file(std::string(DRAGOMAN_SOURCE_DIR) + "/tests/golden/metrics.json"));
  return golden;
}

inline Lines golden_hypotheses() { return metrics_golden().at("hypotheses").get<Lines>(); }

inline std::vector<Lines> golden_references(std::size_t count) {
  auto references = metrics_golden().at("references").get<std::vector<Lines>>();
  references.resize(count);
  return references;
}

/// Our settings for what a case calls by sacreBLEU's names.
inline MetricOptions options_of(const nlohmann::json& given) {
  MetricOptions options;
  options.bleu.lowercase = options.chrf.lowercase = given.value("lowercase", false);
  options.bleu.tokenizer = bleu_tokenizer(given.value("tokenize", "13a"));
  options.bleu.smoothing = bleu_smoothing(given.value("smooth_method", "exp"));
  if (given.contains("smooth_value")) options.bleu.smooth_value = given.at("smooth_value").get<double>();
  options.chrf.char_order = given.value("char_order", 6);
  options.chrf.word_order = given.value("word_order", 0);
  options.chrf.beta = given.value("beta", 2);
  options.chrf.whitespace = given.value("whitespace", false);
  options.chrf.eps_smoothing = given.value("eps_smoothing", false);
  options.ter.case_sensitive = given.value("case_sensitive", false);
  options.ter.normalized = given.value("normalized", false);
  options.ter.no_punct = given.value("no_punct", false);
  options.ter.asian_support = given.value("asian_support", false);
  return options;
}

/// Holds corpus scores, sentence scores, details and signatures of all cases of a metric to sacreBLEU's.
inline void expect_golden_scores(const std::string& name) {
  const Lines hypotheses = golden_hypotheses();
  int cases = 0;
  for (const auto& golden : metrics_golden().at("cases")) {
    if (golden.at("metric") != name) continue;
    ++cases;
    SCOPED_TRACE(golden.at("options").dump() + ", references: " + golden.at("references").dump());
    const std::vector<Lines> references = golden_references(golden.at("references").get<std::size_t>());
    MetricOptions options = options_of(golden.at("options"));
    const MetricScore score = corpus_score(*make_metric(name, options), hypotheses, references);
    EXPECT_NEAR(score.value, golden.at("score").get<double>(), 1e-9);
    EXPECT_EQ(score.name, golden.at("name").get<std::string>());
    EXPECT_EQ(score.details, golden.at("details").get<std::string>());
    EXPECT_EQ(score.signature.substr(0, score.signature.rfind("|version:")), golden.at("signature").get<std::string>());

    options.bleu.effective_order = true;
    const std::unique_ptr<Metric> by_sentence = make_metric(name, options);
    for (std::size_t i = 0; i < hypotheses.size(); ++i) {
      Lines sentence;
      for (const Lines& stream : references) sentence.push_back(stream[i]);
      EXPECT_NEAR(sentence_score(*by_sentence, hypotheses[i], sentence).value,
                  golden.at("sentences").at(i).get<double>(), 1e-8)
          << hypotheses[i];
    }
  }
  EXPECT_GE(cases, 20);
}

}  // namespace dragoman::testing
