#pragma once
// Models that are loaded when they are needed, and given up when others are.

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "markup/mask_form.h"
#include "service/catalogue.h"
#include "service/token_texts.h"
#include "translate/model_set.h"

namespace dragoman {

/// A model in use. Immutable, shared by all threads.
struct ServedModel {
  explicit ServedModel(ModelSet loaded) : set(std::move(loaded)) {}

  int number = 0;  ///< in the catalogue
  std::string source_language, target_language;
  ModelSet set;
  std::size_t longest_part = 0;           ///< most source tokens, without </s>, that are translated in one piece
  std::vector<MaskForm> mask_forms = {};  ///< masks that it copies, best first
  long batch_tokens = 0;                  ///< source tokens that are best translated together

  const Seq2Seq& model() const { return *set.models.front().model; }

  /// Of the target vocabulary; made when it is first asked for.
  const TokenTexts& texts() const {
    std::call_once(texts_once, [this] { texts_when_needed = std::make_unique<const TokenTexts>(set.target); });
    return *texts_when_needed;
  }
  mutable std::once_flag texts_once = {};
  mutable std::unique_ptr<const TokenTexts> texts_when_needed = {};
};

/// Loads in a thread of its own, one model after the other. At most `most_loaded` are kept here; those given up live on
/// as long as somebody works with them.
class ModelStore {
 public:
  /// Both are called in the store's thread, or in the caller's if the model is there already. `error` is for people;
  /// empty: the model is there.
  struct Waiting {
    std::function<void(std::shared_ptr<const ServedModel> model, const std::string& error)> ready;
    std::function<void(double share)> progress;
  };

  ModelStore(const std::vector<CatalogueEntry>& catalogue, int most_loaded);
  ~ModelStore();  ///< those who still wait are not called any more

  void get(int number, Waiting waiting);
  int loaded() const;

 private:
  struct Slot {
    std::shared_ptr<const ServedModel> kept;
    std::weak_ptr<const ServedModel> in_use;  ///< perhaps given up, but not gone
    std::vector<Waiting> waiting;
  };

  void run(const std::stop_token& stop);
  void load(int number);
  void keep(int number, std::shared_ptr<const ServedModel> model);

  const std::vector<CatalogueEntry>& catalogue_;
  const int most_loaded_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Slot> slots_;
  std::list<int> used_;  ///< the kept ones, used last first
  std::deque<int> wanted_;
  std::jthread thread_;
};

}  // namespace dragoman
