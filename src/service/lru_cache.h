#pragma once
// Values that are kept as long as there is room, the ones used lately first.

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace dragoman {

/// A cache bounded by bytes, as whoever inserts counts them. Safe to use from all threads.
template <class Value>
class LruCache {
 public:
  explicit LruCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// Null if there is none; else it is now the one used last.
  std::shared_ptr<Value> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  /// Replaces what was there under the key. What is larger than the whole cache is not kept.
  void insert(const std::string& key, std::shared_ptr<Value> value, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes += key.size() + sizeof(Entry) + 64;  // with its place in the table
    if (const auto found = places_.find(key); found != places_.end()) remove(found->second);
    if (bytes > most_bytes_) return;
    entries_.push_front({key, std::move(value), bytes});
    places_.emplace(entries_.front().key, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > most_bytes_) remove(std::prev(entries_.end()));
  }

  std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<Value> value;
    std::size_t bytes;
  };
  using Place = typename std::list<Entry>::iterator;

  void remove(Place place) {
    bytes_ -= place->bytes;
    places_.erase(place->key);
    entries_.erase(place);
  }

  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  ///< used last first
  std::unordered_map<std::string_view, Place> places_;
  std::size_t bytes_ = 0;
};

}  // namespace dragoman
