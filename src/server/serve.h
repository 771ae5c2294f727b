#pragma once
// The server as a whole.

#include <string>

#include "dragoman/serve_settings.h"

namespace dragoman {

/// Serves until a signal ends it, and returns the exit code. Throws Error for settings that cannot be, models that
/// cannot be read, and an address that cannot be listened at. `version`: of the program.
int serve(const ServeSettings& settings, const std::string& version);

}  // namespace dragoman
