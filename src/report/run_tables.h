#pragma once
// The tables of a run's page, in HTML.

#include <string>
#include <vector>

#include "report/run_history.h"

namespace dragoman {

/// What the runs came to, a column for each.
std::string summary_table(const std::vector<RunHistory>& runs);

/// The settings of the runs that are not the program's defaults, or differ between runs; the rest folded away.
std::string settings_tables(const std::vector<RunHistory>& runs);

/// "Up to 1,234 of them", digits as in the charts: "39.02", "0.00075", "1.235M"; a dash if it is not known.
std::string number_text(double value);

/// "42 s", "12 min 5 s", "3 h 20 min".
std::string time_text(double seconds);

}  // namespace dragoman
