#!/usr/bin/env python3
"""Models of Marian's with other vocabularies than SentencePiece's: its decoder.yml with several models and a shortlist,
tokens in and out, training further, and what is refused. The models are those of tests/golden/make_marian.py.

Usage: marian_models_test.py PROGRAM
"""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from losses_test import Test

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
SEARCH = ["-b", "2", "-n", "1", "--quiet"]
LISTS = ["-v", "marian/src.yml", "marian/trg.yml"]


class MarianModelsTest(Test):
    def check_beginning(self):
        self.folder.joinpath("marian").mkdir()
        for case in ("gru", "gru_norm", "gru_transitions_norm", "lstm_wide", "nematus_norm", "transformer_ssru"):
            shutil.copy(GOLDEN / f"marian_{case}.npz", self.folder / f"marian/{case}.npz")
        shutil.copy(GOLDEN / "marian_source.yml", self.folder / "marian/src.yml")
        shutil.copy(GOLDEN / "marian_target.yml", self.folder / "marian/trg.yml")
        self.pairs = json.loads((GOLDEN / "marian.json").read_text())["pairs"] * 4
        for side, name in enumerate(("source", "target")):
            (self.folder / name).write_text("".join(pair[side] + "\n" for pair in self.pairs))
        self.tokens = {}
        for name in ("source", "target"):
            tokens = [line.rsplit(": ", 1)[0] for line in (GOLDEN / f"marian_{name}.yml").read_text().splitlines()]
            self.tokens[name] = [json.loads(token) if token.startswith('"') else token for token in tokens]

    def translate(self, *model, stdin=None):
        source = (self.folder / "source").read_bytes() if stdin is None else stdin.encode()
        return self.run("translate", *model, *SEARCH, stdin=source)[0].splitlines()

    def check_tokens_go_in_and_come_out(self):
        found = self.translate("-m", "marian/gru.npz", *LISTS)
        self.expect(len(found) == len(self.pairs), "each line gives a line")
        self.expect(set(" ".join(found).split()) <= set(self.tokens["target"]), f"tokens of the list: {found}")
        self.expect(self.translate("-m", "marian/gru.npz") == found, "the lists beside the model are found")
        for option in ("--no-spm-encode", "--no-spm-decode"):
            self.expect(self.translate("-m", "marian/gru.npz", *LISTS, option) == found, f"{option} changes nothing for lists")
        spaced = "".join("  " + pair[0].replace(" ", "  ") + " \n" for pair in self.pairs)
        self.expect(self.translate("-m", "marian/gru.npz", *LISTS, stdin=spaced) == found, "spaces may be any")
        # the same lists in other forms, and of different kinds
        (self.folder / "src.txt").write_text("".join(token + "\n" for token in self.tokens["source"]))
        (self.folder / "trg.json").write_text(json.dumps({token: i for i, token in enumerate(self.tokens["target"])}))
        self.expect(self.translate("-m", "marian/gru.npz", "-v", "src.txt", "trg.json") == found, "lists as text and JSON")

    def check_decoder_configurations(self):
        models = ["marian/gru.npz", "marian/lstm_wide.npz", "marian/transformer_ssru.npz"]
        alone = [self.translate("-m", model, *LISTS) for model in models]
        together = self.translate("-m", *models, *LISTS)
        self.expect(together not in alone, "an ensemble is none of its models")
        (self.folder / "lex.txt").write_text("".join(f"{t} {s} 0.5\n" for s in self.tokens["source"] for t in self.tokens["target"][4:10]))
        config = ("relative-paths: true\nmodels:\n" + "".join(f"  - {Path(model).name}\n" for model in models) +
                  "vocabs:\n  - src.yml\n  - trg.yml\nbeam-size: 2\nnormalize: 1\nmini-batch: 8\nmaxi-batch: 10\n"
                  "maxi-batch-sort: src\n")
        (self.folder / "marian/decoder.yml").write_text(config)
        self.expect(self.translate("-c", "marian/decoder.yml") == together, "decoder.yml with several models, relative to itself")
        (self.folder / "marian/short.yml").write_text(config + "shortlist:\n  - ../lex.txt\n  - 2\n  - 10\n  - 0\n")
        short = self.translate("-c", "marian/short.yml")
        allowed = set(self.tokens["target"][:2] + self.tokens["target"][4:10])
        self.expect(short != together and set(" ".join(short).split()) <= allowed, f"only tokens of the shortlist: {short}")
        self.expect(short == self.translate("-m", *models, *LISTS, "--shortlist", "lex.txt", "2", "10", "0"), "as with -m")
        self.run("shortlist", "-t", "source", "target", *LISTS, "-o", "learned.bin", "--quiet", "--first", "2")
        self.translate("-m", "marian/gru.npz", *LISTS, "--shortlist", "learned.bin")

    def check_training_further(self):
        train = ["-t", "source", "target", *LISTS, "--mini-batch-words", "60", "--tempdir", ".", "--overwrite", "--cpu-threads", "1"]
        for case in ("gru", "gru_transitions_norm", "lstm_wide", "nematus_norm"):
            start = ["--pretrained-model", f"marian/{case}.npz"]
            self.run("train", "-m", f"same-{case}", *start, *train, "--after", "2u", "--learn-rate", "1e-30")
            self.expect(self.translate("-m", f"same-{case}") == self.translate("-m", f"marian/{case}.npz"),
                        f"{case}: without learning nothing changes, and the lists come along")
            log = self.run("train", "-m", f"more-{case}", *start, *train, "--after", "60u", "--learn-rate", "0.02",
                           "--disp-freq", "10u", "--cost-type", "ce-mean-words", "--seed", "3")[1]
            costs = [float(cost) for cost in re.findall(r" : Cost ([0-9.]+)", log)]
            self.expect(len(costs) == 6 and costs[-1] < 0.5 * costs[0], f"{case}: it learns: {costs}")
            self.run("convert", "-m", f"more-{case}", "--to", "marian", "-o", f"back-{case}", "--quiet")
            self.expect(self.translate("-c", f"back-{case}/decoder.yml") == self.translate("-m", f"more-{case}"),
                        f"{case}: what was learned can go back to Marian")

    def check_errors(self):
        for name, content, text in (("twice.yml", "</s>: 0\n<unk>: 1\na: 2\nb: 2\n", "twice.yml: tokens 'a' and 'b' have the same number 2"),
                                    ("hole.yml", "</s>: 0\n<unk>: 1\na: 4000000000\n", "hole.yml line 3: token 'a'"),
                                    ("latin.yml", b"</s>: 0\n<unk>: 1\n\xe4: 2\n", "latin.yml line 3: expected UTF-8"),
                                    ("deep.yml", "a: " + "[" * 100000, "deep.yml line 1: expected the number of token 'a', found a list"),
                                    ("v.fsv", "a b\n", "v.fsv: a vocabulary with factors")):
            (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            _, err = self.run("translate", "-m", "marian/gru.npz", "-v", name, "marian/trg.yml", code=1, stdin=b"a\n")
            self.expect(text in err, f"{name}: expected '{text}', found {err[-300:]}")
        _, err = self.run("train", "-m", "new", "-t", "source", "target", "-v", "new.yml", "new.yml", "--after", "1u", code=1)
        self.expect("new.yml" in err and ".spm" in err, f"word lists are not learned: {err[-300:]}")

    def check_pieces_of_sentencepiece_models(self):
        self.run("vocab", "--size", "40", "-o", "v.spm", "source", "target", "--quiet")
        self.run("train", "-m", "pieces", "-t", "source", "target", "-v", "v.spm", "v.spm", "--after", "30u", "--learn-rate",
                 "0.02", "--type", "s2s", "--dim-rnn", "8", "--dim-emb", "8", "--tempdir", ".", "--quiet")
        text = self.translate("-m", "pieces")
        pieces = self.translate("-m", "pieces", "--no-spm-decode")
        joined = ["".join(line.split()).replace("\u2581", " ").strip() for line in pieces]
        self.expect(pieces != text and joined == [line.strip() for line in text], f"--no-spm-decode prints the pieces of the text: {pieces} {text}")
        one = self.translate("-m", "pieces", "--no-spm-encode", "--no-spm-decode", stdin="\n".join(pieces) + "\n")
        self.expect(len(one) == len(pieces), "pieces go in")
        config = "relative-paths: true\nmodels: [pieces]\nno-spm-encode: true\nno-spm-decode: true\nbeam-size: 2\nnormalize: 1\n"
        (self.folder / "pieces.yml").write_text(config)
        self.expect(self.translate("-c", "pieces.yml", stdin="\n".join(pieces) + "\n") == one, "as a configuration says")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = MarianModelsTest(Path(sys.argv[1]).resolve(), folder)
        test.check_beginning()
        test.check_tokens_go_in_and_come_out()
        test.check_decoder_configurations()
        test.check_training_further()
        test.check_errors()
        test.check_pieces_of_sentencepiece_models()
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
