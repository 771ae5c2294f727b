#include "markup/placeholders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"
#include "dragoman/error.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> found(const std::string& text, const PlaceholderGrammar& grammar = {}) {
  std::vector<std::string> result;
  for (const Placeholder& p : PlaceholderFinder(grammar).find(text)) {
    result.push_back(text.substr(p.begin, p.end - p.begin));
  }
  return result;
}
std::vector<std::string> found(const std::string& text, const char* format) {
  return found(text, placeholder_grammar(format));
}

/// Those whose order must stay.
std::vector<std::string> ordered(const std::string& text, const PlaceholderGrammar& grammar = {}) {
  std::vector<std::string> result;
  for (const Placeholder& p : PlaceholderFinder(grammar).find(text)) {
    if (p.keeps_order) result.push_back(text.substr(p.begin, p.end - p.begin));
  }
  return result;
}

TEST(Placeholders, OfGeneralTextAreTheUsualOnes) {
  EXPECT_THAT(found("Cannot open %s: %m"), ElementsAre("%s", "%m"));
  EXPECT_THAT(found("%d of %d files, %.2f%% done (%5ld kB/s, %-10s|%*d|%zu)"),
              ElementsAre("%d", "%d", "%.2f", "%%", "%5ld", "%-10s", "%*d", "%zu"));
  EXPECT_THAT(found("%1$s wrote to %2$s, %3$'d times"), ElementsAre("%1$s", "%2$s", "%3$'d"));
  EXPECT_THAT(found("%(count)d items, %(name)s, %{count} left, %<n>d"),
              ElementsAre("%(count)d", "%(name)s", "%{count}", "%<n>d"));
  EXPECT_THAT(found("Hello, {name}! {0} of {1:N2}, {} and {size:>10} {user.name} {items[0]}"),
              ElementsAre("{name}", "{0}", "{1:N2}", "{}", "{size:>10}", "{user.name}", "{items[0]}"));
  EXPECT_THAT(found("{{user.name}} has {{ count | plural }} {{{html}}} {% if x %}yes{% endif %}"),
              ElementsAre("{{user.name}}", "{{ count | plural }}", "{{{html}}}", "{% if x %}", "{% endif %}"));
  EXPECT_THAT(found("${HOME}/x #{name} $(PATH)"), ElementsAre("${HOME}", "#{name}", "$(PATH)"));
  EXPECT_THAT(found("%1 of %2, %L3 and %n files; %@ and %1$@; %PATH% is unset"),
              ElementsAre("%1", "%2", "%L3", "%n", "%@", "%1$@", "%PATH%"));
  EXPECT_THAT(found("on %d.%m.%Y at %H:%M:%S"), ElementsAre("%d", "%m", "%Y", "%H", "%M", "%S"));
  EXPECT_THAT(found("%dpx wide, %ds ago, %dMB, %d×%d, 第%d页"), ElementsAre("%d", "%d", "%d", "%d", "%d", "%d"));
  EXPECT_THAT(found("Prefer %s%s, \"%s\", '%s'."), ElementsAre("%s", "%s", "%s", "%s"));
}

TEST(Placeholders, APercentageIsNoFormat) {
  for (const char* text : {"100% of the people",
                           "5 % d'intérêt",
                           "50%ige Lösung",
                           "50%-ige Lösung",
                           "20%discount",
                           "100 % fiable",
                           "a 5%increase",
                           "10% expected",
                           "30 % sont là",
                           "% of users",
                           "the %age",
                           "about 50%.",
                           "50%",
                           "%",
                           "50% % 50",
                           "5%de",
                           "% d",
                           "the %discount code",
                           "100%d",
                           "增长了50%的"}) {
    EXPECT_THAT(found(text), IsEmpty()) << text;
  }
  for (const char* format : {"c", "php", "objc", "python"}) {
    for (const char* text : {"100% of the people", "5 % d'intérêt", "100 % fiable", "30 % sont", "10% expected"}) {
      EXPECT_THAT(found(text, format), IsEmpty()) << format << ": " << text;
    }
  }
}

TEST(Placeholders, OrdinaryBracesAndCodeAreNone) {
  for (const char* text : {"a set {a, b, c}", "{ see below }", "if (x < y) { return x; }", "{not a name}", "{", "}",
                           "}{", "a < b > c", "<b>bold</b>", "{a", "x}", "{\"key\": 1}"}) {
    EXPECT_THAT(found(text), IsEmpty()) << text;
  }
}

TEST(Placeholders, MessageFormatIsOneSpanWithAllThatIsNested) {
  const std::string plural =
      "{count, plural, =0 {no files} one {# file in {place}} other {# files in '{'x'}' {place}}}";
  EXPECT_THAT(found("You have " + plural + " left, {name}."), ElementsAre(plural, "{name}"));
  EXPECT_THAT(found("You have " + plural + " left, {name}.", "icu"), ElementsAre(plural, "{name}"));
  EXPECT_THAT(found("{n,number,#.##} on {day, date, short}"), ElementsAre("{n,number,#.##}", "{day, date, short}"));
  EXPECT_THAT(found("Write '{'braces'}' and {any thing {nested}}", "icu"),
              ElementsAre("'{'", "'}'", "{any thing {nested}}"));
  EXPECT_THAT(found("{count, plural, one {# file"), IsEmpty());
  EXPECT_THAT(found("The user's '{name}' isn't there"), ElementsAre("{name}"));
}

TEST(Placeholders, FormatsOfALanguageFollowItsRules) {
  EXPECT_THAT(found("%s %5.2f %*.*d %2$*1$d %hhu %% %<PRIu64> %-+ 5d % d %zd %n", "c"),
              ElementsAre("%s", "%5.2f", "%*.*d", "%2$*1$d", "%hhu", "%%", "%<PRIu64>", "%-+ 5d", "% d", "%zd", "%n"));
  EXPECT_THAT(found("100%d {name} ${x} {{y}}", "c"), ElementsAre("%d"));
  EXPECT_THAT(found("%@ %1$@ %ld", "objc"), ElementsAre("%@", "%1$@", "%ld"));
  EXPECT_THAT(found("%1$s %'010d %' 5d %b %05.1f", "php"), ElementsAre("%1$s", "%'010d", "%' 5d", "%b", "%05.1f"));
  EXPECT_THAT(found("%(my name)s %r %a %5s %%", "python-format"), ElementsAre("%(my name)s", "%r", "%a", "%5s", "%%"));
  EXPECT_THAT(found("{} {0} {a.b[c]!r:>{width}} {{literal}} {:,.2f}", "python-brace-format"),
              ElementsAre("{}", "{0}", "{a.b[c]!r:>{width}}", "{{", "}}", "{:,.2f}"));
  EXPECT_THAT(found("%1 %L2 %n %Ln %s %99", "qt"), ElementsAre("%1", "%L2", "%n", "%Ln", "%99"));
  EXPECT_THAT(found("%s at http://a.example/ and a@b.example", "qt"), ElementsAre("http://a.example/", "a@b.example"));
}

TEST(Placeholders, WhoseArgumentIsTheNextKeepTheirOrder) {
  EXPECT_THAT(ordered("%s %d %1$s %% %m %(n)s %{x} %1 {} {0} {name} http://%s/ http://x.org/"),
              ElementsAre("%s", "%d", "{}", "http://%s/"));
  EXPECT_THAT(ordered("{} {:>5} {!r} {0} {name} {{", placeholder_grammar("python-brace")),
              ElementsAre("{}", "{:>5}", "{!r}"));
  EXPECT_THAT(ordered("%1 %2 %n", placeholder_grammar("qt")), IsEmpty());
}

TEST(Placeholders, AddressesEndBeforeThePunctuationOfTheSentence) {
  EXPECT_THAT(found("See https://example.org/a_(b)?q=1&r=%20#x, (http://x.org/y) or www.example.com."),
              ElementsAre("https://example.org/a_(b)?q=1&r=%20#x", "http://x.org/y", "www.example.com"));
  EXPECT_THAT(found("“https://example.org/”, «ftp://x.y/z»；参见https：http://a.cn/路。"),
              ElementsAre("https://example.org/", "ftp://x.y/z", "http://a.cn/路"));
  EXPECT_THAT(found("Ask jane.doe+x@mail.example.org. Or josé@exemplo.pt, mailto:a@b.c!"),
              ElementsAre("jane.doe+x@mail.example.org", "josé@exemplo.pt", "mailto:a@b.c"));
  EXPECT_THAT(found("Open example.com/path?x=1, sub.example.co.uk no, docs.example.org:8080."),
              ElementsAre("example.com/path?x=1", "docs.example.org:8080"));
  EXPECT_THAT(found("https://example.com/{id}/edit and https://%s:%d/"),
              ElementsAre("https://example.com/{id}/edit", "https://%s:%d/"));
  for (const char* text :
       {"http://", "www.", "Node.js", "e.g. this", "the end.Of", "a @ b", "@name", "the.community", "x@y"}) {
    EXPECT_THAT(found(text), IsEmpty()) << text;
  }
}

TEST(Placeholders, NumbersThatAreNamesAreKeptAndOthersAreNot) {
  EXPECT_THAT(
      found("123e4567-e89b-12d3-a456-426614174000 at 192.168.0.1, version 2.11.3-rc1 (v1.0.0), 0x1F, 2024-01-31, "
            "commit 9fceb02a1, order 123456789, call +1 (555) 010-9999, 00:1b:44:11:3a:b7"),
      ElementsAre("123e4567-e89b-12d3-a456-426614174000", "192.168.0.1", "2.11.3-rc1", "v1.0.0", "0x1F", "2024-01-31",
                  "9fceb02a1", "123456789", "+1 (555) 010-9999", "00:1b:44:11:3a:b7"));
  for (const char* text : {"1,234,567.89", "1.234.567", "1.234.567,5", "3.14", "in 2024", "12 34 56", "1234567.5",
                           "decade", "a facade", "effaced", "5-6", "100"}) {
    EXPECT_THAT(found(text), IsEmpty()) << text;
  }
}

TEST(Placeholders, UsersGivePatternsOfTheirOwn) {
  PlaceholderGrammar grammar;
  grammar.patterns = {R"(\$[A-Z]+\b)", R"(<[0-9]+/>)"};
  EXPECT_THAT(found("$NAME has $5 and <1/> %s", grammar), ElementsAre("$NAME", "<1/>", "%s"));
  grammar.patterns = {"(unclosed"};
  try {
    PlaceholderFinder finder(grammar);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("'(unclosed'"));
  }
  grammar.patterns = {"x*"};
  EXPECT_THROW(PlaceholderFinder finder(grammar), Error);
  grammar.patterns = {"\\bx*"};  // may match nothing in the midst of text
  EXPECT_THAT(found("ab xx c", grammar), ElementsAre("xx"));
  EXPECT_THROW(placeholder_grammar("pyton"), Error);
}

TEST(Placeholders, HostileTextTakesLinearTimeAndNeverFails) {
  for (const char* part :
       {"{",  "{a, plural ", "{a, plural {", "'{", "%",    "%0",       "%-", "a",     "0",  "@",  "a@", "http://",
        "{{", "(",           "aa.",          "1.", "\xff", "\xe2\x82", "}",  "www.(", "%(", "+1 "}) {
    std::string text;
    while (text.size() < 300'000) text += part;
    PlaceholderFinder().find(text);
    PlaceholderFinder(placeholder_grammar("icu")).find(text);
    PlaceholderFinder(placeholder_grammar("c")).find(text);
  }
}

TEST(Placeholders, SpansAreInOrderAndWithinTheText) {
  static const std::string alphabet = "%%{}{}$#'@./:,5sd1a(- \xff\xc3\xa9";
  Random random(1);
  const PlaceholderFinder finder;
  for (int n = 0; n < 3000; ++n) {
    std::string text;
    for (std::uint64_t i = random.below(40); i > 0; --i) text += alphabet[random.below(alphabet.size())];
    std::size_t last = 0;
    for (const Placeholder& p : finder.find(text)) {
      ASSERT_GE(p.begin, last) << text;
      ASSERT_GT(p.end, p.begin) << text;
      ASSERT_LE(p.end, text.size()) << text;
      last = p.end;
    }
  }
}

}  // namespace
}  // namespace dragoman
