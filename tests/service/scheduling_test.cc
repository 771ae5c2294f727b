#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "service/sentence_queue.h"
#include "service/service_support.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = RequestError::Kind;

/// Holds the only worker of a service inside a call until it is let go.
class Gate {
 public:
  void hold() {
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void wait_until_reached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return reached_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false, open_ = false;
};

/// A request that holds the worker at its first partial result.
struct Holder {
  Gate gate;
  Outcome<TranslationAnswer> outcome;
  Ticket ticket;

  void begin(Service& service, TranslationRequest request) {
    TranslationHandler handler;
    outcome.listen(handler);
    handler.partial = [this, first = true](const PartialSentence&) mutable {
      if (first) gate.hold();
      first = false;
    };
    ticket = service.begin(std::move(request), handler);
    gate.wait_until_reached();
  }
};

std::shared_ptr<const ServedModel> toy_served() {
  auto served = std::make_shared<ServedModel>(toy_models());
  served->batch_tokens = 4096;
  return served;
}

struct NoRequest : TicketState {
  explicit NoRequest(Priority priority = Priority::interactive) : TicketState({.priority = priority}, {}) {}
};

SentenceJob job(const std::shared_ptr<TicketState>& request, const std::shared_ptr<const ServedModel>& model,
                int length, int beam = 1) {
  return {.request = request, .model = model, .source = std::vector<int>(std::size_t(length), 5), .beam_size = beam};
}

std::vector<int> lengths(const std::vector<SentenceJob>& jobs) {
  std::vector<int> result;
  for (const SentenceJob& j : jobs) result.push_back(int(j.source.size()));
  std::sort(result.begin(), result.end());
  return result;
}

TEST(SentenceQueue, PutsSentencesOfLikeLengthTogether) {
  const auto model = toy_served();
  const auto request = std::make_shared<NoRequest>();
  SentenceQueue queue;
  for (const int length : {10, 50, 11, 30, 9, 52, 31}) queue.add(job(request, model, length));
  EXPECT_THAT(lengths(queue.take({.sentences = 3, .tokens = 1000})), ElementsAre(9, 10, 11));
  EXPECT_THAT(lengths(queue.take({.sentences = 3, .tokens = 103})), ElementsAre(50, 52)) << "not more tokens than 103";
  EXPECT_THAT(lengths(queue.take({.sentences = 3, .tokens = 5})), ElementsAre(30)) << "but always one";
  EXPECT_THAT(lengths(queue.take({.sentences = 3, .tokens = 1000})), ElementsAre(31));
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.take({.sentences = 3, .tokens = 1000}).empty());
}

TEST(SentenceQueue, ASentenceOfUnusualLengthDoesNotWaitUntilItIsTheOldest) {
  const auto model = toy_served();
  const auto batches_until_it_is_taken = [&](int choice) {
    constexpr int unusual = 200;
    SentenceQueue queue;
    int added = 0;
    const auto add = [&](int length) {
      queue.add(job(std::make_shared<NoRequest>(), model, length));
      ++added;
    };
    while (added < 40) add(10 + added * 7 % 50);
    add(unusual);
    for (int batches = 1;; ++batches) {
      while (queue.size() < 80) add(10 + added * 7 % 50);
      for (const int length : lengths(queue.take({.sentences = 4, .tokens = 1000, .choice = choice}))) {
        if (length == unusual) return batches;
      }
    }
  };
  EXPECT_LE(batches_until_it_is_taken(8), 14);
  EXPECT_GT(batches_until_it_is_taken(1000), 20);
}

TEST(SentenceQueue, MixesNoOptions) {
  const auto model = toy_served(), other = toy_served();
  const auto request = std::make_shared<NoRequest>();
  SentenceQueue queue;
  queue.add(job(request, model, 10));
  queue.add(job(request, model, 10, 4));
  queue.add(job(request, other, 10));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.take({.sentences = 10, .tokens = 1000}).size(), 1u);
}

TEST(SentenceQueue, AShortRequestDoesNotWaitForAllOfALongOne) {
  const auto model = toy_served();
  const auto longer = std::make_shared<NoRequest>(), shorter = std::make_shared<NoRequest>();
  SentenceQueue queue;
  for (int i = 0; i < 100; ++i) queue.add(job(longer, model, 10));
  queue.take({.sentences = 4, .tokens = 1000});
  queue.take({.sentences = 4, .tokens = 1000});
  queue.add(job(shorter, model, 90));
  const auto next = queue.take({.sentences = 4, .tokens = 1000});
  const auto after = queue.take({.sentences = 4, .tokens = 1000});
  EXPECT_TRUE(next.front().request == shorter || after.front().request == shorter);
}

TEST(SentenceQueue, ALongRequestEndsThoughShortOnesKeepComing) {
  const auto model = toy_served();
  const auto longer = std::make_shared<NoRequest>();
  SentenceQueue queue;
  for (int i = 0; i < 10; ++i) queue.add(job(longer, model, 10));
  int batches = 0;
  for (int taken = 0; taken < 10; ++batches) {
    ASSERT_LT(batches, 200);
    while (queue.size() < 50) queue.add(job(std::make_shared<NoRequest>(), model, 10));
    for (const SentenceJob& j : queue.take({.sentences = 4, .tokens = 1000})) taken += j.request == longer ? 1 : 0;
  }
  EXPECT_GT(batches, 20) << "but each of those waits for its share only";
}

TEST(SentenceQueue, DropsWhatNobodyWants) {
  const auto model = toy_served();
  const auto one = std::make_shared<NoRequest>(), two = std::make_shared<NoRequest>();
  SentenceQueue queue;
  for (int i = 0; i < 5; ++i) queue.add(job(i % 2 == 0 ? one : two, model, 10 + i));
  queue.drop(*one);
  EXPECT_EQ(queue.size(), 2u);
  two->cancel();
  EXPECT_TRUE(queue.take({.sentences = 10, .tokens = 1000}).empty());
  EXPECT_TRUE(queue.empty());
}

TEST(Service, InteractiveRequestsGoBetweenTheStepsOfBulkOnes) {
  ToyService toy(1);
  Service service(toy.options);
  Outcome<TranslationAnswer> bulk, quick;
  std::atomic<bool> quick_is_done = false, quick_was_first = false;
  Gate gate;
  TranslationHandler handler;
  bulk.listen(handler);
  handler.partial = [&, first = true](const PartialSentence&) mutable {
    if (first) gate.hold();
    first = false;
  };
  handler.sentence = [&](const SentenceTranslation&) { quick_was_first = quick_is_done.load(); };
  service.begin(toy_request({"the small green dog sleeping under the old tree"}, Priority::bulk), handler);
  gate.wait_until_reached();
  TranslationHandler other;
  quick.listen(other);
  other.sentence = [&](const SentenceTranslation&) { quick_is_done = true; };
  service.begin(toy_request({"water"}), other);
  gate.open();
  quick.wait();
  bulk.wait();
  EXPECT_TRUE(quick_was_first) << "the only worker translated a bulk sentence when the interactive one came";
  EXPECT_FALSE(quick.failed() || bulk.failed());
}

TEST(Service, BulkRequestsEndThoughInteractiveOnesKeepComing) {
  ToyService toy(1);
  toy.options.cache_bytes = 0;
  Service service(toy.options);
  std::atomic<bool> bulk_is_done = false;
  std::atomic<int> running = 0;
  // As soon as one ends the next two begin, at most sixteen at a time: there is always interactive work.
  std::function<void()> more = [&] {
    if (bulk_is_done || running > 16) return;
    ++running;
    TranslationHandler handler;
    handler.done = [&](const TranslationAnswer&) {
      more();
      more();
      --running;
    };
    handler.failed = [&](const RequestError&) { --running; };
    service.begin(toy_request({"the dog"}), handler);
  };
  for (int i = 0; i < 4; ++i) more();
  std::string text;
  for (const std::string& line : toy_lines(50)) text += line + "\n";
  service.translate(toy_request({text}, Priority::bulk));
  bulk_is_done = true;
  service.drain();
  EXPECT_EQ(running, 0);
}

TEST(Service, CancelledRequestsFailAndTheOthersOfTheirBatchGoOn) {
  ToyService toy(1);
  toy.options.search.min_length = 30;
  toy.options.search.max_length_factor = 20;
  Service service(toy.options);
  Holder holder;
  holder.begin(service, toy_request({"the old house"}));
  // These wait, and come into one batch.
  std::deque<Outcome<TranslationAnswer>> outcomes(4);
  std::vector<Ticket> tickets;
  std::atomic<int> steps_after_cancelling = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    TranslationHandler handler;
    outcomes[i].listen(handler);
    if (i == 1) {
      handler.partial = [&](const PartialSentence& partial) {
        if (partial.pieces.size() >= 3) tickets[1].cancel();
        if (partial.pieces.size() > 8) ++steps_after_cancelling;
      };
    }
    tickets.push_back(service.begin(toy_request({"the old dog sleeping " + std::string(i, 's')}), handler));
  }
  holder.gate.open();
  for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].failed(), i == 1);
  EXPECT_EQ(outcomes[1].error().kind, Kind::cancelled);
  EXPECT_EQ(steps_after_cancelling, 0);
  for (const Ticket& ticket : tickets) ticket.cancel();  // too late, harmless
  service.drain();
  EXPECT_EQ(service.statistics().cancelled, 1);
  EXPECT_EQ(service.statistics().queued_tokens, 0u);
}

TEST(Service, RequestsFailAtTheirDeadline) {
  ToyService toy(1);
  Service service(toy.options);
  Holder holder;
  holder.begin(service, toy_request({"the old house"}));
  Outcome<TranslationAnswer> late, in_time;
  TranslationHandler handler;
  late.listen(handler);
  auto request = toy_request({"the dog"});
  request.options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  service.begin(request, handler);
  EXPECT_EQ(late.error().kind, Kind::deadline) << "though the only worker is held";
  in_time.listen(handler);
  request.options.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  service.begin(request, handler);
  holder.gate.open();
  EXPECT_FALSE(in_time.failed());
  service.drain();
  EXPECT_EQ(service.statistics().expired, 1);
}

TEST(Service, RefusesWhatWouldNotBeDoneInTime) {
  ToyService toy(1);
  Service service(toy.options);
  std::string text;
  for (const std::string& line : toy_lines(20)) text += line + "\n";
  service.translate(toy_request({text}));  // now it knows how fast it is
  Holder holder;
  holder.begin(service, toy_request({"the small green tree walks"}));
  std::vector<Outcome<TranslationAnswer>> waiting(200);
  for (auto& outcome : waiting) {
    TranslationHandler handler;
    outcome.listen(handler);
    service.begin(toy_request({text}), std::move(handler));
  }
  auto request = toy_request({text});
  RequestError refused{.kind = Kind::deadline};
  for (int i = 0; i < 100 && refused.kind == Kind::deadline; ++i) {  // again if it is over before it is asked
    request.options.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    refused = error_of_request([&] { service.translate(request); });
  }
  EXPECT_EQ(refused.kind, Kind::overloaded);
  EXPECT_GT(refused.retry_after.count(), 0);
  request.options.deadline = std::chrono::steady_clock::now() + std::chrono::hours(10);
  Outcome<TranslationAnswer> patient;
  TranslationHandler handler;
  patient.listen(handler);
  service.begin(request, std::move(handler));
  holder.gate.open();
  EXPECT_FALSE(patient.failed());
  for (auto& outcome : waiting) EXPECT_FALSE(outcome.failed());
}

TEST(Service, RefusesMoreThanItsQueueHolds) {
  ToyService toy(1);
  toy.options.most_queued_tokens = 20;
  Service service(toy.options);
  const auto too_long = error_of_request([&] { service.translate(toy_request({std::string(200, 'a')})); });
  EXPECT_EQ(too_long.kind, Kind::bad_request);
  Holder holder;
  holder.begin(service, toy_request({"the small green tree walks"}));
  const auto refused = error_of_request([&] { service.translate(toy_request({std::string(70, 'a')})); });
  EXPECT_EQ(refused.kind, Kind::overloaded);
  EXPECT_GT(refused.retry_after.count(), 0);
  holder.gate.open();
  EXPECT_FALSE(holder.outcome.failed());
  while (service.statistics().queued_tokens > 0) std::this_thread::yield();
  EXPECT_FALSE(service.translate(toy_request({std::string(70, 'a')})).translations.empty());
  EXPECT_EQ(service.statistics().rejected, 2);
}

TEST(Service, LoadsModelsWhenNeededAndGivesUpThoseNotUsed) {
  Folder folder;
  ServiceOptions options;
  options.search = toy_search();
  options.most_loaded_models = 2;
  for (int i = 0; i < 4; ++i) {
    options.models.push_back(toy_service_model(folder, "aa", std::string(2, char('b' + i)), std::uint64_t(i + 1)));
  }
  Service service(options);
  EXPECT_EQ(service.statistics().loaded_models, 0);
  int loads = 0;
  const auto translate = [&](const std::string& target) {
    Outcome<TranslationAnswer> outcome;
    TranslationHandler handler;
    outcome.listen(handler);
    std::vector<double> shares;
    handler.loading = [&](double share) { shares.push_back(share); };
    auto request = toy_request({"the dog"});
    request.target = target;
    service.begin(request, handler);
    EXPECT_FALSE(outcome.failed());
    EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
    if (shares.empty()) return;
    ++loads;
    EXPECT_EQ(shares.front(), 0);
    EXPECT_EQ(shares.back(), 1);
  };
  for (const char* target : {"bb", "cc", "bb", "dd", "bb", "cc"}) translate(target);
  EXPECT_EQ(loads, 4) << "bb, cc, dd, and cc again, which was given up for dd";
  EXPECT_EQ(service.statistics().loaded_models, 2);
}

TEST(Service, ManyRequestsForAModelLoadItOnce) {
  ToyService toy(2);
  Service service(toy.options);
  std::deque<Outcome<TranslationAnswer>> outcomes(10);
  for (auto& outcome : outcomes) {
    TranslationHandler handler;
    outcome.listen(handler);
    service.begin(toy_request({"the dog"}), handler);
  }
  for (auto& outcome : outcomes) EXPECT_FALSE(outcome.failed());
  EXPECT_EQ(service.statistics().loaded_models, 1);
}

TEST(Service, TellsOfModelsThatCannotBe) {
  Folder folder;
  EXPECT_THAT(error_of([&] { Service({.models = {{.path = folder / "none"}}}); }), HasSubstr("none: no such model"));
  EXPECT_THAT(error_of([&] { Service(ServiceOptions{}); }), HasSubstr("models: expected at least one"));
  const std::string unnamed = save_toy_model(folder, "model");
  EXPECT_THAT(error_of([&] { Service({.models = {{.path = unnamed}}}); }), HasSubstr("it does not say its languages"));
  // What is found only when it is loaded fails the request.
  ToyService toy;
  toy.folder.file("aa-bb-1/model.safetensors", "nothing");
  Service service(toy.options);
  const auto error = error_of_request([&] { service.translate(toy_request({"the"})); });
  EXPECT_EQ(error.kind, Kind::failed);
  EXPECT_THAT(error.message, HasSubstr("model.safetensors"));
}

TEST(Service, EndingItCancelsWhatIsUnderWay) {
  ToyService toy(1);
  toy.options.search.min_length = 400;
  toy.options.search.max_length_factor = 1000;
  std::deque<Outcome<TranslationAnswer>> outcomes(20);
  Outcome<CompletionAnswer> completion;
  Ticket ticket;
  {
    Service service(toy.options);
    for (auto& outcome : outcomes) {
      TranslationHandler handler;
      outcome.listen(handler);
      ticket = service.begin(toy_request({"the dog walks"}), handler);
    }
    Handler<CompletionAnswer> handler;
    completion.listen(handler);
    service.begin(CompletionRequest{.text = "the dog", .prefix = "d", .source = "aa", .target = "bb"}, handler);
  }
  for (auto& outcome : outcomes) outcome.wait();
  completion.wait();
  ticket.cancel();  // its service is gone
}

TEST(Service, DrainsAndAcceptsNoMore) {
  ToyService toy;
  Service service(toy.options);
  std::deque<Outcome<TranslationAnswer>> outcomes(10);
  std::atomic<int> done = 0;
  for (auto& outcome : outcomes) {
    TranslationHandler handler;
    outcome.listen(handler);
    handler.done = [&, old = handler.done](TranslationAnswer answer) {
      ++done;
      old(std::move(answer));
    };
    service.begin(toy_request({"the dog walks under the tree"}, Priority::bulk), handler);
  }
  service.drain();
  EXPECT_EQ(done, 10);
  EXPECT_EQ(error_of_request([&] { service.translate(toy_request({"the"})); }).kind, Kind::overloaded);
}

TEST(Service, TellsAttentionAndScores) {
  ToyService toy;
  Service service(toy.options);
  const auto attention = service.attention({.text = "the dog walks", .source = "aa", .target = "bb"});
  EXPECT_EQ(attention.rows, int(attention.target_pieces.size()));
  EXPECT_EQ(attention.columns, int(attention.source_pieces.size()));
  EXPECT_EQ(attention.source_pieces.back(), "</s>");
  EXPECT_EQ(attention.layers, 2);
  EXPECT_EQ(attention.heads, 2);
  EXPECT_EQ(attention.layer, 1);
  for (int row = 0; row < attention.rows; ++row) {
    double sum = 0;
    for (int i = 0; i < attention.columns; ++i) sum += attention.weights[std::size_t(row * attention.columns + i)];
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  const auto score = service.score({.text = "the dog", .translation = "der Hund ü", .source = "aa", .target = "bb"});
  EXPECT_EQ(whole(score.pieces), "der Hund ü");
  EXPECT_EQ(score.token_log_probabilities.size(), score.pieces.size() + 1);
  double sum = 0;
  for (const float log_probability : score.token_log_probabilities) sum += log_probability;
  EXPECT_NEAR(score.log_probability, sum, 1e-3);
  const AttentionRequest odd{.text = "the", .source = "aa", .target = "bb", .kind = "cross", .layer = 7};
  EXPECT_EQ(error_of_request([&] { service.attention(odd); }).kind, Kind::bad_request);
}

}  // namespace
}  // namespace dragoman
