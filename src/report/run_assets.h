#pragma once
// The parts of the page of a run, files of this folder that the build puts into the program (cmake/embed.cmake).

#include <string_view>

namespace dragoman {

extern const std::string_view run_page_html;  ///< with {{names}} of what is to be filled in
extern const std::string_view run_page_css;
extern const std::string_view run_page_js;
extern const std::string_view run_samples_js;
extern const std::string_view run_scale_js;

}  // namespace dragoman
