#pragma once
// The models of `dragoman serve` and `dragoman interactive`, and how they translate.

#include <string>
#include <vector>

#include "dragoman/search_options.h"

namespace dragoman {

struct ServedModels {
  std::vector<std::string> models = {};   ///< model directories, or files of Marian's
  std::vector<std::string> configs = {};  ///< Marian configurations that name a model
  std::vector<std::string> source_languages =
      {};  ///< of each model, those of `models` first; "" or left out: as it says
  std::vector<std::string> target_languages = {};
  int threads = 0;                  ///< that translate; 0: one per core
  std::string gemm_precision = {};  ///< as for translate
  SearchOptions search = {.beam_size = 1, .normalize = 1};
  int cache_size = 64;        ///< MiB of sentences translated lately
  int max_loaded_models = 8;  ///< at the same time
};

}  // namespace dragoman
