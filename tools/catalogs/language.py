"""Is each side in the language that it should be in?

Nothing is known about any language beforehand: two models of character sequences are learned from the two sides of the
corpus itself, which is nearly all right, and then every segment is asked which of the two it resembles. Where the two
languages are written in different scripts, the script is asked too.
"""

import math
import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ORDERS = (2, 3, 4)


class LanguageCheck:
    """Learns from pairs of texts (without placeholders and markup), then judges such pairs."""

    def __init__(self, pairs):
        self.words = [Counter(), Counter()]
        for pair in pairs:
            same = set(_words(pair[0])) & set(_words(pair[1]))  # names and loans tell nothing
            for side, text in enumerate(pair):
                self.words[side].update(word for word in _words(text) if word not in same)
        self.grams = [self._count_grams(words) for words in self.words]
        self.totals = [max(1, sum(grams.values())) for grams in self.grams]
        self.scripts = [_scripts(words) for words in self.words]
        self.odds = {}

    def is_wrong(self, source, target):
        """Whether the target looks like the source's language, or the source like the target's."""
        return self._wrong_script(target, 1) or self._wrong_script(source, 0) or \
            self._leaning(target) < 0 or self._leaning(source) > 0

    def _leaning(self, text):
        """Below 0: surely the source's language; above 0: surely the target's; 0: cannot be told."""
        words = _words(text)
        letters = sum(map(len, words))
        if letters < 4:
            return 0
        total = sum(self._word_odds(word) for word in words)
        # Per word, so that long texts need not be purer than short ones; short ones need clearer words.
        mean = total / len(words)
        return mean if abs(total) > 3.5 and abs(mean) > 0.8 else 0

    def _word_odds(self, word):
        """log p(word | target language) - log p(word | source language), bounded, so that no single word decides."""
        if word not in self.odds:
            seen = [self.words[side][word] for side in (0, 1)]
            sums = [max(1, self.words[side].total()) for side in (0, 1)]
            by_word = math.log((seen[1] + 0.5) / (sums[1] + 1)) - math.log((seen[0] + 0.5) / (sums[0] + 1))
            grams = _grams(word)
            by_grams = sum(math.log((self.grams[1][g] + 0.5) / self.totals[1]) - math.log((self.grams[0][g] + 0.5) / self.totals[0])
                           for g in grams) / max(1, len(grams))
            trust = min(1.0, sum(seen) / 20)
            self.odds[word] = max(-3.0, min(3.0, trust * by_word + (1 - trust) * 2 * by_grams))
        return self.odds[word]

    def _wrong_script(self, text, side):
        """No letter of the language's script, where the other language has another script."""
        mine, other = self.scripts[side], self.scripts[1 - side]
        if not mine or mine & other:
            return False
        letters = [c for word in _words(text) for c in word]
        return len(letters) >= 3 and not any(_script(c) in mine for c in letters)

    @staticmethod
    def _count_grams(words):
        counts = Counter()
        for word, count in words.items():
            for gram in _grams(word):
                counts[gram] += min(count, 50)  # frequent words say enough by themselves
        return counts


def length_limits(pairs):
    """Learns how long targets are compared with sources; returns a check for absurd ratios."""
    ratios = sorted(math.log((len(target) + 1) / (len(source) + 1)) for source, target in pairs if len(source) >= 20)
    middle = ratios[len(ratios) // 2] if ratios else 0.0

    def is_absurd(source, target):
        # Eight characters more or less are nothing special, however short the text.
        ratio = math.log((len(target) + 8) / (len(source) + 8))
        return abs(ratio - middle) > math.log(2.2)

    return is_absurd


def _words(text):
    return [word.lower() for word in _WORD.findall(text)]


def _grams(word):
    padded = f"^{word}$"
    return [padded[i : i + n] for n in _ORDERS for i in range(len(padded) - n + 1)]


def _scripts(words):
    """The scripts that make up more than a fifth of a language's letters."""
    counts = Counter()
    for word, count in words.items():
        counts[_script(word[0])] += count
    return {script for script, count in counts.items() if count * 5 > counts.total()}


def _script(letter):
    return unicodedata.name(letter, "?").split()[0]
