#pragma once
// Which models a service has, and which way leads from one language to another.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/service.h"
#include "translate/model_set.h"

namespace dragoman {

/// A model as far as it is known before it is loaded.
struct CatalogueEntry {
  std::string path;  ///< as the user names it
  std::string source_language, target_language;
  std::string model;         ///< what load_models reads
  ModelSetOptions settings;  ///< how
};

/// Models by their number, from first language to second; or with one alone.
struct Route {
  std::vector<int> models;
  std::string pivot = {};  ///< the language between them
};

/// Looks at the settings of all models. A model is a directory (of ours, of CTranslate2, or with one Marian
/// configuration in it), a model file of Marian's or a Marian configuration. Its languages are those that the user
/// says, or those of format/model_languages.h. Throws Error naming the path for what is missing or cannot be.
std::vector<CatalogueEntry> read_catalogue(const ServiceOptions& options);

/// All pairs that there is a way for, the models' own first.
std::vector<TranslationDirection> directions_of(const std::vector<CatalogueEntry>& catalogue);

/// The shortest way: one model, or two with a pivot. Codes match without regard to case; a code without a region
/// matches one with ("pt" for "pt-BR") where no exact one does, and the other way round.
std::optional<Route> find_route(const std::vector<CatalogueEntry>& catalogue, std::string_view source,
                                std::string_view target);

}  // namespace dragoman
