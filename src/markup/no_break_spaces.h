#pragma once
// Models read and write all spaces alike; those that must not break come back here.

#include <vector>

#include "markup/aligned_text.h"

namespace dragoman {

/// Makes spaces of the translation no-break spaces (U+00A0, U+202F) if the source has one there: between the same two
/// words, or beside a number that the translation has once. Kept ranges stay as they are, and are moved.
void restore_no_break_spaces(AlignedText& text, std::vector<KeptRange>& kept);

}  // namespace dragoman
