#include "terminal/conversation.h"

#include <sstream>

#include "service/service_support.h"
#include "terminal/attention_picture.h"
#include "terminal/streamed_text.h"

namespace dragoman {
namespace {

using namespace dragoman::testing;

/// A conversation with a random model from aa to bb, on a screen that is a string.
struct Talk {
  ToyService toy;
  Service service;
  std::ostringstream out;
  Screen screen{.out = out};
  bool is_interrupted = false;
  Conversation conversation{service, screen, {.beam_size = 2}, [this] { return is_interrupted; }};

  Talk() : toy(1), service(toy.options) {}

  std::string say(const std::string& input) {
    out.str("");
    conversation.answer(input);
    return out.str();
  }
};

const std::string sentence = "a b c a";

TEST(Conversation, AnswersASentenceWithWhatTheServiceMakesOfIt) {
  Talk talk;
  auto request = toy_request({sentence});
  request.options.beam_size = 2;
  EXPECT_EQ(talk.say(sentence), talk.service.translate(request).translations[0].text + "\n");
  EXPECT_EQ(talk.conversation.prompt(), "aa>bb ");
  EXPECT_EQ(talk.say("   "), "");
}

TEST(Conversation, TakesSeveralLinesAtOnce) {
  Talk talk;
  const std::string answer = talk.say(sentence + "\n\n" + sentence);
  EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 3);
}

TEST(Conversation, ACompletionBeginsWithTheForcedPrefix) {
  Talk talk;
  talk.say(sentence);
  EXPECT_TRUE(talk.say(":prefix b a").starts_with("b a"));
}

TEST(Conversation, AlternativesOfAWordCanBeTaken) {
  Talk talk;
  const std::string translation = talk.say(sentence);
  const std::string list = talk.say(":alt 1");
  ASSERT_NE(list.find("  1  "), std::string::npos) << list;
  std::istringstream first(list);
  std::string number, probability, word;
  first >> number >> probability >> word;
  EXPECT_NE(talk.say(":take 99").find("expected a number from 1"), std::string::npos);
  EXPECT_TRUE(talk.say(":take 1").starts_with(word));
}

TEST(Conversation, AListHasTheBestFirstWithItsScore) {
  Talk talk;
  talk.say(":set beam 4");
  const std::string best = talk.say(sentence);
  const std::string list = talk.say(":nbest 3");
  EXPECT_EQ(list.substr(0, list.find('\n') + 1).substr(18), best);
}

TEST(Conversation, ShowsAttentionAsAPicture) {
  Talk talk;
  talk.say(sentence);
  const std::string picture = talk.say(":attention cross 1 1");
  EXPECT_TRUE(picture.starts_with("cross attention, layer 1 of ")) << picture;
  EXPECT_NE(picture.find("</s>"), std::string::npos);
  EXPECT_NE(picture.find("["), std::string::npos);
}

TEST(Conversation, SaysWhatIsWrongWithACommand) {
  Talk talk;
  EXPECT_NE(talk.say(":alternatve").find("there is no command :alternatve"), std::string::npos);
  EXPECT_NE(talk.say(":alt").find("translate something first"), std::string::npos);
  EXPECT_NE(talk.say(":pair aa zz").find("there is no model from aa to zz; there are aa to bb"), std::string::npos);
  EXPECT_NE(talk.say(":set beam 0").find("beam: expected a number from 1 to 100, found '0'"), std::string::npos);
  EXPECT_NE(talk.say(":help").find(":prefix TEXT"), std::string::npos);
  EXPECT_TRUE(talk.conversation.answer(":models"));
  EXPECT_FALSE(talk.conversation.answer(":quit"));
}

TEST(Conversation, TwoColonsAreTextWithOne) {
  Talk talk;
  auto request = toy_request({":" + sentence});
  request.options.beam_size = 2;
  EXPECT_EQ(talk.say("::" + sentence), talk.service.translate(request).translations[0].text + "\n");
}

TEST(Conversation, AnInterruptGivesUpTheSentenceOnly) {
  Talk talk;
  talk.is_interrupted = true;
  std::string much;
  for (int i = 0; i < 3000; ++i) much += sentence + " " + std::to_string(i) + "\n";
  EXPECT_NE(talk.say(much).find("stopped"), std::string::npos);
  talk.is_interrupted = false;
  EXPECT_NE(talk.say(sentence), "");
}

TEST(Pipe, GivesALineForEachLine) {
  ToyService toy(1);
  Service service(toy.options);
  std::istringstream in("a b\n\nc a b\n  \nno line end");
  std::ostringstream out;
  translate_lines(service, in, out, 1);
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  EXPECT_NE(text.find("\n\n"), std::string::npos);
  EXPECT_EQ(text.find('\033'), std::string::npos);
}

PartialSentence partial(int number, std::vector<std::string> pieces, int settled) {
  return {.sentence = number, .pieces = std::move(pieces), .settled = settled};
}

TEST(StreamedText, PrintsWhatIsSettledInOrder) {
  std::ostringstream out;
  const Screen screen{.out = out};
  StreamedText text(screen);
  text.partial(partial(1, {"zweiter"}, 1));
  EXPECT_EQ(out.str(), "");
  text.partial(partial(0, {"ein", " Satz", " hier"}, 2));
  EXPECT_EQ(out.str(), "ein Satz");
  text.finished({.sentence = 0, .target_pieces = {"ein", " Satz", ". "}});
  EXPECT_EQ(out.str(), "ein Satz. zweiter");
  text.done("ein Satz. zweiter Satz.");
  EXPECT_EQ(out.str(), "ein Satz. zweiter Satz.\n");
}

TEST(StreamedText, PrintsAnewWhatTurnedOutOtherwise) {
  std::ostringstream out;
  const Screen screen{.out = out};
  StreamedText text(screen);
  text.partial(partial(0, {"XPH0", " da"}, 2));
  text.done("%s da");
  EXPECT_EQ(out.str(), "XPH0 da\n%s da\n");
}

TEST(AttentionPicture, MarksTheLargestWeightAndFoldsWideSentences) {
  std::ostringstream out;
  AttentionAnswer attention{.source_pieces = {"▁a", "▁猫", "</s>"}, .target_pieces = {"▁x", "</s>"}, .kind = "cross"};
  attention.layers = 2;
  attention.heads = 8;
  attention.rows = 2;
  attention.columns = 3;
  attention.weights = {0.9f, 0.1f, 0, 0, 0.25f, 0.75f};
  EXPECT_EQ(attention_picture(attention, {.out = out, .width = 40}),
            "cross attention, layer 1 of 2, mean of 8 heads\n"
            "     ▁a\n"
            "     │  ▁猫\n"
            "     │  │  </s>\n"
            "▁x  [@] -    \n"
            "</s>    + [%]\n");
  const std::string narrow = attention_picture(attention, {.out = out, .width = 9});
  EXPECT_EQ(std::count(narrow.begin(), narrow.end(), '['), 2);
  EXPECT_EQ(std::count(narrow.begin(), narrow.end(), '\n'), 1 + 3 * 3);
}

TEST(Screen, MeasuresColumnsOfAllScripts) {
  EXPECT_EQ(columns_of("aé猫"), 4);
  EXPECT_EQ(columns_of("e\u0301"), 1);
  EXPECT_EQ(fitted("abc", 5), "abc  ");
  EXPECT_EQ(fitted("猫猫猫", 4), "猫… ");
}

}  // namespace
}  // namespace dragoman
