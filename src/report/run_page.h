#pragma once
// The page that shows training runs.

#include <string>
#include <vector>

#include "report/run_history.h"

namespace dragoman {

/// One HTML page of some runs that needs nothing else: curves, summary, sample translations and settings. Runs may lack
/// any of these. Long histories are thinned to what a screen can show. REQUIRES: `runs` is not empty.
std::string run_page(const std::vector<RunHistory>& runs, const std::string& title);

/// Text inside an element or a quoted attribute. Control characters, which HTML does not allow, become U+FFFD.
std::string html_escaped(const std::string& text);

}  // namespace dragoman
