// What becomes of the page's files before they are part of the program.

#include "embed/strip.h"

#include <gmock/gmock.h>

#include "dragoman/error.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

std::string script(std::string_view text) { return strip("a.js", text); }

TEST(Strip, TakesCommentsAndIndentationOutOfScripts) {
  EXPECT_EQ(script("// says what\nimport { a } from \"./b.js\"; // and why\n\n"
                   "/** Does it.\n *  @param x that */\nexport function f(x) {\n  return a( x, /* twice */ x );\n}\n"),
            "import{a}from\"./b.js\";export function f(x){return a(x,x);}\n");
}

TEST(Strip, LeavesStringsAsTheyAre) {
  for (const char* text : {"a = \"//  no comment /* */\";\n", "a = ' \\'  // ' + \"\\\"  \";\n", "a = \"\\\\\";\n"}) {
    EXPECT_THAT(script(text), HasSubstr(std::string(text).substr(4, std::string(text).size() - 6))) << text;
  }
}

TEST(Strip, LeavesTemplateLiteralsAsTheyAreButNotTheCodeInThem) {
  EXPECT_EQ(script("a = `  // ${ b( { c: `}  ${ d }` } ) /* e */ }\n\n  /* f */ \\` ${'}'}`;\n"),
            "a=`  // ${b({c:`}  ${d}`})}\n\n  /* f */ \\` ${'}'}`;\n");
}

TEST(Strip, TellsRegularExpressionsFromDivisions) {
  EXPECT_EQ(script("a = /  [/'\"`]\\/ * /gu.test(b) / 2 / c;\n"), "a= /  [/'\"`]\\/ * /gu.test(b) / 2 / c;\n");
  EXPECT_EQ(script("return / {2}\\/\\/ /.test(x);\n"), "return / {2}\\/\\/ /.test(x);\n");
  EXPECT_EQ(script("if (a) / \"  /.exec(b);\n"), "if(a) / \"  /.exec(b);\n");
  EXPECT_EQ(script("x = (a + b) / 2; // a/b\ny = z.of / 2 /  3;\n"), "x=(a + b) / 2;y=z.of / 2 / 3;\n");
  EXPECT_EQ(script("x = a[0] / b++ / c;  // half\n"), "x=a[0] / b++ / c;\n");
}

TEST(Strip, KeepsLineEndsThatImplySemicolons) {
  EXPECT_EQ(script("a = b\n(c)\n  return\nd\n++e\n"), "a=b\n(c)\nreturn\nd\n++e\n");
  EXPECT_EQ(script("a = b /* one\n two */ c\n"), "a=b\nc\n");
  EXPECT_EQ(script("f(\n  a,\n  [\n    b,\n  ],\n)\n"), "f(a,[b,],)\n") << "none is implied after ( [ , and {";
}

TEST(Strip, KeepsSpacesThatKeepTokensApart) {
  EXPECT_EQ(script("a = b + +c - -d; let e = 1 .toFixed(); x = y / /r/;\n"),
            "a=b + +c - -d;let e=1 .toFixed();x=y / /r/;\n");
  EXPECT_EQ(script("for (const a of b) if (c in d) throw new E;\n"), "for(const a of b)if(c in d)throw new E;\n");
  EXPECT_EQ(script("const é = a, #p = 1; async  function  *g() {}\n"), "const é=a,#p=1;async function*g(){}\n");
}

TEST(Strip, RefusesWhatItCannotTell) {
  const auto message = [](std::string_view name, std::string_view text) -> std::string {
    try {
      strip(name, text);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("a.js", "if (a) {\n}\n/b/.test(c)"), HasSubstr("a.js line 3: expected no slash after a closing"));
  EXPECT_THAT(message("a.js", "a = \"b\n\""), HasSubstr("a.js line 1: a string without end"));
  EXPECT_THAT(message("a.js", "\na = `b ${c"), HasSubstr("a.js line 2: a template literal without end"));
  EXPECT_THAT(message("a.js", "a = /b\n/"), HasSubstr("a regular expression without end"));
  EXPECT_THAT(message("a.js", "a /* b"), HasSubstr("a comment without end"));
  EXPECT_THAT(message("a.js", "}"), HasSubstr("a closing brace that closes nothing"));
  EXPECT_THAT(message("a.css", "a { b: \"c"), HasSubstr("a string without end"));
  EXPECT_THAT(message("a.html", "<pre>\n  a</pre>"), HasSubstr("expected no <pre>"));
  EXPECT_THAT(message("a.html", "<script>a</script>"), HasSubstr("expected a script in a file of its own"));
}

TEST(Strip, KeepsWhatSpacesMeanInStyles) {
  EXPECT_EQ(strip("a.css",
                  "/* why */\n.a  .b > i,\n.c :is(d, e) {\n  margin: calc(1px + 2px);\n"
                  "  content: \"/* no */  \";\n  background: url( a  b.svg);\n}\n\n@media (x) {\n  f { g: h }\n}\n"),
            ".a .b > i,.c :is(d, e) {margin: calc(1px + 2px);content: \"/* no */  \";background: url( a  b.svg);}"
            "@media (x) {f { g: h }}\n");
}

TEST(Strip, KeepsAttributesAndSpacesBetweenWordsOfPages) {
  EXPECT_EQ(strip("a.html",
                  "<!-- a -->\n<p title='  <b>  '\n   class=\"c\">one <b>two</b>\n\n  three</p>\n"
                  "<script src=\"a.js\"></script>\n"),
            "<p title='  <b>  '\nclass=\"c\">one <b>two</b>\nthree</p>\n<script src=\"a.js\"></script>\n");
}

TEST(Strip, LeavesOtherFilesAsTheyAre) { EXPECT_EQ(strip("a.svg", "  <!-- a -->\n"), "  <!-- a -->\n"); }

}  // namespace
}  // namespace dragoman
