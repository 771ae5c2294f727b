#pragma once
// What tests of the service need: services with small random models, and texts for them.

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "dragoman/service.h"
#include "translate/translate_support.h"

namespace dragoman::testing {

/// Settings under which random models say something.
inline SearchOptions toy_search(int beam_size = 1) {
  return {.beam_size = beam_size, .normalize = 1, .max_length_factor = 2, .min_length = 3};
}

/// Saves a random model of a language pair and describes it.
inline ServiceModel toy_service_model(const Folder& folder, const std::string& source, const std::string& target,
                                      std::uint64_t seed = 1, const ModelOptions& options = toy_options()) {
  const std::string name = source + "-" + target + "-" + std::to_string(seed);
  return {.path = save_toy_model(folder, name, seed, options), .source_language = source, .target_language = target};
}

/// A folder with a model from a to b, and options to serve it.
struct ToyService {
  Folder folder;
  ServiceOptions options;

  explicit ToyService(int threads = 2, const ModelOptions& model = toy_options()) {
    options.models = {toy_service_model(folder, "aa", "bb", 1, model)};
    options.threads = threads;
    options.search = toy_search();
  }
};

inline TranslationRequest toy_request(std::vector<std::string> texts, Priority priority = Priority::interactive) {
  return {.texts = std::move(texts), .source = "aa", .target = "bb", .options = {.priority = priority}};
}

/// What comes of a request, to be waited for.
template <class Answer>
class Outcome {
 public:
  /// Sets what every handler has.
  void listen(Handler<Answer>& handler) {
    handler.done = [this](Answer answer) {
      answer_ = std::move(answer);
      ends_.set_value();
    };
    handler.failed = [this](RequestError error) {
      error_ = std::move(error);
      ends_.set_value();
    };
  }
  void wait() { ended_.wait(); }
  const Answer& answer() {
    wait();
    EXPECT_FALSE(error_.has_value()) << error_->message;
    return answer_;
  }
  const RequestError& error() {
    wait();
    EXPECT_TRUE(error_.has_value());
    static const RequestError none;
    return error_ ? *error_ : none;
  }
  bool failed() {
    wait();
    return error_.has_value();
  }

 private:
  Answer answer_;
  std::optional<RequestError> error_;
  std::promise<void> ends_;
  std::shared_future<void> ended_ = ends_.get_future().share();
};

/// The kind of error that `action` throws as RequestError.
inline RequestError error_of_request(const std::function<void()>& action) {
  try {
    action();
  } catch (const RequestError& error) {
    return error;
  }
  ADD_FAILURE() << "no RequestError was thrown";
  return {};
}

inline std::string whole(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

/// The model that lies beside the project, or "" (then say that the test skips).
inline std::string tiny_model() {
  const std::string path = std::string(DRAGOMAN_SOURCE_DIR) + "/../shared/models/en-pt-tiny";
  return std::filesystem::exists(path) ? path : "";
}

}  // namespace dragoman::testing

#define DRAGOMAN_SKIP_WITHOUT_TINY_MODEL() \
  if (tiny_model().empty()) GTEST_SKIP() << "skipped: there is no ../shared/models/en-pt-tiny"
