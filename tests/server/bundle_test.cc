// Modules of the page become one script.

#include "embed/bundle.h"

#include <gmock/gmock.h>

#include "dragoman/error.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Bundle, CallsEachModuleOnceAfterThoseItImports) {
  EXPECT_EQ(bundle("app.js", {{"app.js",
                               "// wires\nimport { b } from \"./b.js\";\nimport { c, C } from \"./c.js\";\n\n"
                               "const own = b + c;\n"},
                              {"b.js", "import { c } from \"./c.js\";\nexport const b = c(`export `);\n"},
                              {"c.js", "export function c(x) {\n  return x;\n}\nexport class C {}\nconst own = 1;\n"},
                              {"unused.js", "export const d = 1;\n"}}),
            "const module_c_js=(()=>{function c(x){return x;}\nclass C{}\nconst own=1;\nreturn{c,C,};})();\n"
            "const module_b_js=(()=>{const{c}=module_c_js;const b=c(`export `);\nreturn{b,};})();\n"
            "const module_app_js=(()=>{const{b}=module_b_js;const{c,C}=module_c_js;const own=b + c;\nreturn{};})();\n");
}

TEST(Bundle, KnowsWhatCanBeExported) {
  const auto exports = [](const std::string& text) { return bundle("a.js", {{"a.js", text}}); };
  EXPECT_THAT(exports("export async function* f() {}"), HasSubstr("async function*f(){}\nreturn{f,};"));
  EXPECT_THAT(exports("export function g() {}\nexport const $ = 1, h = 2;"), HasSubstr("return{g,$,};"));
}

TEST(Bundle, RootsAreWhatNothingImports) {
  EXPECT_THAT(roots({{"a.js", "import { b } from \"./b.js\";"}, {"b.js", "export const b = 1;"}, {"c.js", "f();"}}),
              ElementsAre("a.js", "c.js"));
}

TEST(Bundle, RefusesWhatItDoesNotKnow) {
  const auto message = [](const std::string& text, const std::string& other = "export const b = 1;") -> std::string {
    try {
      bundle("a.js", {{"a.js", text}, {"b.js", other}});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("import { c } from \"./c.js\";"), HasSubstr("a.js: imports c.js, which is not there"));
  EXPECT_THAT(message("import { b } from \"./b.js\";", "import { a } from \"./a.js\";"),
              HasSubstr("b.js: imports a.js, which imports it"));
  for (const char* text :
       {"import b from \"./b.js\";", "import * as b from \"./b.js\";", "import \"./b.js\";",
        "import { b as c } from \"./b.js\";", "import { b } from \"b\";", "const b = import(\"./b.js\");"}) {
    EXPECT_THAT(message(text), HasSubstr("a.js: expected import")) << text;
  }
  for (const char* text : {"export default 1;", "export { a };", "export let a = 1;", "export * from \"./b.js\";"}) {
    EXPECT_THAT(message(text), HasSubstr("a.js: expected export of a const, class or function")) << text;
  }
}

}  // namespace
}  // namespace dragoman
