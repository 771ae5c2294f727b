#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "service/service_support.h"
#include "text/split.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// What the command-line program gives for lines.
std::vector<std::string> translated_alone(const std::vector<std::string>& lines, const SearchOptions& search) {
  const ModelSet models = toy_models();
  TranslatorOptions options{.search = search};
  options.batching.mini_batch = 1;
  options.batching.cpu_threads = 1;
  std::vector<std::string> result;
  for (const auto& translation : Translator(models, options).translate(numbered(lines))) {
    result.push_back(translation.candidates[0].text);
  }
  return result;
}

TEST(ServiceTranslation, OfManyRequestsAtOnceEachIsAsIfItWereAlone) {
  const auto lines = toy_lines(60);
  for (const int beam : {1, 4}) {
    ToyService toy;
    toy.options.search = toy_search(beam);
    Service service(toy.options);
    const auto expected = translated_alone(lines, toy.options.search);
    std::deque<Outcome<TranslationAnswer>> outcomes(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      TranslationHandler handler;
      outcomes[i].listen(handler);
      service.begin(toy_request({lines[i]}, i % 2 == 0 ? Priority::interactive : Priority::bulk), handler);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(outcomes[i].answer().translations.at(0).text, expected[i]) << lines[i];
    }
    service.drain();
    EXPECT_EQ(service.statistics().requests, 60);
    EXPECT_EQ(service.statistics().running_requests, 0);
    EXPECT_EQ(service.statistics().queued_tokens, 0u);
  }
}

TEST(ServiceTranslation, StructureComesBackByteForByte) {
  ToyService toy;
  Service service(toy.options);
  const std::string text = "\r\n  the dog.  The house. \r\n\t\r\n\n\xC2\xA0the tree\n\n  \nunder water";
  const auto answer = service.translate(toy_request({text, "", "\n", "  "}));
  EXPECT_EQ(answer.translations.at(1).text, "");
  EXPECT_EQ(answer.translations.at(2).text, "\n");
  EXPECT_EQ(answer.translations.at(3).text, "  ");
  std::string expected = answer.translations[0].text, shape;
  // Sentences in order, replaced by X.
  for (const SentenceTranslation& sentence : answer.sentences) {
    std::vector<std::string> pieces = sentence.target_pieces;
    const auto blank = [](const std::string& piece) { return trim(piece).text.empty(); };
    if (blank(pieces.front())) pieces.erase(pieces.begin());
    if (blank(pieces.back())) pieces.pop_back();
    const std::string words = whole(pieces);
    const std::size_t at = expected.find(words);
    ASSERT_NE(at, std::string::npos);
    shape += expected.substr(0, at) + "X";
    expected = expected.substr(at + words.size());
  }
  EXPECT_EQ(shape + expected, "\r\n  X  X \r\n\t\r\n\n\xC2\xA0X\n\n  \nX");
  // Pieces make the paragraphs.
  std::map<int, std::string> sources, targets;
  for (const SentenceTranslation& sentence : answer.sentences) {
    sources[sentence.paragraph] += whole(sentence.source_pieces);
    targets[sentence.paragraph] += whole(sentence.target_pieces);
  }
  EXPECT_EQ(sources[1], "  the dog.  The house. \r");
  EXPECT_EQ(sources[4], "\xC2\xA0the tree");
  EXPECT_EQ(sources[7], "under water");
  std::string rebuilt = "\r\n" + targets[1] + "\n\t\r\n\n" + targets[4] + "\n\n  \n" + targets[7];
  EXPECT_EQ(rebuilt, answer.translations[0].text);
}

TEST(ServiceTranslation, RepairsWhatIsNoText) {
  ToyService toy;
  Service service(toy.options);
  const std::string text("the\0dog \xFF\n\xC3", 11);
  const auto answer = service.translate(toy_request({text}));
  std::string source;
  for (const auto& sentence : answer.sentences) source += whole(sentence.source_pieces);
  EXPECT_EQ(source, "the dog \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(std::count(answer.translations[0].text.begin(), answer.translations[0].text.end(), '\n'), 1);
}

TEST(ServiceTranslation, CutsWhatIsTooLongAndJoinsIt) {
  ModelOptions model = toy_options();
  model.transformer_train_position_embeddings = true;
  model.max_length = 20;
  ToyService toy(2, model);
  Service service(toy.options);
  std::string text;
  for (int i = 0; i < 200; ++i) text += (i > 0 ? " house" : "house");
  const auto answer = service.translate(toy_request({text}));
  std::string source;
  for (const auto& sentence : answer.sentences) source += whole(sentence.source_pieces);
  EXPECT_EQ(source, text);
  EXPECT_GT(answer.sentences.size(), 9u);
}

TEST(ServiceTranslation, AlignmentsLinkPieces) {
  ToyService toy;
  Service service(toy.options);
  auto request = toy_request({"  the dogs sleeping under  the tree.  \n"});
  request.alignments = true;
  const auto answer = service.translate(request);
  ASSERT_EQ(answer.sentences.size(), 1u);
  const SentenceTranslation& s = answer.sentences[0];
  ASSERT_FALSE(s.alignment.empty());
  std::map<int, double> sums;
  for (const AlignmentLink& link : s.alignment) {
    EXPECT_GT(link.source, 0) << "white space is linked with nothing";
    EXPECT_LT(link.source, int(s.source_pieces.size()) - 1);
    EXPECT_GT(link.target, 0);
    EXPECT_LT(link.target, int(s.target_pieces.size()) - 1);
    sums[link.target] += link.weight;
  }
  EXPECT_EQ(sums.size(), s.target_pieces.size() - 2);
  for (const auto& [target, sum] : sums) EXPECT_LE(sum, 1.001);
}

TEST(ServiceTranslation, AlternativesAreAllDifferent) {
  ToyService toy;
  Service service(toy.options);
  auto request = toy_request({"the dog walks\nthe old house"});
  request.alternatives = 5;
  const auto text = service.translate(request).translations.at(0);
  EXPECT_GE(text.alternatives.size(), 2u);
  std::set<std::string> all(text.alternatives.begin(), text.alternatives.end());
  all.insert(text.text);
  EXPECT_EQ(all.size(), text.alternatives.size() + 1);
}

TEST(ServiceTranslation, PartialResultsGrowAndSettle) {
  for (const int beam : {1, 4}) {
    ToyService toy;
    Service service(toy.options);
    const std::string text = "  the small dog. The green tree.\nwater yesterday";
    std::map<std::pair<int, int>, std::vector<PartialSentence>> partials;
    std::map<std::pair<int, int>, SentenceTranslation> finished;
    TranslationHandler handler;
    Outcome<TranslationAnswer> outcome;
    outcome.listen(handler);
    handler.partial = [&](const PartialSentence& p) { partials[{p.paragraph, p.sentence}].push_back(p); };
    handler.sentence = [&](const SentenceTranslation& s) { finished[{s.paragraph, s.sentence}] = s; };
    auto request = toy_request({text});
    request.options.beam_size = beam;
    service.begin(request, handler);
    const auto& answer = outcome.answer();
    EXPECT_EQ(answer.sentences.size(), 3u);
    EXPECT_EQ(partials.size(), 3u);
    for (const auto& [place, list] : partials) {
      const auto& last = finished.at(place).target_pieces;
      int settled = 0;
      for (const PartialSentence& partial : list) {
        EXPECT_GE(partial.settled, settled);
        settled = partial.settled;
        ASSERT_LE(std::size_t(settled), partial.pieces.size());
        ASSERT_LE(std::size_t(settled), last.size());
        EXPECT_TRUE(std::equal(last.begin(), last.begin() + settled, partial.pieces.begin()));
        if (beam == 1) {
          EXPECT_EQ(std::size_t(settled), partial.pieces.size());
        }
      }
    }
  }
}

TEST(ServiceTranslation, SentencesTranslatedBeforeComeFromTheCache) {
  ToyService toy;
  Service service(toy.options);
  const auto first = service.translate(toy_request({"the old dog.\nwater"}));
  const auto hits = service.statistics().cache_hits;
  const auto batches = service.statistics().batches;
  const auto again = service.translate(toy_request({"water\nthe old dog."}));
  EXPECT_EQ(service.statistics().cache_hits, hits + 2);
  EXPECT_EQ(service.statistics().batches, batches);
  EXPECT_EQ(first.sentences[0].target_pieces, again.sentences[1].target_pieces);
  auto other = toy_request({"water"});
  other.options.beam_size = 3;
  service.translate(other);
  EXPECT_EQ(service.statistics().cache_hits, hits + 2) << "another beam is another translation";
}

TEST(ServiceTranslation, GoesThroughAThirdLanguageWhereItMust) {
  Folder folder;
  ServiceOptions options;
  options.models = {toy_service_model(folder, "aa", "bb", 1), toy_service_model(folder, "bb", "cc", 2)};
  options.search = toy_search();
  Service service(options);
  const auto directions = service.directions();
  ASSERT_EQ(directions.size(), 3u);
  EXPECT_EQ(directions[2].source, "aa");
  EXPECT_EQ(directions[2].target, "cc");
  EXPECT_EQ(directions[2].pivot, "bb");
  const std::string text = " the dog walks.  The tree \n\nwater";
  auto request = toy_request({text});
  request.target = "cc";
  request.alignments = true;
  const auto answer = service.translate(request);
  EXPECT_EQ(service.statistics().loaded_models, 2);
  request.target = "bb";
  const auto half = service.translate(request);
  std::string expected;
  for (const auto& sentence : answer.sentences) EXPECT_FALSE(sentence.alignment.empty());
  request.source = "bb";
  request.target = "cc";
  for (std::size_t i = 0; i < answer.sentences.size(); ++i) {
    // Sentence by sentence: the pivot's text is not cut again.
    request.texts = {std::string(trim(whole(half.sentences[i].target_pieces)).text)};
    const auto rest = service.translate(request);
    EXPECT_EQ(std::string(trim(whole(answer.sentences[i].target_pieces)).text),
              std::string(trim(rest.translations[0].text).text));
    EXPECT_EQ(answer.sentences[i].source_pieces, half.sentences[i].source_pieces);
  }
}

TEST(ServiceTranslation, TellsWhatCannotBe) {
  ToyService toy;
  Service service(toy.options);
  auto request = toy_request({"the"});
  request.target = "xx";
  EXPECT_EQ(error_of_request([&] { service.translate(request); }).kind, RequestError::Kind::unsupported);
  EXPECT_THAT(error_of_request([&] { service.translate(request); }).message, HasSubstr("from aa to xx"));
  request = toy_request({"the"});
  request.options.beam_size = 0;
  EXPECT_EQ(error_of_request([&] { service.translate(request); }).kind, RequestError::Kind::bad_request);
  request = toy_request({"the"});
  request.alternatives = 1000;
  EXPECT_EQ(error_of_request([&] { service.translate(request); }).kind, RequestError::Kind::bad_request);
  EXPECT_EQ(service.statistics().rejected, 4);
}

TEST(ServiceTranslation, IsTheSameAsTheProgramsWithARealModel) {
  DRAGOMAN_SKIP_WITHOUT_TINY_MODEL();
  Service service({.models = {{.path = tiny_model()}}, .threads = 1});
  const auto directions = service.directions();
  ASSERT_EQ(directions.size(), 1u);
  EXPECT_EQ(directions[0].source, "en");
  EXPECT_EQ(directions[0].target, "pt");
  TranslationRequest request{
      .texts = {"Hello world!\n\n  How are you, Mr. Smith?  I am fine."}, .source = "en", .target = "pt"};
  request.alignments = true;
  const auto answer = service.translate(request);
  EXPECT_THAT(answer.translations[0].text, ::testing::StartsWith("Olá, mundo!\n\n  "));
  EXPECT_EQ(answer.sentences.size(), 3u);
}

}  // namespace
}  // namespace dragoman
