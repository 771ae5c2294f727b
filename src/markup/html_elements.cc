#include "markup/html_elements.h"

#include <algorithm>
#include <initializer_list>

namespace dragoman {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_void_element(std::string_view name) {
  return is_one_of(name, {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
                          "keygen", "link", "meta", "param", "source", "track", "wbr"});
}

bool is_raw_element(std::string_view name) {
  return is_one_of(name, {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"});
}

bool is_block_element(std::string_view name) {
  return is_one_of(
      name, {"address",  "article",  "aside",      "base",   "blockquote", "body",    "br",     "button",   "caption",
             "center",   "col",      "colgroup",   "dd",     "details",    "dialog",  "dir",    "div",      "dl",
             "dt",       "fieldset", "figcaption", "figure", "footer",     "form",    "frame",  "frameset", "h1",
             "h2",       "h3",       "h4",         "h5",     "h6",         "head",    "header", "hgroup",   "hr",
             "html",     "legend",   "li",         "link",   "listing",    "main",    "menu",   "menuitem", "meta",
             "nav",      "noframes", "noscript",   "ol",     "optgroup",   "option",  "p",      "param",    "plaintext",
             "pre",      "search",   "section",    "select", "source",     "summary", "table",  "tbody",    "td",
             "template", "tfoot",    "th",         "thead",  "title",      "tr",      "track",  "ul",       "xmp"});
}

bool is_untouchable_element(std::string_view name) {
  return is_readable_element(name) ||
         is_one_of(name, {"script", "style", "pre", "textarea", "xmp", "listing", "plaintext", "iframe", "noembed",
                          "noframes", "svg", "math", "object", "video", "audio", "canvas", "applet"});
}

bool is_readable_element(std::string_view name) { return is_one_of(name, {"code", "kbd", "samp", "var", "tt"}); }

bool is_replaced_element(std::string_view name) {
  return is_one_of(name, {"img", "input", "embed", "iframe", "svg", "math", "object", "video", "audio", "canvas",
                          "applet", "textarea", "area", "keygen"});
}

}  // namespace dragoman
