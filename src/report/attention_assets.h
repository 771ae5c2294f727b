#pragma once
// The parts of pictures of attention, files of this folder that the build puts into the program (cmake/embed.cmake).

#include <string_view>

namespace dragoman {

extern const std::string_view attention_style_css;  ///< of panels
extern const std::string_view attention_page_css;   ///< of the rest of the page
extern const std::string_view attention_page_js;

}  // namespace dragoman
