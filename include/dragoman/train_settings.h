#pragma once
// All settings of a training run.

#include <string>

#include "dragoman/data_options.h"
#include "dragoman/general_options.h"
#include "dragoman/model_options.h"
#include "dragoman/search_options.h"
#include "dragoman/training_options.h"
#include "dragoman/vocabulary_options.h"

namespace dragoman {

/// Settings of `dragoman train`. Where two parts have a member of the same setting (max-length) they agree.
struct TrainSettings {
  GeneralOptions general;
  std::string model_path = "model";  ///< the model directory to make or continue
  ModelOptions model;
  DropoutOptions dropout;
  DataOptions data;
  VocabularyOptions vocabulary;
  TrainingOptions training;
  SearchOptions search;            ///< of the translations made while validating
  bool quiet_translation = false;  ///< do not log samples of them
};

}  // namespace dragoman
