#pragma once
// Placeholders out of a sentence before it is translated, and back into the translation.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "markup/aligned_text.h"
#include "markup/mask_form.h"
#include "markup/placeholders.h"

namespace dragoman {

/// A mask that stands for bytes [begin, end) of the original text: a placeholder, or several with nothing between them.
struct Mask {
  std::size_t begin = 0, end = 0;
  std::string original = {};  ///< those bytes
  int index = 0;              ///< the number of the mask
  bool keeps_order = false;
  /// Spaces that the text did not have, so that the mask is a word of its own.
  bool space_before = false, space_after = false;
};

/// A text with masks. REQUIRES of `masks`: in the order of the text.
struct MaskedText {
  std::string text = {};
  MaskForm form = {};
  std::vector<Mask> masks = {};
  std::vector<int> taken = {};                 ///< numbers of masks that are in the text itself
  std::vector<Replacement> replacements = {};  ///< of bytes of `text`, which give the original back
};

/// Puts masks in place of placeholders (in order, not overlapping). Numbers whose masks are in the text already are
/// left out. Nothing if masks of this form could not be told from the rest of the text.
std::optional<MaskedText> mask(std::string_view text, std::span<const Placeholder> placeholders, const MaskForm& form);

/// What became of a mask in a translation.
struct MaskProblem {
  enum class Kind {
    lost,
    doubled,
    out_of_order,  ///< it keeps its order, but came behind a later one that does too
    invented,      ///< a mask that nobody put in
  };
  Kind kind = Kind::lost;
  std::string original = {};  ///< the placeholder, of `invented` what was found
};

/// A translation with its placeholders back. Without problems it has each exactly once, in an allowed order.
struct RestoredText {
  std::string text = {};
  std::vector<Replacement> replacements = {};  ///< of bytes of the translation, which gave `text`
  std::vector<int> masks = {};                 ///< which mask each of them is for
  std::vector<MaskProblem> problems = {};
};

/// Replaces masks in the translation of masked.text by the original bytes; those that are doubled as well.
RestoredText restore(const std::string& translation, const MaskedText& masked);

/// A part of a text.
struct TextPart {
  enum class Kind {
    translatable,  ///< has letters, and no space around it
    placeholder,
    rest,  ///< needs no translation: space, punctuation, digits
  };
  std::string text = {};
  Kind kind = Kind::rest;
};

/// Cuts a text at its placeholders, so that each part can be translated alone and all joined again: then nothing can be
/// lost. The parts make the text.
std::vector<TextPart> split_at_placeholders(std::string_view text, std::span<const Placeholder> placeholders);

/// Whether there is a letter in a text, of any script.
bool has_letters(std::string_view text);

}  // namespace dragoman
