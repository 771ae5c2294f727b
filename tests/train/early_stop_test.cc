#include "train/early_stop.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dragoman/error.h"

namespace dragoman {
namespace {

TEST(EarlyStop, KnowsWhichMetricsAreBetterWhenHigher) {
  for (const char* metric : {"bleu", "chrf", "translation", "valid-script"}) EXPECT_TRUE(higher_is_better(metric));
  for (const char* metric : {"cross-entropy", "ce-mean-words", "perplexity"}) EXPECT_FALSE(higher_is_better(metric));
}

TEST(EarlyStop, OnlyStrictImprovementIsANewBest) {
  EarlyStop stop({"bleu", "perplexity"}, 10, StopOn::first);
  EXPECT_TRUE(stop.report("bleu", 20).is_best);
  const Verdict equal = stop.report("bleu", 20);
  EXPECT_FALSE(equal.is_best);
  EXPECT_EQ(equal.stalled, 1u);
  EXPECT_EQ(equal.best, 20);
  EXPECT_EQ(stop.report("bleu", 19).stalled, 2u);
  const Verdict better = stop.report("bleu", 21);
  EXPECT_TRUE(better.is_best);
  EXPECT_EQ(better.stalled, 0u);
  EXPECT_EQ(better.best, 21);
  EXPECT_TRUE(stop.report("perplexity", 9).is_best);
  EXPECT_FALSE(stop.report("perplexity", 10).is_best);
  EXPECT_TRUE(stop.report("perplexity", 8).is_best);
}

TEST(EarlyStop, AZeroIsABestLikeAnyOther) {
  EarlyStop stop({"bleu"}, 2, StopOn::first);
  EXPECT_TRUE(stop.report("bleu", 0).is_best);
  EXPECT_FALSE(stop.report("bleu", 0).is_best);
}

TEST(EarlyStop, WhatIsNotANumberStalls) {
  EarlyStop stop({"perplexity"}, 2, StopOn::first);
  const Verdict verdict = stop.report("perplexity", std::nan(""));
  EXPECT_FALSE(verdict.is_best);
  EXPECT_TRUE(std::isnan(verdict.best));
  EXPECT_TRUE(stop.report("perplexity", 100).is_best);
  stop.report("perplexity", std::nan(""));
  stop.report("perplexity", std::nan(""));
  EXPECT_TRUE(stop.should_stop());
}

TEST(EarlyStop, StopsOnTheFirstAllOrAnyMetric) {
  const auto stops = [](StopOn on, int first_stalls, int second_stalls) {
    EarlyStop stop({"bleu", "chrf"}, 2, on);
    stop.report("bleu", 1);
    stop.report("chrf", 1);
    for (int i = 0; i < first_stalls; ++i) stop.report("bleu", 0);
    for (int i = 0; i < second_stalls; ++i) stop.report("chrf", 0);
    return stop.should_stop();
  };
  EXPECT_TRUE(stops(StopOn::first, 2, 0));
  EXPECT_FALSE(stops(StopOn::first, 1, 5));
  EXPECT_FALSE(stops(StopOn::all, 2, 1));
  EXPECT_TRUE(stops(StopOn::all, 2, 3));
  EXPECT_TRUE(stops(StopOn::any, 0, 2));
  EXPECT_FALSE(stops(StopOn::any, 1, 1));
}

TEST(EarlyStop, PatienceOfZeroAndNoMetricsNeverStop) {
  EarlyStop patient({"bleu"}, 0, StopOn::all);
  for (int i = 0; i < 100; ++i) patient.report("bleu", 1);
  EXPECT_FALSE(patient.should_stop());
  EXPECT_FALSE(EarlyStop({}, 1, StopOn::all).should_stop());
}

TEST(EarlyStop, ResettingForgetsTheCountAndKeepsTheBest) {
  EarlyStop stop({"bleu"}, 2, StopOn::first);
  stop.report("bleu", 30);
  stop.report("bleu", 1);
  stop.report("bleu", 1);
  EXPECT_TRUE(stop.should_stop());
  stop.reset_stalled();
  EXPECT_FALSE(stop.should_stop());
  EXPECT_EQ(stop.report("bleu", 2).best, 30);
}

TEST(EarlyStop, ARestoredOneGoesOnAsIfNothingHadHappened) {
  EarlyStop one({"bleu", "perplexity"}, 3, StopOn::all);
  one.report("bleu", 1.0 / 3);
  one.report("bleu", 0.1);
  SavedFields fields;
  one.save(fields);
  EarlyStop other({"bleu", "perplexity", "chrf"}, 3, StopOn::all);
  other.restore(fields);
  EXPECT_EQ(other.stalled("bleu"), 1u);
  EXPECT_EQ(other.report("bleu", 1.0 / 3).stalled, 2u);
  EXPECT_TRUE(other.report("perplexity", 1e9).is_best);
  EXPECT_TRUE(other.report("chrf", 0).is_best);
}

TEST(EarlyStop, TheStrategyIsParsed) {
  EXPECT_EQ(parse_stop_on("first"), StopOn::first);
  EXPECT_EQ(parse_stop_on("all"), StopOn::all);
  EXPECT_EQ(parse_stop_on("any"), StopOn::any);
  EXPECT_THROW(parse_stop_on("some"), Error);
}

}  // namespace
}  // namespace dragoman
