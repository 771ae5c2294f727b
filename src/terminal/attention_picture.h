#pragma once
// Attention as a picture of characters: a row for each target piece, a column for each source piece.

#include <string>

#include "dragoman/service.h"
#include "terminal/screen.h"

namespace dragoman {

/// The picture, with the pieces at both sides and the largest weight of each row marked. Cells are shades of grey where
/// the screen has colours, else " .:-=+*#%@" by weight. Columns that the screen is too narrow for stand in further
/// pictures below.
std::string attention_picture(const AttentionAnswer& attention, const Screen& screen);

}  // namespace dragoman
