#!/usr/bin/env python3
"""Makes marian*: small models that Marian itself trained, what it thinks of some sentence pairs, and its translations.

Run it with a Python that has pymarian (Marian's CPU engine, from PyPI) and numpy: tests/golden/make_marian.py writes
beside itself. The language is made up; a model is trained just so long that no parameter is what it was at first.

marian_<case>.npz, .bin   models; .npz as Marian wrote it, but compressed
marian_source.yml         the vocabularies, as Marian made them; tokens are such as YAML likes to misunderstand
marian_target.yml
marian.json               the pairs, and for each case: word scores of the pairs, greedy translations of their sources with
                          their scores, and of some cases the attention

Marian decodes models with norms before self-attention otherwise than it trains and scores them (keys and values of
earlier steps are not normed), so that of such a case there are no translations.
"""
import json
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = ["~", "null", "yes", "'", '"', "#", "-", "12", "a:b", "{", "ß", "&amp;"]
TARGET = ["No", "[x]", "!", "|", ">", "*", "0x1", "1e3", "%", "@@", "ü", ",", "\\"]

DEEP = ["--enc-depth", "2", "--dec-depth", "2", "--skip"]
NORM = ["--layer-normalization"]
TRANSITIONS = ["--enc-cell-depth", "2", "--dec-cell-base-depth", "4"]
HIGH = ["--dec-cell-high-depth", "2"]


def cells(name):
    return ["--enc-cell", name, "--dec-cell", name]


CASES = {
    "gru": [],
    "gru_norm": [*DEEP, *NORM],
    "gru_transitions": ["--enc-type", "alternating", "--enc-depth", "3", "--dec-depth", "2", "--tied-embeddings",
                        *TRANSITIONS, *HIGH],
    "gru_transitions_norm": ["--enc-type", "bi-unidirectional", "--enc-depth", "3", "--dec-depth", "2", "--skip",
                             *TRANSITIONS, *HIGH, *NORM],
    "gru_one_cell": ["--dec-cell-base-depth", "1", "--output-omit-bias"],
    "lstm": [*cells("lstm"), "--enc-type", "bi-unidirectional", *DEEP],
    "lstm_wide": [*cells("lstm"), "--dim-emb", "16", "--dim-rnn", "16", "--tied-embeddings"],
    "lstm_transitions_norm": [*cells("lstm"), "--enc-type", "alternating", *DEEP, *TRANSITIONS, *HIGH, *NORM],
    "s2s_nematus_norm": [*cells("gru-nematus"), "--enc-type", "bi-unidirectional", *DEEP, *NORM],
    "nematus": ["--type", "nematus", *cells("gru-nematus"), *TRANSITIONS],
    "nematus_norm": ["--type", "nematus", *cells("gru-nematus"), *DEEP, "--enc-cell-depth", "2", "--dec-cell-base-depth",
                     "3", *NORM],
    "amun": ["--type", "amun"],
    "amun_norm": ["--type", "amun", *NORM, "--tied-embeddings"],
    "transformer_pre_norm": ["--type", "transformer", "--transformer-preprocess", "n", "--transformer-postprocess", "da",
                             "--transformer-postprocess-top", "n", "--enc-depth", "2"],
    "transformer_aan": ["--type", "transformer", "--transformer-decoder-autoreg", "average-attention", "--dec-depth", "2"],
    "transformer_ssru": ["--type", "transformer", "--transformer-decoder-autoreg", "rnn", "--dec-cell", "ssru",
                         "--dec-depth", "2", "--transformer-ffn-activation", "relu"],
}
ATTENTION = {"gru", "nematus_norm"}  # with one head; of several Marian prints the first
INTEGERS = ["intgemm8", "intgemm16"]  # of lstm_wide: Marian converts only widths right that are multiples of 16


def marian(command, *arguments, stdin=None):
    """Runs Marian in a process of its own and returns what it prints."""
    code = "import sys, _pymarian; sys.exit(_pymarian.main(sys.argv[1:]))"
    result = subprocess.run([sys.executable, "-c", code, command, *map(str, arguments)], input=stdin, text=True,
                            capture_output=True)
    if result.returncode != 0:
        sys.exit(f"{command} {' '.join(map(str, arguments))}: {result.stderr}")
    return result.stdout


def corpus(generator, count):
    """Pairs of a language whose words are translated one by one, back to front."""
    pairs = []
    for _ in range(count):
        words = [generator.randrange(len(SOURCE)) for _ in range(generator.randint(1, 7))]
        pairs.append((" ".join(SOURCE[w] for w in words), " ".join(TARGET[w] for w in reversed(words))))
    return pairs


def write_pairs(folder, name, pairs):
    files = [folder / f"{name}.src", folder / f"{name}.trg"]
    for file, side in zip(files, zip(*pairs)):
        file.write_text("\n".join(side) + "\n")
    return files


def compress(source, target):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)


def main():
    generator = random.Random(1)
    vocabularies = [HERE / "marian_source.yml", HERE / "marian_target.yml"]
    for vocabulary in vocabularies:
        vocabulary.unlink(missing_ok=True)
    pairs = corpus(generator, 6)
    pairs[1] = (pairs[1][0] + " unheard-of", pairs[1][1] + " unheard-of")
    golden = {"pairs": pairs, "cases": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train = write_pairs(folder, "train", corpus(generator, 200))
        source, target = write_pairs(folder, "test", pairs)
        common = ["--cpu-threads", 1, "--quiet", "-w", 100]
        for number, (case, settings) in enumerate(CASES.items()):
            model = folder / f"{case}.npz"
            widths = {"--dim-emb": 8 if "transformer" in settings else 6, "--dim-rnn": 5}
            sizes = [str(x) for pair in widths.items() for x in pair if pair[0] not in settings]
            kind = [] if "--type" in settings else ["--type", "s2s"]
            marian("train", *kind, "-m", model, "-t", *train, "-v", *vocabularies, *sizes,
                   "--transformer-heads", 2, "--transformer-dim-ffn", 10, "--transformer-dim-aan", 9, *settings,
                   "--seed", number + 1, "--after", "80u", "--mini-batch", 10, "--learn-rate", 0.02, "--clip-norm", 1,
                   "--sync-sgd", "--no-shuffle", *common)
            compress(model, HERE / f"marian_{case}.npz")
            of_model = ["-m", model, "-v", *vocabularies, *common]
            expected = golden["cases"][case] = {"scores": []}
            align = ["--alignment", "soft"] if case in ATTENTION else []
            for line in marian("score", *of_model, "-t", source, target, "--word-scores", *align).splitlines():
                total, *attention, words = line.split(" ||| ")
                expected["scores"].append([float(x) for x in words.removeprefix("WordScores= ").split()])
                if attention:
                    rows = [[float(x) for x in row.split(",")] for row in attention[0].split()]
                    expected.setdefault("attention", []).append(rows)
            if case != "transformer_pre_norm":
                lines = marian("decode", *of_model, "-i", source, "--n-best", "-b", 1, "--normalize", 1).splitlines()
                texts = [line.split("|||") for line in lines]
                expected["translations"] = [[text.strip(), float(score)] for _, text, _, score in texts]
        for kind in INTEGERS:
            marian("convert", "-f", folder / "lstm_wide.npz", "-t", HERE / f"marian_lstm_wide_{kind}.bin", "-g", kind)
    (HERE / "marian.json").write_text(json.dumps(golden, indent=None, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
