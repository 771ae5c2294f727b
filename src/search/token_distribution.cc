#include "search/token_distribution.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace dragoman {

namespace {

constexpr std::size_t block = 64;
constexpr float lowest = -std::numeric_limits<float>::infinity();

// Four lanes in the compiler's vector types, which all processors have and no flag needs to allow.
using Floats = float __attribute__((vector_size(16)));
using Ints = std::int32_t __attribute__((vector_size(16)));

Floats load(const float* x) {
  Floats value;
  std::memcpy(&value, x, sizeof value);
  return value;
}

Floats broadcast(float x) { return Floats{x, x, x, x}; }

/// Replaces a block of x by exp((x - shift) * scale), where that exponent is not above 0; by 0 where it is below
/// -87 or NaN. Relative error 3e-7.
void exponentials(float* x, float shift, float scale) {
  const Floats lowest_exponent = broadcast(-87);
  for (std::size_t i = 0; i < block; i += 4) {
    const Floats exponent = (load(x + i) - shift) * scale;
    const Ints normal = exponent > lowest_exponent;
    const Floats safe = normal ? exponent : lowest_exponent;
    // e^s = 2^n e^r with n = s / ln 2 rounded, so that |r| <= ln 2 / 2 = 0.35, where 7 terms of the series suffice.
    const Ints n = __builtin_convertvector(safe * 1.44269504f - 0.5f, Ints);
    const Floats whole = __builtin_convertvector(n, Floats);
    const Floats r = (safe - whole * 0.693359375f) + whole * 2.12194440e-4f;  // ln 2 in two parts
    Floats series = broadcast(1 / 720.0f);
    for (const float factor : {1 / 120.0f, 1 / 24.0f, 1 / 6.0f, 0.5f, 1.0f, 1.0f}) series = series * r + factor;
    const Floats power = Floats((n + 127) << 23);
    const Floats result = Floats(Ints(series * power) & normal);
    std::memcpy(x + i, &result, sizeof result);
  }
}

float highest_of(const float* x) {
  Floats highest = broadcast(lowest);
  for (std::size_t i = 0; i < block; i += 4) {
    const Floats here = load(x + i);
    highest = here > highest ? here : highest;  // passes over NaN
  }
  return std::max(std::max(highest[0], highest[1]), std::max(highest[2], highest[3]));
}

double sum_of(const float* x) {
  Floats sums = {};
  for (std::size_t i = 0; i < block; i += 4) sums += load(x + i);
  return double(sums[0] + sums[1]) + double(sums[2] + sums[3]);
}

/// The bin of a weight from 0 to 1 in a histogram: its exponent and three bits more, eight bins to an octave.
std::size_t bin_of(float weight) { return std::bit_cast<std::uint32_t>(weight) >> 20; }
constexpr std::size_t bin_count = (0x3f800000u >> 20) + 1;

}  // namespace

bool TokenDistribution::set(const ScoreRow& row, const TokenRules& rules, TokenId end, const Sampling& sampling) {
  const std::size_t vocabulary = std::size_t(rules.vocabulary_size());
  weights_.resize((vocabulary + block - 1) / block * block);
  if (row.tokens.empty()) {
    std::copy(row.scores.begin(), row.scores.end(), weights_.begin());
    std::fill(weights_.begin() + std::ptrdiff_t(vocabulary), weights_.end(), lowest);
  } else {
    std::fill(weights_.begin(), weights_.end(), lowest);
    for (std::size_t i = 0; i < row.tokens.size(); ++i) weights_[std::size_t(row.tokens[i])] = row.scores[i];
  }
  for (const TokenId token : rules.ruled()) weights_[std::size_t(token)] = lowest;
  for (const auto& token : rules.adjusted()) weights_[std::size_t(token.token)] = float(token.score);
  if (end >= 0) weights_[std::size_t(end)] = row.of(end);

  float highest = lowest;
  for (std::size_t i = 0; i < weights_.size(); i += block) {
    highest = std::max(highest, highest_of(&weights_[i]));
  }
  if (!(highest > lowest)) return false;
  const bool all = sampling.method == Sampling::Method::full;
  const float scale = all ? float(1 / sampling.temperature) : 1.0f;
  for (std::size_t i = 0; i < weights_.size(); i += block) exponentials(&weights_[i], highest, scale);
  if (!all) {
    if (sampling.method == Sampling::Method::epsilon) {
      sum_blocks();
      zero_below(std::min(1.0f, float(sampling.threshold * cumulated_.back())));
    } else {
      keep_largest(sampling);
    }
    if (sampling.temperature != 1) {
      const float power = float(1 / sampling.temperature);
      for (float& weight : weights_) {
        if (weight > 0) weight = std::pow(weight, power);
      }
    }
  }
  sum_blocks();
  return true;
}

void TokenDistribution::sum_blocks() {
  cumulated_.clear();
  double sum = 0;
  for (std::size_t i = 0; i < weights_.size(); i += block) {
    sum += sum_of(&weights_[i]);
    cumulated_.push_back(sum);
  }
}

void TokenDistribution::zero_below(float least) {
  for (std::size_t i = 0; i < weights_.size(); i += block) {
    for (std::size_t j = i; j < i + block; ++j) weights_[j] = weights_[j] >= least ? weights_[j] : 0.0f;
  }
}

/// Zeroes all but the largest weights: `size` of them, or those before which there is no more than the threshold's
/// share of the mass. Of equal weights the lower token is the larger.
void TokenDistribution::keep_largest(const Sampling& sampling) {
  bins_.assign(bin_count, {.count = 0, .mass = 0});
  double total = 0;
  for (const float weight : weights_) {
    Bin& bin = bins_[std::min(bin_of(weight), bin_count - 1)];  // rounding can make the highest exceed 1
    ++bin.count;
    bin.mass += weight;
    total += weight;
  }
  const bool by_count = sampling.method == Sampling::Method::topk;
  const double wanted = by_count ? sampling.size : sampling.threshold * total;
  const auto amount = [&](const Bin& bin) { return by_count ? double(bin.count) : bin.mass; };
  // For top-k the bin where the count reaches `size`; for a nucleus the one where the mass exceeds the threshold.
  std::size_t last = bin_count - 1;
  double before = 0;
  while (last > 0 && before + amount(bins_[last]) <= (by_count ? wanted - 1 : wanted)) before += amount(bins_[last--]);

  cut_.clear();
  const float least = std::bit_cast<float>(std::uint32_t(last) << 20);
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] < least) {
      weights_[i] = 0;
    } else if (std::min(bin_of(weights_[i]), bin_count - 1) == last && weights_[i] > 0) {
      cut_.push_back({weights_[i], TokenId(i)});
    }
  }
  std::sort(cut_.begin(), cut_.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  for (const auto& [weight, token] : cut_) {
    if (by_count ? before >= wanted : before > wanted) weights_[std::size_t(token)] = 0;
    before += by_count ? 1 : weight;
  }
}

TokenId TokenDistribution::draw(Random& random) const {
  double point = random.uniform() * cumulated_.back();
  const auto place = std::upper_bound(cumulated_.begin(), cumulated_.end(), point);
  assert(place != cumulated_.end());
  if (place != cumulated_.begin()) point -= *(place - 1);
  const std::size_t start = std::size_t(place - cumulated_.begin()) * block;
  std::size_t token = start;
  for (std::size_t i = start; i < start + block; ++i) {
    if (weights_[i] == 0) continue;
    token = i;  // the last one if rounding leaves a rest
    point -= weights_[i];
    if (point < 0) break;
  }
  return TokenId(token);
}

std::vector<std::pair<TokenId, double>> TokenDistribution::probabilities() const {
  std::vector<std::pair<TokenId, double>> result;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] > 0) result.push_back({TokenId(i), weights_[i] / cumulated_.back()});
  }
  return result;
}

}  // namespace dragoman
