#pragma once
// All settings of `dragoman interactive`.

#include <string>

#include "dragoman/general_options.h"
#include "dragoman/served_models.h"

namespace dragoman {

struct InteractiveSettings {
  GeneralOptions general;
  ServedModels served = {.search = {.beam_size = 4, .normalize = 1}};
  std::string history;  ///< file that keeps what was typed; empty: nothing stays
};

}  // namespace dragoman
