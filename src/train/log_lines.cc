#include "train/log_lines.h"

#include <cmath>

#include "base/error.h"

namespace dragoman {

void Tally::add(double update_cost, std::uint64_t update_tokens, std::uint64_t update_sentences, double norm,
                double update_seconds) {
  cost += update_cost;
  tokens += update_tokens;
  sentences += update_sentences;
  updates += 1;
  gradient_norm += norm;
  seconds += update_seconds;
}

void Tally::save(SavedFields& fields) const {
  fields.set_number("tally.cost", cost);
  fields.set_integer("tally.tokens", tokens);
  fields.set_integer("tally.sentences", sentences);
  fields.set_integer("tally.updates", updates);
  fields.set_number("tally.gradient-norm", gradient_norm);
  fields.set_number("tally.seconds", seconds);
}

void Tally::restore(const SavedFields& fields) {
  cost = fields.number("tally.cost");
  tokens = fields.integer("tally.tokens");
  sentences = fields.integer("tally.sentences");
  updates = fields.integer("tally.updates");
  gradient_norm = fields.number("tally.gradient-norm");
  seconds = fields.number("tally.seconds");
}

double displayed_cost(const Tally& tally, const std::string& cost_type, bool label_counts) {
  const auto per = [&](std::uint64_t count) { return count > 0 ? tally.cost / double(count) : 0; };
  if (cost_type == "ce-mean" || cost_type == "cross-entropy") return per(tally.sentences);
  if (cost_type == "ce-mean-words") return per(tally.tokens);
  if (cost_type == "ce-sum") return label_counts ? per(tally.tokens) : per(tally.updates);
  require(cost_type == "perplexity", "cost-type: '{}', expected ce-mean, ce-mean-words, ce-sum or perplexity",
          cost_type);
  return std::exp(per(tally.tokens));
}

std::string train_line(const Progress& progress, const Tally& tally, const TrainLine& line) {
  std::string text =
      fmt::format("Ep. {} : Up. {} : Sen. {} : Cost {:.8f}", epoch_text(progress, line.logical_epoch), progress.updates,
                  with_commas(progress.sentences), displayed_cost(tally, line.cost_type, line.label_counts));
  if (line.label_counts) {
    text += " * " + with_commas(tally.tokens);
    if (line.batch_tokens > 0) text += " @ " + with_commas(line.batch_tokens);
    text += " after " + with_commas(progress.tokens);
  }
  text += fmt::format(" : Time {:.2f}s : {:.2f} words/s : gNorm {:.4f}", tally.seconds, tally.words_per_second(),
                      tally.mean_norm());
  if (line.show_rate) text += fmt::format(" : L.r. {:.4e}", line.learning_rate);
  return text;
}

std::string valid_line(const Progress& progress, const std::string& metric, double value, const Verdict& verdict,
                       const Period& logical_epoch) {
  std::string text = fmt::format("[valid] Ep. {} : Up. {} : {} : {:g} : ", epoch_text(progress, logical_epoch),
                                 progress.updates, metric, value);
  if (verdict.is_best) return text + "new best";
  return text + fmt::format("stalled {} times (last best: {:g})", verdict.stalled, verdict.best);
}

std::string epoch_text(const Progress& progress, const Period& logical_epoch) {
  if (logical_epoch.count <= 0 || logical_epoch == Period{1, Period::Unit::epochs}) {
    return std::to_string(progress.epoch);
  }
  return fmt::format("{:.3f}", progress.in(logical_epoch.unit) / logical_epoch.count);
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (int place = int(text.size()) - 3; place > 0; place -= 3) text.insert(std::size_t(place), ",");
  return text;
}

}  // namespace dragoman
