"""Accelerator marks: the `_`, `&` or `~` in front of the letter that a keyboard user presses.

Toolkits choose different marks, and the same characters also occur in identifiers (foo_bar), in entities (&amp;) and
in paths (~/x). So a catalog is looked at as a whole first: a mark counts as its accelerator only where messages and
translations carry it in *different* words, which identifiers never do.
"""

import re

# A mark where it could be an accelerator: before a letter or digit, not an entity, not doubled (an escaped mark).
_MARKS = {
    "_": re.compile(r"(?<!_)_(?=[^\W_])"),
    "&": re.compile(r"(?<!&)&(?=[^\W_])(?!#?\w+;)"),
    "~": re.compile(r"(?<!~)~(?=[^\W\d_])"),
}
_FEWEST = 2  # messages that prove a catalog's use of a mark


def marks_of(pairs):
    """The marks that a catalog, given as (source, target) pairs, uses for accelerators."""
    used = []
    for mark, pattern in _MARKS.items():
        proofs = others = 0
        for source, target in pairs:
            if mark not in source:
                continue
            places, answers = pattern.findall(source), pattern.findall(target)
            if len(places) != 1 or len(answers) != 1:
                continue
            if _word_at(pattern, source) != _word_at(pattern, target):
                proofs += 1
            else:
                others += 1
        if proofs >= _FEWEST and 4 * proofs >= others:
            used.append(mark)
    return used


def remove_marks(source, target, marks):
    """(source, target) without accelerators, or None when it cannot be told whether a mark is one."""
    for mark in marks:
        if mark not in source and mark not in target:
            continue
        pattern = _MARKS[mark]
        target = re.sub(r"\s*\(" + re.escape(mark) + r"\w\)", "", target)  # CJK: the letter follows in parentheses
        if "(" + mark in source:
            source = re.sub(r"\s*\(" + re.escape(mark) + r"\w\)", "", source)
        in_source, in_target = _marked_words(pattern, source), _marked_words(pattern, target)
        if in_source and in_source == in_target and all(_inside(pattern, word) for word in in_source):
            continue  # the same identifiers on both sides
        if len(in_source) > 1 or len(in_target) > 1:
            return None
        if in_source and not in_target and _inside(pattern, in_source[0]):
            return None
        if in_target and not in_source and _inside(pattern, in_target[0]):
            return None
        source, target = pattern.sub("", source), pattern.sub("", target)
        if mark != "~":
            source, target = source.replace(mark * 2, mark), target.replace(mark * 2, mark)
    return source, target


def _word_at(pattern, text):
    return _marked_words(pattern, text)[0]


def _marked_words(pattern, text):
    return sorted(word for word in re.findall(r"[\w&~]+", text) if pattern.search(word))


def _inside(pattern, word):
    return not pattern.match(word)
