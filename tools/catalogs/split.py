"""Train, valid and test, without a source sentence in two of them."""

import hashlib
import re
import unicodedata
from collections import defaultdict

from .clean import is_natural


def key_of(source):
    """What makes two sources the same sentence: letters and digits, in lower case."""
    text = unicodedata.normalize("NFKC", source).casefold()
    return " ".join(re.findall(r"\w+", text.replace("_", " ")))


def order_of(text):
    """A fixed random order of texts."""
    return hashlib.sha256(text.encode()).digest()


def split(pairs, valid, test):
    """Divides (source, target) pairs into {"train": [...], "valid": [...], "test": [...]}; the sentences that are held
    out are natural ones, chosen by the hash of their source, so that the same corpus always divides alike and a
    slightly larger one divides nearly alike. Also returns how many pairs were left out as further translations of a
    held-out sentence."""
    groups = defaultdict(list)
    for pair in pairs:
        groups[key_of(pair[0])].append(pair)
    order = sorted(groups, key=order_of)
    most = len(order) // 20  # a small corpus keeps at least nine tenths for training
    wanted = {"test": min(test, most), "valid": min(valid, most)}
    parts = {"train": [], "valid": [], "test": []}
    taken, left_out = set(), 0
    for rank in (is_natural, lambda source, target: True):
        for key in order:
            name = next((name for name in wanted if len(parts[name]) < wanted[name]), None)
            if name is None:
                break
            natural = [pair for pair in groups[key] if rank(*pair)]
            if natural and key not in taken:
                taken.add(key)
                parts[name].append(natural[0])
                left_out += len(groups[key]) - 1
    parts["train"] = [pair for key in order if key not in taken for pair in groups[key]]
    return parts, left_out
