#include "format/marian_parameters.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "base/error.h"
#include "format/marian_names.h"

namespace dragoman {
namespace {

constexpr const char* scale_suffix = "_QuantMultA";

/// Items that say nothing: of old files, and copies.
bool is_idle(const std::string& name) {
  return name == "decoder_c_tt" || name == "uidx" || name == "history_errs" || name == "none_QuantMultA" ||
         name.ends_with(scale_suffix);
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

TensorShape without_ones(TensorShape shape) {
  std::erase(shape, 1);
  return shape;
}

class Import {
 public:
  Import(const MarianFile& file, Parameters& parameters, const ModelOptions& options, StoredWeights how)
      : file_(file), parameters_(parameters), options_(options), how_(how) {}

  void run() {
    for (const Parameter& p : parameters_.list()) find_items(p);
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
      if (p.int8 == nullptr) read_floats(p, found_[i]);
    }
  }

 private:
  struct Found {
    std::vector<MarianBlock> blocks;
    std::vector<const MarianItem*> items;  ///< of the blocks
    bool turned = false;                   ///< the item is the transpose of what we have
  };

  /// Types nematus and amun of Marian have names of their own.
  const MarianItem* find(const std::string& name) const {
    const MarianItem* item = file_.find(name);
    return item != nullptr || options_.type != "s2s" ? item : file_.find(older_marian_name(name));
  }

  void find_items(const Parameter& p) {
    const MarianSources sources = marian_sources(p, options_);
    require(!sources.blocks.empty(), "{}: Marian has no parameter for {}", file_.path(), p.name);
    Found found{.blocks = sources.blocks, .items = {}};
    for (const MarianBlock& block : sources.blocks) {
      const MarianItem* item = find(block.name);
      if (item == nullptr && !sources.legacy.empty()) {
        item = find(sources.legacy);
        found.turned = item != nullptr;
      }
      require(item != nullptr, "{}: parameter '{}' is missing", file_.path(), block.name);
      check_shape(block, *item, found.turned);
      used_.insert(item->name);
      found.items.push_back(item);
    }
    found_.push_back(std::move(found));
  }

  /// Ones do not count: vectors are [n], [1, n] or, in one case, [n, 1].
  void check_shape(const MarianBlock& block, const MarianItem& item, bool turned) const {
    TensorShape expected = {block.rows, block.columns};
    if (turned) std::swap(expected[0], expected[1]);
    require(without_ones(item.shape) == without_ones(expected), "{}: '{}' has the shape {}, expected {}", file_.path(),
            item.name, to_string(item.shape), to_string(expected));
    if (item.type != ElementType::i8 || item.multiplier == 0) return;
    require(std::memchr(item.bytes.data(), -128, item.bytes.size()) == nullptr,
            "{}: '{}' has the number -128, expected -127 to 127", file_.path(), item.name);
  }

  /// Where all items are integers that are stored by output, and all that a block has is one.
  bool keeps_int8(std::size_t i) const {
    const Parameter& p = parameters_.list()[i];
    const Found& found = found_[i];
    if (how_ != StoredWeights::as_stored || p.use == ParameterUse::other || found.turned) return false;
    const bool is_map = p.use == ParameterUse::map;
    for (std::size_t b = 0; b < found.blocks.size(); ++b) {
      const MarianItem& item = *found.items[b];
      const bool is_integer = item.type == ElementType::i8 && item.multiplier > 0 && item.is_transposed() == is_map;
      if (!is_integer || found.blocks[b].rows != p.shape.rows() || found.blocks[b].is_added) return false;
    }
    return true;
  }

  /// 0 if there is none: each row has its own.
  float activation_scale(const MarianItem& item) const {
    const MarianItem* found = file_.find(item.name + scale_suffix);
    if (found == nullptr && item.name.find("Wemb") != std::string::npos) found = file_.find("none_QuantMultA");
    return found != nullptr ? number_of(file_, *found) : 0;
  }

  std::shared_ptr<const Int8Weights> int8_of(std::size_t i) const {
    const Parameter& p = parameters_.list()[i];
    const Found& found = found_[i];
    const auto numbers = [](const MarianItem& item) {
      return std::span(reinterpret_cast<const std::int8_t*>(item.bytes.data()), item.bytes.size());
    };
    if (found.blocks.size() == 1) {
      const MarianItem& item = *found.items[0];
      return std::make_shared<Int8Weights>(p.outputs(), p.inputs(), numbers(item),
                                           std::vector<float>{1 / item.multiplier},
                                           std::vector<Int8Weights::Part>{{0, activation_scale(item)}}, file_.owner());
    }
    std::vector<std::size_t> order(found.blocks.size());
    for (std::size_t b = 0; b < order.size(); ++b) order[b] = b;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return found.blocks[a].column < found.blocks[b].column; });
    std::vector<float> scales;
    std::vector<Int8Weights::Part> parts;
    auto joined = std::make_shared<std::vector<std::int8_t>>();
    for (const std::size_t b : order) {
      const MarianBlock& block = found.blocks[b];
      const MarianItem& item = *found.items[b];
      const float scale = activation_scale(item);
      if (parts.empty() || parts.back().activation_scale != scale) parts.push_back({int(scales.size()), scale});
      scales.insert(scales.end(), std::size_t(block.width), 1 / item.multiplier);
      const std::size_t inputs = std::size_t(p.inputs());
      const auto rows = numbers(item).subspan(std::size_t(block.first) * inputs, std::size_t(block.width) * inputs);
      joined->insert(joined->end(), rows.begin(), rows.end());
    }
    const std::span<const std::int8_t> all(*joined);
    return std::make_shared<Int8Weights>(p.outputs(), p.inputs(), all, std::move(scales), std::move(parts), joined);
  }

  void read_floats(const Parameter& p, const Found& found) {
    const std::span<float> out = parameters_.values_of(p);
    const std::size_t width = std::size_t(p.shape.width());
    std::vector<float> values;
    for (std::size_t b = 0; b < found.blocks.size(); ++b) {
      const MarianBlock& block = found.blocks[b];
      const MarianItem& item = *found.items[b];
      values.resize(std::size_t(item.size()));
      item.read_floats(values);
      const auto bad = std::find_if_not(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
      require(bad == values.end(), "{}: '{}': number {} of {} is not finite: the file is damaged", file_.path(),
              item.name, bad - values.begin() + 1, values.size());
      for (int r = 0; r < block.rows; ++r) {
        float* to = out.data() + std::size_t(block.row + r) * width + std::size_t(block.column);
        for (int c = 0; c < block.width; ++c) {
          const std::size_t from = found.turned
                                       ? std::size_t(block.first + c) * std::size_t(block.rows) + std::size_t(r)
                                       : std::size_t(r) * std::size_t(block.columns) + std::size_t(block.first + c);
          to[c] = block.is_added ? to[c] + values[from] : values[from];
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

void read_marian_parameters(const MarianFile& file, Parameters& parameters, const ModelOptions& options,
                            StoredWeights how) {
  Import(file, parameters, options, how).run();
}

std::vector<MarianArray> marian_arrays(const Parameters& parameters, const ModelOptions& options) {
  std::vector<MarianArray> arrays;
  for (const Parameter& p : parameters.list()) {
    const MarianSources sources = marian_sources(p, options);
    require(!sources.blocks.empty(), "Marian has no parameter for {}", p.name);
    const float* values = parameters.floats_of(p).data();
    for (std::size_t b = 0; b < sources.blocks.size(); ++b) {
      const MarianBlock& block = sources.blocks[b];
      if (b == 0 || sources.blocks[b - 1].name != block.name) {  // blocks of one of Marian's follow each other
        TensorShape shape = {block.rows, block.columns};
        if (sources.is_column) std::swap(shape[0], shape[1]);
        const std::size_t size = std::size_t(block.rows) * std::size_t(block.columns);
        arrays.push_back({block.name, std::move(shape), std::vector<float>(size, 0.0f)});
      }
      if (block.is_added) continue;
      for (int r = 0; r < block.rows; ++r) {
        std::copy_n(values + std::int64_t(block.row + r) * p.shape.width() + block.column, block.width,
                    arrays.back().values.begin() + std::int64_t(r) * block.columns + block.first);
      }
    }
  }
  return arrays;
}

}  // namespace dragoman
