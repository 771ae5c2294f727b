#!/usr/bin/env python3
"""A small parallel corpus for tests, made by a grammar: nothing to download, and as large as you like.

The same random trees (corpora/sentences.py) are put into words (corpora/languages.py, corpora/lexicon.py) in English,
German and Spanish, so that a model has to learn what translation is about: agreement in gender, number and case, verbs
that move to the end of a clause, adjectives before or after their noun, pronouns that agree with what they stand for,
numbers in digits and in letters, dates and times of day in several formats. Each source sentence has exactly one
translation, and the vocabulary is a few hundred words, so that a small Transformer gets above 95 BLEU in minutes.

  corpora/generator.py --seed 1 --lines 20000 --output data/toy
  corpora/generator.py --languages es en --lines 100000 --valid 1000 --test 1000 --output data/es-en

writes train, valid and test with the language codes as suffixes (train.en, train.de, ...). No sentence occurs twice,
neither within a file nor in two of them. The same seed and sizes give the same files everywhere.
"""

import argparse
import random
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from languages import LANGUAGES  # noqa: E402
from sentences import Writer  # noqa: E402


def main():
    options = parse_options()
    pairs = sentence_pairs(options.seed, options.languages)
    options.output.mkdir(parents=True, exist_ok=True)
    # Valid and test come first, so that they stay the same when more lines of training are asked for.
    for name, lines in (("valid", options.valid), ("test", options.test), ("train", options.lines)):
        rows = [next(pairs) for _ in range(lines)]
        for side, suffix in enumerate(options.suffixes or options.languages):
            path = options.output / f"{name}.{suffix}"
            path.write_text("".join(row[side] + "\n" for row in rows), encoding="utf-8")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--output", type=Path, required=True, help="folder to write to")
    add("--lines", type=int, default=20000, help="sentence pairs for training (default: %(default)s)")
    add("--valid", type=int, default=500, help="pairs for validation (default: %(default)s)")
    add("--test", type=int, default=500, help="pairs for the test (default: %(default)s)")
    add("--seed", type=int, default=1, help="another seed gives other sentences (default: %(default)s)")
    add("--languages", nargs="+", default=["en", "de"], choices=sorted(LANGUAGES), metavar="CODE",
        help="source, target, and more if wanted: " + ", ".join(sorted(LANGUAGES)) + " (default: en de)")
    add("--suffixes", nargs="+", metavar="NAME", help="endings of the files' names, one for each language, such as src trg "
        "(default: the languages' codes)")
    options = parser.parse_args()
    for name in ("lines", "valid", "test"):
        if getattr(options, name) < 0:
            parser.error(f"--{name} is {getattr(options, name)}, expected 0 or more")
    if len(set(options.languages)) < 2 or len(set(options.languages)) < len(options.languages):
        parser.error("--languages needs at least two different codes")
    if options.suffixes and len(set(options.suffixes)) != len(options.languages):
        parser.error(f"--suffixes needs {len(options.languages)} different names, one for each of --languages")
    return options


def sentence_pairs(seed, languages):
    """Endless rows of one sentence in all the languages, none of whose sources came before."""
    writer = Writer(random.Random(seed))
    speakers = [LANGUAGES[language] for language in languages]
    seen = set()
    while True:
        sentence = writer.sentence()
        source = speakers[0].sentence(sentence)
        if source not in seen:
            seen.add(source)
            yield [source, *(speaker.sentence(sentence) for speaker in speakers[1:])]


if __name__ == "__main__":
    main()
