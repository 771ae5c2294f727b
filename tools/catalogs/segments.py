"""A message and its translation become pairs of lines and sentences.

Messages are laid out for screens: paragraphs wrapped by hand, tables of options, markup for line breaks. Both sides are
taken apart by the same rules, and only if they fall into equally many parts are the parts taken as pairs.
"""

import re

_BREAK = re.compile(r"\s*(?:</?(?:p|br|li|ul|ol|div|qt|html|body|para|tr|td|table|h[1-6])(?:\s[^<>]*)?/?>\s*)+", re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-*•·–]|\(?\d{1,2}[.)])\s+(?=\S)")
_OPTION = re.compile(r"^\s*(?:-{1,2}\w|-$|-\s)")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'»”“)\]]*\s+(?=[\"'«„“(\[<]*[^\W\d_a-z])|(?<=[。！？])(?=\S)")
# A full stop after one of these, a single letter or a small (ordinal) number ends no sentence.
_ABBREVIATION = re.compile(r"(?:\b(?:\w|\d{1,2}|e\.g|i\.e|etc|vs|cf|ca|bzw|usw|bsp|vgl|evtl|ggf|max|min|nr|no|approx|resp|fig|sec|St|Dr|Mr|Mrs|"
                           r"Prof|т\.\s?[едпк]|др|стр|ex|aprox|p|pp|tel|inc|ltd|dept)\.|\.\.)$", re.IGNORECASE)
_WRAPPED = 45  # a line at least so long may go on in the next


def segments(source, target):
    """Pairs of parts of a message, or None when the two sides are not laid out alike."""
    source, target = _without_context(source, target)
    sources, targets = _logical_lines(source), _logical_lines(target)
    if len(sources) != len(targets):
        return None
    pairs = []
    for left, right in zip(sources, targets):
        if len(left) != len(right):
            if left and right and (_OPTION.match(left[0]) or _OPTION.match(right[0])):
                return None
            left, right = [" ".join(left)], [" ".join(right)]
        for column in zip(left, right):
            pairs += _sentences(*map(_tidy, column))
    return [pair for pair in map(_without_bullets, pairs) if pair[0] or pair[1]]


def split_sentences(text):
    """The sentences of a line, with some care for abbreviations."""
    parts, begin = [], 0
    for match in _SENTENCE_END.finditer(text):
        sentence = text[begin : match.start()]
        if not _ABBREVIATION.search(sentence):
            parts.append(text[begin : match.end()].strip())
            begin = match.end()
    parts.append(text[begin:].strip())
    return [part for part in parts if part]


def _without_context(source, target):
    """Without the context that older catalogs write in front of a message: "verb|Open" or "?city:Name"."""
    if "|" in source and "|" not in target:
        source = re.sub(r"^[^|\n]{1,60}\|(?=\S)", "", source)
    if source.startswith("?") and not target.startswith("?"):
        source = re.sub(r"^\?[^:\n]{1,60}:(?=\S)", "", source)
    return source, target


def _logical_lines(text):
    """Lines as they were before they were wrapped, each a list of columns."""
    lines = []
    length = indent = -1  # of the last line as it stood; -1: the next line begins anew
    for line in _BREAK.sub("\n\n", text.replace("\r", "")).split("\n"):
        line = line.rstrip().expandtabs(8)
        if not line:
            length = -1
            continue
        depth = len(line) - len(line.lstrip())
        bare = line.lstrip()
        goes_on = length >= 0 and not _BULLET.match(bare) and not _OPTION.match(bare) and (
            depth >= indent + 4 or depth >= 16
            or (depth <= indent + 2 and (length >= _WRAPPED or bare[0].islower()))
        )
        columns = _columns(bare)
        if goes_on and len(columns) == 1:
            lines[-1][-1] += " " + columns[0]
        else:
            lines.append(columns)
            indent = depth
        length = len(bare)
    return lines


def _columns(line):
    """Columns stand two or more spaces apart; two spaces after a full stop are only wide typing."""
    line = re.sub(r"(?<=[.!?:,;])\s{2,}(?=\S)", " ", line)
    return re.split(r"\s{2,}", line)


def _sentences(source, target):
    sources = split_sentences(source)
    if len(sources) > 1:
        targets = split_sentences(target)
        if len(sources) == len(targets) and all(
            _is_alike(*pair, len(target) / len(source)) for pair in zip(sources, targets)
        ):
            return list(zip(sources, targets))
    return [(source, target)]


def _is_alike(source, target, ratio):
    """Whether two sentences can be each other's translation, where the whole texts' lengths have this ratio."""
    return 0.5 < (len(target) + 10) / (len(source) * ratio + 10) < 2


def _tidy(text):
    return re.sub(r"[ \t\v\f\x85\u2028\u2029]+", " ", text).strip()


def _without_bullets(pair):
    source, target = pair
    if _BULLET.match(source) and _BULLET.match(target):
        return _BULLET.sub("", source), _BULLET.sub("", target)
    return pair
