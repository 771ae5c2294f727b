// Parts of the server that need no requests: limits, keys, languages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/language_names.h"
#include "dragoman/error.h"
#include "server/api_keys.h"
#include "server/http.h"
#include "server/language_detector.h"
#include "server/rate_limit.h"
#include "text/text_support.h"

namespace dragoman::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

const RateLimiter::Time now = RateLimiter::Time{} + seconds(1'000'000);

TEST(RateLimit, GivesATokenBackAfterItsShareOfThePeriod) {
  RateLimiter limiter;
  const RateLimits limits{.per_minute = 2};
  EXPECT_FALSE(limiter.take("a", limits, now));
  EXPECT_FALSE(limiter.take("a", limits, now));
  EXPECT_EQ(limiter.take("a", limits, now), 30);
  EXPECT_EQ(limiter.take("a", limits, now + seconds(10)), 20);
  EXPECT_FALSE(limiter.take("a", limits, now + seconds(30)));
  EXPECT_EQ(limiter.take("a", limits, now + seconds(31)), 29);
  EXPECT_FALSE(limiter.take("a", limits, now + seconds(3'000)));
  EXPECT_FALSE(limiter.take("a", limits, now + seconds(3'000)));
  EXPECT_TRUE(limiter.take("a", limits, now + seconds(3'000))) << "no more than the allowance is saved up";
}

TEST(RateLimit, EachClientHasItsOwn) {
  RateLimiter limiter;
  EXPECT_FALSE(limiter.take("a", {.per_minute = 1}, now));
  EXPECT_FALSE(limiter.take("b", {.per_minute = 1}, now));
  EXPECT_TRUE(limiter.take("a", {.per_minute = 1}, now));
}

TEST(RateLimit, AllPeriodsHold) {
  RateLimiter limiter;
  const RateLimits limits{.per_minute = 100, .per_hour = 3, .per_day = 100};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("a", limits, now));
  EXPECT_EQ(limiter.take("a", limits, now), 1200);
  EXPECT_EQ(limiter.take("b", {.per_day = 0}, now), 86400);
}

TEST(RateLimit, ForgetsThoseNotSeenForLongest) {
  RateLimiter limiter;
  for (std::size_t i = 0; i < RateLimiter::most_clients + 10; ++i) limiter.take(std::to_string(i), {.per_day = 1}, now);
  EXPECT_EQ(limiter.clients(), RateLimiter::most_clients);
  EXPECT_FALSE(limiter.take("0", {.per_day = 1}, now));
  EXPECT_TRUE(limiter.take("50000", {.per_day = 1}, now));
}

TEST(RateLimit, AnAddressOfIpv6StandsForItsNetwork) {
  EXPECT_EQ(client_of_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(client_of_address("10.0.0.1"), "10.0.0.1");
}

TEST(ApiKeys, AreReadWithNamesAndLimits) {
  Folder folder;
  write_atomically(folder / "keys", "# those who may ask\n0123456789abcdef anna 60\n\nfedcba9876543210 # no name\n");
  const ApiKeys keys(folder / "keys");
  EXPECT_EQ(keys.find("0123456789abcdef")->name, "anna");
  EXPECT_EQ(keys.find("0123456789abcdef")->req_limit, 60);
  EXPECT_EQ(keys.find("fedcba9876543210")->name, "4");
  EXPECT_EQ(keys.find("0123456789abcde"), nullptr);
  EXPECT_EQ(keys.find(""), nullptr);
}

TEST(ApiKeys, ErrorsNameTheLineAndNotTheKey) {
  Folder folder;
  const auto error = [&](const char* content) {
    write_atomically(folder / "keys", content);
    try {
      ApiKeys keys(folder / "keys");
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(error("\nsecret anna\n"), HasSubstr("line 2: expected a key of at least 16 characters, found one of 6"));
  EXPECT_THAT(error("0123456789abcdef anna many\n"), HasSubstr("line 1: expected requests a minute, found 'many'"));
  EXPECT_THAT(error("0123456789abcdef a 1 2\n"), HasSubstr("line 1"));
  EXPECT_THAT(error("# none\n"), HasSubstr("found none"));
}

TEST(ApiKeys, AreComparedWhole) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcabc"));
  EXPECT_FALSE(equal_in_constant_time("abcabc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", ""));
  EXPECT_FALSE(equal_in_constant_time("", "abc"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

TEST(LanguageDetector, KnowsLongTextsAndGuessesShortOnes) {
  const auto best = [](const char* text) { return detect_languages(text).at(0); };
  EXPECT_EQ(best("O gato sentou-se no tapete e adormeceu depressa.").language, "pt");
  EXPECT_GE(best("O gato sentou-se no tapete e adormeceu depressa.").confidence, 70);
  EXPECT_EQ(best("Das ist ein Haus.").language, "de");
  EXPECT_EQ(best("שלום").language, "he");
  EXPECT_LT(best("the").confidence, 50) << "three letters are a guess";
  EXPECT_TRUE(detect_languages("12345 !").empty());
  EXPECT_TRUE(detect_languages("").empty());
}

TEST(LanguageDetector, ChoosesAmongThoseThatThereAre) {
  EXPECT_EQ(detect_among("Das ist ein Haus.", {"de", "en"}).language, "de");
  EXPECT_EQ(detect_among("O gato sentou-se no tapete.", {"en", "pt-BR"}).language, "pt-BR");
  EXPECT_EQ(detect_among("Das ist ein Haus.", {"fr", "en"}).language, "en");
  EXPECT_EQ(detect_among("Das ist ein Haus.", {"fr", "en"}).confidence, 0);
  EXPECT_EQ(detect_among("", {"fr", "it"}).language, "fr");
}

TEST(LanguageDetector, ReadsWhatIsNotQuiteUtf8) {
  EXPECT_TRUE(detect_languages("\xff\xfe").empty());
  std::string text;
  for (int i = 0; i < 3'000; ++i) text += "ááá é, ";
  EXPECT_NO_THROW(detect_languages(text));
}

TEST(LanguageNames, AreKnownByCodeAndByName) {
  EXPECT_EQ(language_name("pt"), "Portuguese");
  EXPECT_EQ(language_name("pt-BR"), "Portuguese (Brazil)");
  EXPECT_EQ(language_name("de-AT"), "German (AT)");
  EXPECT_EQ(language_name("xx"), "xx");
  EXPECT_EQ(language_name("xx-YY"), "xx-YY");
  EXPECT_EQ(language_code("english"), "en");
  EXPECT_EQ(language_code("Klingon"), "");
  EXPECT_EQ(primary_language("zh-Hant-TW"), "zh");
}

}  // namespace
}  // namespace dragoman::testing
