#include "format/marian_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "format/config_yaml.h"
#include "format/marian_names.h"
#include "format/marian_settings.h"
#include "format/option_fields.h"
#include "model/build.h"

namespace dragoman {
namespace {

constexpr const char* scale_suffix = "_QuantMultA";

/// Items of old files that say nothing.
bool is_idle(const std::string& name) {
  return name == "decoder_c_tt" || name == "none_QuantMultA" || name.ends_with(scale_suffix);
}

ModelOptions read_options(const MarianFile& file) {
  require(!file.settings().empty(), "{}: no special:model.yml in it, so that nobody knows what model it is",
          file.path());
  ModelOptions options;
  Fields fields = describe(options);
  for (ConfigEntry& entry : parse_config(file.settings(), file.path() + ": special:model.yml")) {
    adapt_marian_entry(entry);
    if (fields.find(entry.key) != nullptr) {
      fields.set(entry.key, entry.value, entry.where);
    } else if (const MarianSetting* setting = find_marian_setting(entry.key)) {
      accept_marian_setting(*setting, entry);
    }  // others belong to kinds of models that are refused by their type
  }
  return options;
}

/// The rows of an item, as far as it is there.
int rows_of(const MarianFile& file, const char* name) {
  const MarianItem* item = file.find(name);
  return item != nullptr && item->shape.size() == 2 ? int(item->shape[0]) : 0;
}

/// What only the parameters tell: sizes that settings of some versions leave 0.
void complete(ModelOptions& o, const MarianFile& file) {
  o.dim_vocabs.resize(2, 0);
  const int both = rows_of(file, "Wemb"), source = rows_of(file, "encoder_Wemb"),
            target = rows_of(file, "decoder_Wemb");
  if (o.dim_vocabs[0] == 0) o.dim_vocabs[0] = both > 0 ? both : source;
  if (o.dim_vocabs[1] == 0) o.dim_vocabs[1] = both > 0 ? both : target;
  if (o.transformer_train_position_embeddings) {
    const int positions = rows_of(file, "Wpos");
    require(positions > 1, "{}: 'Wpos', the learned positions, is missing", file.path());
    o.max_length = positions - 1;
  }
}

/// The only number of an item.
float number_of(const MarianFile& file, const MarianItem& item) {
  require(item.size() == 1, "{}: '{}' {}: expected one number", file.path(), item.name, to_string(item.shape));
  float value = 0;
  item.read_floats({&value, 1});
  require(std::isfinite(value) && value > 0, "{}: '{}' is {}, expected a positive number", file.path(), item.name,
          value);
  return value;
}

class Import {
 public:
  Import(const MarianFile& file, Parameters& parameters, const ModelOptions& options, StoredWeights how)
      : file_(file), parameters_(parameters), options_(options), how_(how) {}

  void run() {
    for (std::size_t i = 0; i < parameters_.list().size(); ++i) find_items(parameters_.list()[i]);
    for (const MarianItem& item : file_.items()) {
      require(used_.contains(item.name) || is_idle(item.name),
              "{}: unexpected parameter '{}' {}: a model with its settings has none of that name", file_.path(),
              item.name, to_string(item.shape));
    }
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (keeps_int8(i)) parameters_.set_int8(int(i), int8_of(i));
    }
    parameters_.allocate();
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const Parameter& p = parameters_.list()[i];
      if (p.int8 == nullptr) read_floats(p, i);
    }
  }

 private:
  struct Found {
    std::vector<const MarianItem*> items;
    bool turned = false;  ///< the item is the transpose of what we have
  };

  void find_items(const Parameter& p) {
    const MarianSources sources = marian_sources(p.name, options_);
    require(!sources.names.empty(), "{}: Marian has no parameter for {}", file_.path(), p.name);
    Found found;
    const int parts = int(sources.names.size());
    for (const std::string& name : sources.names) {
      const MarianItem* item = file_.find(name);
      if (item == nullptr && !sources.legacy.empty()) {
        item = file_.find(sources.legacy);
        found.turned = item != nullptr;
      }
      require(item != nullptr, "{}: parameter '{}' is missing", file_.path(), name);
      check_shape(p, *item, parts, found.turned);
      used_.insert(item->name);
      found.items.push_back(item);
    }
    found_.push_back(std::move(found));
  }

  void check_shape(const Parameter& p, const MarianItem& item, int parts, bool turned) const {
    std::vector<std::int64_t> expected;
    for (int axis = 0; axis < p.shape.rank(); ++axis) expected.push_back(p.shape[axis]);
    expected.back() /= parts;
    if (turned) std::reverse(expected.begin(), expected.end());
    TensorShape found = item.shape;
    while (found.size() > expected.size() && found.front() == 1) found.erase(found.begin());
    require(found == expected, "{}: '{}' has the shape {}, expected {}", file_.path(), item.name, to_string(item.shape),
            to_string(TensorShape(expected)));
    if (item.type != ElementType::i8 || item.multiplier == 0) return;
    require(std::memchr(item.bytes.data(), -128, item.bytes.size()) == nullptr,
            "{}: '{}' has the number -128, expected -127 to 127", file_.path(), item.name);
  }

  bool keeps_int8(std::size_t i) const {
    const Parameter& p = parameters_.list()[i];
    if (how_ != StoredWeights::as_stored || p.use == ParameterUse::other || found_[i].turned) return false;
    return std::all_of(found_[i].items.begin(), found_[i].items.end(), [&](const MarianItem* item) {
      return item->type == ElementType::i8 && item->multiplier > 0 &&
             item->is_transposed() == (p.use == ParameterUse::map);
    });
  }

  /// 0 if there is none: each row has its own.
  float activation_scale(const MarianItem& item) const {
    const MarianItem* found = file_.find(item.name + scale_suffix);
    if (found == nullptr && item.name.find("Wemb") != std::string::npos) found = file_.find("none_QuantMultA");
    return found != nullptr ? number_of(file_, *found) : 0;
  }

  std::shared_ptr<const Int8Weights> int8_of(std::size_t i) const {
    const Parameter& p = parameters_.list()[i];
    const auto& items = found_[i].items;
    const auto numbers = [](const MarianItem& item) {
      return std::span(reinterpret_cast<const std::int8_t*>(item.bytes.data()), item.bytes.size());
    };
    std::vector<float> scales;
    std::vector<Int8Weights::Part> parts;
    auto joined = std::make_shared<std::vector<std::int8_t>>();
    for (const MarianItem* item : items) {
      const float scale = activation_scale(*item);
      const int first = int(scales.size()), outputs = p.outputs() / int(items.size());
      if (parts.empty() || parts.back().activation_scale != scale) parts.push_back({first, scale});
      scales.insert(scales.end(), std::size_t(outputs), 1 / item->multiplier);
      if (items.size() > 1) joined->insert(joined->end(), numbers(*item).begin(), numbers(*item).end());
    }
    if (items.size() > 1) {
      const std::span<const std::int8_t> all(*joined);
      return std::make_shared<Int8Weights>(p.outputs(), p.inputs(), all, std::move(scales), std::move(parts), joined);
    }
    return std::make_shared<Int8Weights>(p.outputs(), p.inputs(), numbers(*items[0]), std::vector<float>{scales[0]},
                                         std::move(parts), file_.owner());
  }

  void read_floats(const Parameter& p, std::size_t i) {
    const Found& found = found_[i];
    const std::span<float> out = parameters_.values_of(p);
    const std::size_t parts = found.items.size(), width = std::size_t(p.shape.width()), rows = out.size() / width;
    std::vector<float> values(out.size() / parts);
    for (std::size_t part = 0; part < parts; ++part) {
      found.items[part]->read_floats(values);
      const auto bad = std::find_if_not(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
      require(bad == values.end(), "{}: '{}': number {} of {} is not finite: the file is damaged", file_.path(),
              found.items[part]->name, bad - values.begin() + 1, values.size());
      const std::size_t columns = width / parts;
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
          out[r * width + part * columns + c] = values[found.turned ? c * rows + r : r * columns + c];
        }
      }
    }
  }

  const MarianFile& file_;
  Parameters& parameters_;
  const ModelOptions& options_;
  StoredWeights how_;
  std::vector<Found> found_;  ///< for each parameter
  std::set<std::string> used_;
};

}  // namespace

bool is_marian_model(const std::string& path) { return path.ends_with(".npz") || path.ends_with(".bin"); }

std::unique_ptr<Seq2Seq> load_marian_model(const std::string& path, StoredWeights weights,
                                           const DropoutOptions& dropout) {
  const MarianFile file = MarianFile::open(path);
  ModelOptions options = read_options(file);
  complete(options, file);
  require(options.type == "transformer", "{}: special:model.yml: type: expected transformer, found {}", path,
          options.type);
  check_model_options(options, path + ": special:model.yml");
  double stored = 0;
  for (const MarianItem& item : file.items()) stored += double(item.size());
  std::unique_ptr<Seq2Seq> model;
  try {
    model = describe_model(options, dropout);
  } catch (const Error& e) {
    fail("{}: special:model.yml: {}", path, e.what());
  }
  const double needed = double(model->parameters().count());
  require(needed <= 2 * stored + 1e6, "{}: {:.0f} numbers, but a model with its settings has {:.0f}: it is damaged",
          path, stored, needed);
  Import(file, model->parameters(), model->options(), weights).run();
  return model;
}

void save_marian_model(const std::string& path, const Seq2Seq& model) {
  const ModelOptions& o = model.options();
  const std::string foreign = foreign_to_marian(o);
  require(foreign.empty(), "Marian has no models with {}", foreign);
  std::vector<MarianArray> arrays;
  for (const Parameter& p : model.parameters().list()) {
    const MarianSources sources = marian_sources(p.name, o);
    require(!sources.names.empty(), "Marian has no parameter for {}", p.name);
    const std::span<const float> values = model.parameters().floats_of(p);
    const std::size_t parts = sources.names.size(), width = std::size_t(p.shape.width()), rows = values.size() / width;
    const std::size_t columns = width / parts;
    for (std::size_t part = 0; part < parts; ++part) {
      MarianArray array{sources.names[part], {std::int64_t(rows), std::int64_t(columns)}, {}};
      array.values.reserve(rows * columns);
      for (std::size_t r = 0; r < rows; ++r) {
        const auto row = values.subspan(r * width + part * columns, columns);
        array.values.insert(array.values.end(), row.begin(), row.end());
      }
      arrays.push_back(std::move(array));
    }
  }
  ModelOptions copy;
  const Fields fields = describe(copy);
  copy = o;
  copy.transformer_norm_keys = false;  // without norms before sublayers it says nothing
  std::string settings = "version: v1.12.0\n";
  for (const std::string& name : fields.names()) {
    const auto& field = *fields.find(name);
    if (field.help.find("(ours)") != std::string::npos) continue;
    settings += name + ": " + field.yaml() + "\n";
  }
  write_marian_npz(path, arrays, settings);
}

}  // namespace dragoman
