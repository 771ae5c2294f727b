#pragma once
// Damage: what happens to files on disks, in transfers and in the hands of those who mean harm.

#include <span>
#include <string>
#include <string_view>

#include "base/random.h"

namespace dragoman::fuzz {

/// What is known of a file's form.
struct FileForm {
  bool is_text = false;                     ///< all of it; else numbers, perhaps with texts between them
  std::span<const std::string> words = {};  ///< what its texts are made of, to be put where they do not belong
};

/// `seed` with one to four changes, a pure function of the arguments: bits, bytes and whole numbers set to values where
/// arithmetic overflows; parts cut, moved, doubled, repeated, taken from `other`; in texts also numbers, words, lines
/// and members doubled or swapped.
std::string mutate(const std::string& seed, const std::string& other, const FileForm& form, Random& random);

}  // namespace dragoman::fuzz
