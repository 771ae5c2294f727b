#include "service/model_store.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"
#include "ops/threads.h"
#include "translate/length_batches.h"
#include "translate/translator.h"

namespace dragoman {
namespace {

/// No sentence has more; what has is a list or no text at all, and models are bad at such lengths.
constexpr int longest_sentence_of_text = 256;

/// What the model's own vocabulary and translations say of masks.
std::vector<MaskForm> mask_forms_of(const ServedModel& served) {
  const Vocabulary& vocabulary = served.set.source;
  Translator translator(served.set,
                        {.search = {.beam_size = 1, .max_length_factor = 2}, .batching = {.cpu_threads = 1}});
  return choose_mask_forms(
      {.round_trip =
           [&](const std::string& text) {
             const std::vector<int> ids = vocabulary.encode(text);
             return std::find(ids.begin(), ids.end(), vocabulary.unk_id()) == ids.end() &&
                    vocabulary.decode(ids) == text;
           },
       .translate =
           [&](const std::string& text) {
             return translator.translate(std::vector<SourceLine>{{.text = text}})[0].candidates[0].text;
           }});
}

std::shared_ptr<const ServedModel> load_served(const CatalogueEntry& entry, int number,
                                               const std::function<void(double)>& progress) {
  ModelSetOptions settings = entry.settings;
  settings.progress = progress;
  auto served = std::make_shared<ServedModel>(load_models(std::vector<std::string>{entry.model}, settings));
  served->number = number;
  served->source_language = entry.source_language;
  served->target_language = entry.target_language;
  const int longest = served->set.longest_sentence();
  served->longest_part =
      std::size_t(longest > 0 ? std::min(longest - 1, longest_sentence_of_text) : longest_sentence_of_text);
  served->batch_tokens = tokens_of_batch(served->set.pointers());
  served->mask_forms = mask_forms_of(*served);
  return served;
}

}  // namespace

ModelStore::ModelStore(const std::vector<CatalogueEntry>& catalogue, int most_loaded)
    : catalogue_(catalogue), most_loaded_(std::max(1, most_loaded)), slots_(catalogue.size()) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

ModelStore::~ModelStore() {
  thread_.request_stop();
  thread_.join();
}

int ModelStore::loaded() const {
  const std::lock_guard lock(mutex_);
  return int(used_.size());
}

void ModelStore::get(int number, Waiting waiting) {
  std::shared_ptr<const ServedModel> model;
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[std::size_t(number)];
    model = slot.in_use.lock();
    if (model == nullptr) {
      slot.waiting.push_back(std::move(waiting));
      if (slot.waiting.size() == 1) wanted_.push_back(number);
      wake_.notify_one();
      return;
    }
    keep(number, model);
  }
  waiting.ready(model, "");
}

void ModelStore::run(const std::stop_token& stop) {
  use_one_thread_per_operation();
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, stop, [&] { return !wanted_.empty(); })) {
    const int number = wanted_.front();
    wanted_.pop_front();
    lock.unlock();
    load(number);
    lock.lock();
  }
}

void ModelStore::load(int number) {
  std::vector<Waiting> waiting;
  const auto tell = [&](double share) {
    {
      const std::lock_guard lock(mutex_);
      waiting = slots_[std::size_t(number)].waiting;
    }
    for (const Waiting& one : waiting) {
      if (one.progress) one.progress(share);
    }
  };
  const CatalogueEntry& entry = catalogue_[std::size_t(number)];
  std::shared_ptr<const ServedModel> model;
  std::string error;
  try {
    tell(0);
    model = load_served(entry, number, tell);
    log::info("Loaded {} ({} to {})", entry.path, entry.source_language, entry.target_language);
    tell(1);
  } catch (const std::exception& e) {
    error = e.what();
    log::error("Cannot load {}: {}", entry.path, error);
  }
  {
    const std::lock_guard lock(mutex_);
    waiting = std::exchange(slots_[std::size_t(number)].waiting, {});
    if (model != nullptr) keep(number, model);
  }
  for (const Waiting& one : waiting) one.ready(model, error);
}

void ModelStore::keep(int number, std::shared_ptr<const ServedModel> model) {
  used_.remove(number);
  used_.push_front(number);
  Slot& slot = slots_[std::size_t(number)];
  slot.in_use = model;
  slot.kept = std::move(model);
  while (int(used_.size()) > most_loaded_) {
    slots_[std::size_t(used_.back())].kept = nullptr;
    log::info("Gave up {}", catalogue_[std::size_t(used_.back())].path);
    used_.pop_back();
  }
}

}  // namespace dragoman
