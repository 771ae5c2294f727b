#include "format/marian_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.h"
#include "format/half.h"
#include "format/zip_archive.h"

namespace dragoman {
namespace {

constexpr std::string_view settings_name = "special:model.yml";
constexpr std::uint64_t longest_name = 4096, highest_rank = 8;

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Reads numbers from the front of a file and says where it ends too early.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  std::span<const std::byte> take(std::uint64_t size, const char* what) {
    require(size <= bytes_.size() - at_, "{}: {} at byte {}: expected {} bytes, and the file has {} more", path_, what,
            at_, size, bytes_.size() - at_);
    const auto taken = bytes_.subspan(at_, std::size_t(size));
    at_ += std::size_t(size);
    return taken;
  }
  std::uint64_t number(const char* what) { return load<std::uint64_t>(take(8, what).data()); }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::span<const std::byte> bytes_;
  const std::string& path_;
  std::size_t at_ = 0;
};

/// How a type of .bin files is read.
struct BinType {
  std::uint64_t code;
  ElementType type;
  bool multiplied;  ///< a float follows the integers
};

/// Codes of upstream Marian and of the fork that Bergamot and Firefox use.
constexpr BinType bin_types[] = {
    {0x101, ElementType::i8, false},  {0x402, ElementType::f16, false},  {0x404, ElementType::f32, false},
    {0x408, ElementType::f64, false}, {0x4101, ElementType::i8, true},   {0x4102, ElementType::i16, true},
    {0x10001, ElementType::i8, true}, {0x10002, ElementType::i16, true}, {0x102, ElementType::i16, false},
};

const BinType& bin_type(std::uint64_t code, const std::string& path, const std::string& name) {
  for (const BinType& type : bin_types) {
    if (type.code == code) return type;
  }
  struct Arranged {
    std::uint64_t code;
    const char *name, *what;
  };
  constexpr const char* of_processor =
      "integers arranged for one kind of processor (convert the float32 model with --gemm-type intgemm8)";
  constexpr const char* of_fbgemm = "FBGEMM's own arrangement";
  constexpr Arranged all[] = {{0x18001, "intgemm8ssse3", of_processor},   {0x11001, "intgemm8avx2", of_processor},
                              {0x12001, "intgemm8avx512", of_processor},  {0x13001, "intgemm8avx512vnni", of_processor},
                              {0x14002, "intgemm16sse2", of_processor},   {0x11002, "intgemm16avx2", of_processor},
                              {0x12002, "intgemm16avx512", of_processor}, {0x802, "packed16", of_fbgemm},
                              {0x1801, "packed8avx2", of_fbgemm},         {0x2801, "packed8avx512", of_fbgemm}};
  std::string type = fmt::format("{:#x}", code);
  for (const Arranged& arranged : all) {
    if (arranged.code == code) type = fmt::format("{}, {}", arranged.name, arranged.what);
  }
  fail("{}: '{}' has the type {}: expected float32, float16, float64, intgemm8 or intgemm16", path, name, type);
}

std::int64_t elements_of(const TensorShape& shape, const std::string& path, const std::string& name) {
  std::int64_t size = 1;
  for (const std::int64_t length : shape) {
    require(length >= 0 && (length == 0 || size <= std::numeric_limits<std::int32_t>::max() / length),
            "{}: '{}' has the shape {}: expected lengths of 0 or more and fewer than 2^31 elements", path, name,
            to_string(shape));
    size *= length;
  }
  return size;
}

}  // namespace

std::int64_t MarianItem::size() const {
  std::int64_t size = 1;
  for (const std::int64_t length : shape) size *= length;
  return size;
}

bool MarianItem::is_transposed() const {
  if (multiplier == 0 || shape.size() != 2) return false;
  const std::size_t length = name.size();
  return (length >= 2 && name.compare(length - 2, 2, "_W") == 0) ||
         (length >= 3 && name.compare(length - 3, 2, "_W") == 0);
}

void MarianItem::read_floats(std::span<float> out) const {
  const std::size_t rows = is_transposed() ? std::size_t(shape[0]) : 1, columns = out.size() / rows;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t place = rows == 1 ? i : (i % columns) * rows + i / columns;
    const std::byte* at = bytes.data() + place * bytes_of(type);
    switch (type) {
      case ElementType::f32:
        out[i] = load<float>(at);
        break;
      case ElementType::f64:
        out[i] = float(load<double>(at));
        break;
      case ElementType::f16:
        out[i] = from_f16(load<std::uint16_t>(at));
        break;
      case ElementType::i8:
        out[i] = float(load<std::int8_t>(at)) / (multiplier != 0 ? multiplier : 1);
        break;
      case ElementType::i16:
        out[i] = float(load<std::int16_t>(at)) / (multiplier != 0 ? multiplier : 1);
        break;
      default:
        out[i] = 0;
    }
  }
}

MarianFile MarianFile::open(const std::string& path) {
  auto file = std::make_shared<const MappedFile>(path);
  const auto bytes = file->bytes();
  return from_bytes(bytes, path, std::move(file));
}

MarianFile MarianFile::from_bytes(std::span<const std::byte> bytes, const std::string& path,
                                  std::shared_ptr<const void> owner) {
  MarianFile file;
  file.path_ = path;
  file.owner_ = std::move(owner);
  require(bytes.size() >= 16, "{}: {} bytes are no Marian model", path, bytes.size());
  if (std::memcmp(bytes.data(), "PK", 2) == 0) {
    file.read_npz(bytes);
  } else {
    file.read_bin(bytes);
  }
  std::sort(file.items_.begin(), file.items_.end(),
            [](const MarianItem& a, const MarianItem& b) { return a.name < b.name; });
  for (std::size_t i = 1; i < file.items_.size(); ++i) {
    require(file.items_[i].name != file.items_[i - 1].name, "{}: '{}' is there twice", path, file.items_[i].name);
  }
  return file;
}

const MarianItem* MarianFile::find(std::string_view name) const {
  const auto found = std::lower_bound(items_.begin(), items_.end(), name,
                                      [](const MarianItem& item, std::string_view n) { return item.name < n; });
  return found != items_.end() && found->name == name ? &*found : nullptr;
}

void MarianFile::add(MarianItem item) {
  if (item.name == settings_name) {
    require(item.type == ElementType::i8 && item.multiplier == 0, "{}: {} is no text", path_, settings_name);
    settings_.assign(reinterpret_cast<const char*>(item.bytes.data()), item.bytes.size());
    settings_.erase(settings_.find_last_not_of('\0') + 1);
  } else if (item.name.rfind("special:", 0) != 0) {
    items_.push_back(std::move(item));
  }
}

void MarianFile::read_bin(std::span<const std::byte> bytes) {
  Reader reader(bytes, path_);
  const std::uint64_t version = reader.number("the version");
  require(version != 2, "{}: a model with an encrypted header, which we cannot read", path_);
  require(version == 1, "{}: no Marian model: it begins with {:#x}, expected version 1 (or PK, a .npz file)", path_,
          version);
  const std::uint64_t count = reader.number("the number of items");
  require(count <= reader.left() / 32, "{}: {} items do not fit into its {} bytes", path_, count, bytes.size());
  struct Head {
    std::uint64_t name, type, rank, data;
  };
  std::vector<Head> heads(static_cast<std::size_t>(count));
  for (Head& head : heads) {
    head.name = reader.number("an item's header");
    head.type = reader.number("an item's header");
    head.rank = reader.number("an item's header");
    head.data = reader.number("an item's header");
    require(head.name >= 1 && head.name <= longest_name, "{}: an item's name of {} bytes, expected 1 to {}", path_,
            head.name, longest_name);
    require(head.rank <= highest_rank, "{}: an item of {} dimensions, expected at most {}", path_, head.rank,
            highest_rank);
  }
  std::vector<MarianItem> items(heads.size());
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto name = reader.take(heads[i].name, "a name");
    items[i].name.assign(reinterpret_cast<const char*>(name.data()), name.size());
    require(items[i].name.find('\0') == name.size() - 1, "{}: the name of item {} does not end where it says", path_,
            i + 1);
    items[i].name.pop_back();
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto shape = reader.take(heads[i].rank * 4, "a shape");
    for (std::size_t d = 0; d < heads[i].rank; ++d) items[i].shape.push_back(load<std::int32_t>(shape.data() + 4 * d));
  }
  reader.take(reader.number("the padding"), "the padding");
  for (std::size_t i = 0; i < heads.size(); ++i) {
    MarianItem& item = items[i];
    const BinType& type = bin_type(heads[i].type, path_, item.name);
    const auto data = reader.take(heads[i].data, item.name.c_str());
    const std::uint64_t size = std::uint64_t(elements_of(item.shape, path_, item.name)) * bytes_of(type.type);
    const std::uint64_t needed = size + (type.multiplied ? 4 : 0);
    require(needed <= data.size(), "{}: '{}' {} has {} bytes of data, expected at least {}", path_, item.name,
            to_string(item.shape), data.size(), needed);
    item.type = type.type;
    item.bytes = data.first(std::size_t(size));
    if (type.multiplied) {
      item.multiplier = load<float>(data.data() + size);
      require(item.multiplier > 0 && item.multiplier < std::numeric_limits<float>::infinity(),
              "{}: '{}' has the multiplier {}, expected a positive number", path_, item.name, item.multiplier);
    }
    add(std::move(item));
  }
}

void MarianFile::read_npz(std::span<const std::byte> bytes) {
  auto entries = std::make_shared<std::vector<ZipEntry>>(read_zip(bytes, path_));
  for (const ZipEntry& entry : *entries) {
    std::string name = entry.name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    const NumpyArray array = parse_numpy(std::as_bytes(std::span(entry.content)), path_ + ": '" + name + "'");
    elements_of(array.shape, path_, name);
    add({std::move(name), array.type, array.shape, array.bytes});
  }
  owner_ = std::move(entries);
}

void write_marian_npz(const std::string& path, std::span<const MarianArray> arrays, const std::string& settings) {
  std::vector<ZipEntry> entries;
  for (const MarianArray& array : arrays) {
    std::string content = numpy_header(ElementType::f32, array.shape);
    content.append(reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(float));
    entries.push_back({array.name + ".npy", std::move(content)});
  }
  const std::string text = settings + '\0';
  entries.push_back(
      {std::string(settings_name) + ".npy", numpy_header(ElementType::i8, {std::int64_t(text.size())}) + text});
  write_zip(path, entries);
}

}  // namespace dragoman
