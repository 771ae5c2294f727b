#pragma once
// Translation as a service inside a program: requests of many callers at once, gathered into batches, with priorities,
// deadlines and cancellation. The HTTP server and the interactive terminal are two of its callers.
//
//   dragoman::Service service({.models = {{.path = "models/en-pt"}}});
//   const auto answer = service.translate({.texts = {"Hello, world."}, .source = "en", .target = "pt"});
//   std::cout << answer.translations[0].text;

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/search_options.h"

namespace dragoman {

/// A model that a service may load: one language pair.
struct ServiceModel {
  std::string path = {};             ///< model directory, Marian model or Marian configuration (.yml)
  std::string source_language = {};  ///< BCP 47, such as "en" or "pt-BR"; empty: what the model says
  std::string target_language = {};
};

struct ServiceOptions {
  std::vector<ServiceModel> models = {};
  int threads = 0;                  ///< workers; 0: one per core. They share the models' weights
  std::string gemm_precision = {};  ///< as TranslateSettings
  SearchOptions search = {.beam_size = 1, .normalize = 1};  ///< unless a request says otherwise
  std::size_t most_queued_tokens = 200'000;  ///< source tokens that wait or are translated; beyond: Overloaded
  std::size_t cache_bytes = 64 << 20;        ///< of sentences translated lately, encoder states among them
  int most_loaded_models = 8;                ///< the one not used for longest is given up when another is needed
};

/// A language pair that can be translated.
struct TranslationDirection {
  std::string source, target;
  std::string pivot = {};  ///< the language between two models; empty: one model does it
};

enum class Priority { interactive, bulk };  ///< interactive work goes first; bulk is never starved
enum class TextFormat { text, html };

/// What all requests have.
struct RequestOptions {
  Priority priority = Priority::interactive;
  std::optional<std::chrono::steady_clock::time_point> deadline = {};  ///< afterwards: RequestError of kind deadline
  std::optional<int> beam_size = {};                                   ///< instead of the service's
  std::string id = {};                                                 ///< of the caller's, for logs
};

struct TranslationRequest {
  std::vector<std::string> texts = {};  ///< any number of lines and paragraphs each
  std::string source = {}, target = {};
  TextFormat format = TextFormat::text;
  int alternatives = 0;      ///< other translations of each text, besides the best
  bool alignments = false;   ///< sentences of the answer have them
  bool placeholders = true;  ///< protect %s, {name}, URLs, e-mail addresses and the like
  RequestOptions options = {};
};

/// A link between pieces of a sentence.
struct AlignmentLink {
  int source = 0, target = 0;  ///< indices of pieces
  float weight = 0;            ///< 0 to 1; of one target piece over all source pieces they sum to 1 at most
};

/// One sentence of an answer. Pieces are texts that make the sentence when written one after another, white space
/// between sentences included: source_pieces of all sentences make the paragraph.
struct SentenceTranslation {
  int text = 0;       ///< which of the request's
  int paragraph = 0;  ///< from 0: lines of the text
  int sentence = 0;   ///< of the paragraph, from 0
  std::vector<std::string> source_pieces = {}, target_pieces = {};
  std::vector<AlignmentLink> alignment = {};
  double score = 0;  ///< log-probability per token
};

/// Something that the service could not do as asked, though there is a translation.
struct Report {
  int text = 0;
  std::string problem =
      {};  ///< for people: "the placeholder %s of sentence 2 could not be kept; it is left untranslated"
};

struct TextTranslation {
  std::string text = {};
  std::vector<std::string> alternatives = {};  ///< best first, all different
};

struct TranslationAnswer {
  std::vector<TextTranslation> translations = {};   ///< one for each text
  std::vector<SentenceTranslation> sentences = {};  ///< in order
  std::vector<Report> reports = {};
};

/// A sentence that is being written. Beam search may still change what is after the settled pieces.
struct PartialSentence {
  int text = 0, paragraph = 0, sentence = 0;
  std::vector<std::string> pieces = {};
  int settled = 0;  ///< the first so many pieces will stay
};

/// The sentence between two models, where a pair goes through a third language. Requests about one sentence take it as
/// the first model writes it, and ask the second model, whose source it is.
struct PivotText {
  std::string language = {};  ///< empty: one model does it
  std::string text = {};
};

/// A sentence whose beginning is known: what comes next?
struct CompletionRequest {
  std::string text = {};    ///< the source sentence
  std::string prefix = {};  ///< the translation begins with exactly these bytes; they may end inside a word
  std::string source = {}, target = {};
  int alternatives = 0;  ///< other words at this place, each with a continuation of its own
  RequestOptions options = {};
};

struct CompletionAnswer {
  std::string rest = {};                 ///< prefix + rest is the best translation that begins with prefix
  std::vector<std::string> pieces = {};  ///< of prefix + rest
  std::vector<std::string> source_pieces = {};
  std::vector<AlignmentLink> alignment = {};
  /// prefix + word + preview is the beginning of another translation.
  struct Alternative {
    std::string word = {};     ///< to the end of a word: with the space before it, or of a word begun the rest
    double probability = 0;    ///< of the word after the prefix
    std::string preview = {};  ///< the next few words after it
  };
  std::vector<Alternative> alternatives = {};  ///< most probable first
  PivotText pivot = {};                        ///< that source_pieces and alignment lead over
};

/// The attention of one layer and head for a pair.
struct AttentionRequest {
  std::string text = {};
  std::optional<std::string> translation = {};  ///< empty: translate first
  std::string source = {}, target = {};
  std::string kind = "cross";                ///< cross, encoder or decoder
  std::optional<int> layer = {}, head = {};  ///< from 0; empty: the model's alignment layer, the mean of the heads
  RequestOptions options = {};
};

struct AttentionAnswer {
  std::vector<std::string> source_pieces = {}, target_pieces = {};  ///< as the model has them, </s> included
  std::string kind = {};
  int layer = 0, layers = 0, heads = 0;
  std::optional<int> head = {};
  int rows = 0, columns = 0;
  std::vector<float> weights = {};  ///< [rows, columns]
  PivotText pivot = {};             ///< the second model's source, of which source_pieces are then
};

struct ScoreRequest {
  std::string text = {}, translation = {};
  std::string source = {}, target = {};
  RequestOptions options = {};
};

struct ScoreAnswer {
  double log_probability = 0;
  std::vector<std::string> pieces = {};             ///< they make the translation; some may be empty
  std::vector<float> token_log_probabilities = {};  ///< of the pieces and, as the last, of </s>
  PivotText pivot = {};                             ///< of which it is a translation, by the second model
};

/// Why a request failed. Its message is for people.
struct RequestError {
  enum class Kind { unsupported, bad_request, overloaded, deadline, cancelled, failed };
  Kind kind = Kind::failed;
  std::string message = {};
  std::chrono::milliseconds retry_after = {};  ///< of overloaded
};

/// What comes of a request, in threads of the service, one call at a time for each request. Exactly one of done and
/// failed is called, and nothing after it. They must not block and not throw.
template <class Answer>
struct Handler {
  std::function<void(Answer)> done = {};
  std::function<void(RequestError)> failed = {};
};
struct TranslationHandler : Handler<TranslationAnswer> {
  std::function<void(const PartialSentence&)> partial = {};       ///< may be empty: no partial results wanted
  std::function<void(const SentenceTranslation&)> sentence = {};  ///< as each is finished, in any order
  std::function<void(double)> loading = {};                       ///< a model is being loaded: share done, 0 to 1
};

/// A request under way. Copies share it; letting go of all of them does not cancel.
class Ticket {
 public:
  void cancel() const;  ///< the decoder gives up within one step; `failed` is called unless the request has ended

 private:
  friend class Service;
  std::shared_ptr<struct TicketState> state_;
};

struct ServiceStatistics {
  std::int64_t requests = 0, failed = 0, rejected = 0, cancelled = 0, expired = 0;
  std::int64_t sentences = 0, source_tokens = 0, target_tokens = 0, batches = 0;
  std::int64_t cache_hits = 0, cache_misses = 0;
  std::size_t queued_tokens = 0;
  int running_requests = 0, loaded_models = 0;
};

/// Safe to use from all threads.
class Service {
 public:
  /// Looks at the models' settings (they are loaded when first needed). Throws Error naming a model that cannot be.
  explicit Service(ServiceOptions options);
  /// Cancels what is under way and waits.
  ~Service();

  std::vector<TranslationDirection> directions() const;

  // Begin a request and return at once. What is wrong with it is told to `failed`.
  Ticket begin(TranslationRequest request, TranslationHandler handler);
  Ticket begin(CompletionRequest request, Handler<CompletionAnswer> handler);
  Ticket begin(AttentionRequest request, Handler<AttentionAnswer> handler);
  Ticket begin(ScoreRequest request, Handler<ScoreAnswer> handler);

  /// The same, waiting for the answer. Throws RequestError.
  TranslationAnswer translate(TranslationRequest request);
  CompletionAnswer complete(CompletionRequest request);
  AttentionAnswer attention(AttentionRequest request);
  ScoreAnswer score(ScoreRequest request);

  /// Accepts no more requests and waits until those accepted have ended.
  void drain();
  ServiceStatistics statistics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dragoman
