#pragma once
// Shuffling more than fits in memory.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/random.h"
#include "text/pair_store.h"
#include "text/temp_file.h"

namespace dragoman {

/// Gives the pairs of a file sorted by shuffle_key, thus in the same order as PairStore::shuffle would. The file is
/// dealt out to 64 temporary files by the highest bits of the key; each of these is small enough to be sorted in
/// memory, or else is dealt out again by the next bits. Memory: `budget`, or the largest single pair if that is more,
/// and 5 MiB of buffers. Disk: as much as the file.
class BucketShuffle {
 public:
  /// `file` holds `pairs` pairs and must outlive this. `stop` makes long passes throw ReadingStopped.
  BucketShuffle(const TempFile& file, std::int64_t pairs, const Random& order, std::size_t budget,
                const std::string& tempdir, std::stop_token stop = {});

  /// The next pair, valid until the next call; false at the end.
  bool next(PairView& pair);
  /// Passes over `pairs` pairs, without reading buckets that are passed over whole.
  void skip(std::int64_t pairs);

 private:
  struct Bucket {
    std::optional<TempFile> owned = {};  ///< none: the file that was given
    std::int64_t pairs = 0;
    int bits = 0;  ///< how many of the highest bits of the key are the same throughout
  };

  bool load_next_bucket();
  void deal_out(Bucket bucket);
  const TempFile& file_of(const Bucket& bucket) const { return bucket.owned ? *bucket.owned : *file_; }
  bool fits(const Bucket& bucket) const;

  const TempFile* file_;
  Random order_;
  std::size_t budget_;
  std::string tempdir_;
  std::stop_token stop_;
  std::vector<Bucket> waiting_;  ///< the next one last
  PairStore present_;
  std::size_t place_ = 0;  ///< in the present bucket
};

}  // namespace dragoman
