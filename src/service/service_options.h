#pragma once
// A service's options out of the settings that users give.

#include "dragoman/served_models.h"
#include "dragoman/service.h"

namespace dragoman {

/// Throws Error naming the setting if there are more languages than models.
ServiceOptions service_options(const ServedModels& served);

}  // namespace dragoman
