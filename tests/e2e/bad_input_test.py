#!/usr/bin/env python3
"""Whatever a user gives the program by mistake, it ends promptly with a message that says what is wrong.

Usage: bad_input_test.py PROGRAM [--seed N] [--only TEXT] [--list]

Some hundred bad settings, configurations, corpora, vocabularies, model directories, command lines and outputs. For each:
the exit code is 1 or 2, never a signal, and never 0 where it must fail; the message on standard error names the file or
setting; nothing is left behind. Damage is drawn by --seed, so that other seeds are other tests.
"""

import argparse
import concurrent.futures
import gzip
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[2] / "corpora" / "generator.py"
HANG = 60  # seconds after which a case counts as hanging; none needs more than a few
USUAL_END = "dragoman: error: "
# What a message must never contain: signs of an accident instead of a judgement.
ACCIDENTS = ("Sanitizer", "runtime error:", "terminate called", "Assertion", "Segmentation", "std::", "bad_alloc",
             "out of memory", "basic_string", "vector::", "what():", "boost::", "YAML::", "[json.exception")
SMALL_MODEL = ["--dim-emb", "8", "--transformer-heads", "2", "--transformer-dim-ffn", "8", "--mini-batch", "16",
               "--set", "dim-vocabs=[90, 90]", "--tied-embeddings-all", "--seed", "1", "--cpu-threads", "1"]


@dataclass
class Case:
    """A run of the program. `names`: texts that a message must all contain. `may_pass`: the damage may be none."""

    title: str
    args: list
    names: list = field(default_factory=list)
    may_pass: bool = False
    stdin: bytes = b""
    files: dict = field(default_factory=dict)  # written into the folder in which it runs
    keeps: tuple = ()  # what it may leave there
    redirect: str = ""  # of the shell, such as ">&-"
    model: str = ""  # a folder that is copied to model/ before `files` are written, for what writes into it
    signals: tuple = ()  # by which it may end
    environment: dict = field(default_factory=dict)


class Sweep:
    def __init__(self, program, folder, seed):
        self.program, self.folder = program, folder
        self.random = random.Random(seed)
        self.cases = []
        self.prepare()

    def add(self, title, args, names=(), **more):
        self.cases.append(Case(title, [str(a) for a in args], [str(n) for n in names], **more))

    # What is good, to be damaged later

    def run_good(self, *args):
        done = subprocess.run([self.program, *map(str, args)], cwd=self.folder, capture_output=True, timeout=600)
        if done.returncode != 0:
            raise SystemExit(f"preparing: {args} failed: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def prepare(self):
        corpus = self.folder / "good"
        subprocess.run([sys.executable, GENERATOR, "--output", corpus, "--lines", "200", "--valid", "20", "--test", "20",
                        "--suffixes", "src", "trg"], check=True)
        self.source, self.target = corpus / "train.src", corpus / "train.trg"
        self.test, self.reference = corpus / "test.src", corpus / "test.trg"
        sources, targets = (path.read_text().splitlines() for path in (self.source, self.target))
        self.tsv = corpus / "train.tsv"
        self.tsv.write_text("".join(f"{s}\t{t}\n" for s, t in zip(sources, targets)))
        self.model = self.folder / "model"
        self.run_good("train", "-m", self.model, "-t", self.source, self.target, *SMALL_MODEL, "--after-batches", 3,
                      "--overwrite", "--quiet")
        self.vocabulary = self.model / "vocabulary.spm"
        self.help_of = {command: self.run_good(command, "--help")
                        for command in ("vocab", "train", "translate", "score", "evaluate", "info")}
        self.kinds = {}  # for each command, of settings' values, as help shows them: N, X, PERIOD...
        for command, text in self.help_of.items():
            self.kinds[command] = dict(re.findall(r"(?m)^  (?:-[a-zA-Z] \[ )?--([a-z0-9-]+) \]? *(\S*)", text))
        # name -> default, as the program itself tells
        self.settings = {}
        for command, args in (("train", ["-t", "a", "b"]), ("translate", ["-m", "a"]), ("score", ["-t", "a", "b"])):
            text = self.run_good(command, *args, "--dump-config")
            self.settings[command] = dict(re.findall(r"^([a-z][a-z0-9-]*): (.*)$", text, re.M))

    def train(self, *more):
        return ["train", "-m", "model", "--tempdir", ".", *SMALL_MODEL, "-v", self.vocabulary, self.vocabulary,
                "--after-batches", "2", *more]

    def mutated(self, data, changes):
        """Bytes with some changed, deleted or inserted."""
        data = bytearray(data)
        for _ in range(changes):
            at = self.random.randrange(len(data) + 1)
            kind = self.random.randrange(4)
            if kind == 0 and at < len(data):
                data[at] ^= 1 << self.random.randrange(8)
            elif kind == 1:
                del data[at:at + self.random.randrange(1, 9)]
            elif kind == 2:
                data[at:at] = self.random.randbytes(self.random.randrange(1, 5))
            else:
                data[at:at] = self.random.choice([b"\n", b"\t", b": ", b"[", b"]", b"{", b"}", b"'", b'"', b"-", b"&a ",
                                                  b"*a", b"!", b"#", b"\0", b"\xff", b"99999999999", b"|", b"?"])
        return bytes(data)

    # Configurations

    def settings_cases(self):
        for command, settings in self.settings.items():
            known = set().union(*self.settings.values())
            for key, default in settings.items():
                def config(title, text, names, **more):
                    self.add(f"{command}: {title} {key}", [command, "-c", "bad.yml", "--dump-config"],
                             ["bad.yml line 2", *names], files={"bad.yml": b"# settings\n" + text}, **more)

                # Of every setting something, and of training, which has the most of them, all.
                kinds = range(4) if command == "train" else [self.random.randrange(4)]
                swapped = list(key)
                at = self.random.randrange(1, len(key) - 1)
                swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
                wrong = "".join(swapped)
                if 0 in kinds and wrong not in known:
                    sure = ["did you mean"] if len(key) > 5 else []
                    config("misspelt", f"{wrong}: {default}\n".encode(), [f"'{wrong}'", *sure])
                if 1 in kinds:
                    config("a mapping for", f"{key}: {{a: 1}}\n".encode(), [key])
                is_whole = re.fullmatch(r"[0-9]+|\[[0-9, ]+\]", default) and "X" not in self.kinds[command][key]
                is_period = re.fullmatch(r"[0-9]+[ute]|\[[0-9]+[ute]\]", default)
                is_number = is_whole or is_period or re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", default)
                if 2 in kinds and (is_number or default in ("true", "false")):
                    huge = ["-1e99", "99999999999999999999"] if is_whole else []
                    value = self.random.choice(["banana", "1e999", "nan", "0x10", "--5", '";"', *huge])
                    config(f"{value} as", f"{key}: {value}\n".encode(), [key])
                if 3 in kinds and key != "logical-epoch" and not default.startswith("[") and (is_number or default in ("true", "false")):
                    config("a list for", f"{key}: [1, 2]\n".encode(), [key])

    def config_cases(self):
        good = (f"# a good one\nmodel: model\ntrain-sets: [{self.source}, {self.target}]\ntype: transformer\n"
                "dim-emb: 64\nmini-batch: 32\nlearn-rate: 0.003\nafter: 10u\nvalid-metrics:\n  - bleu\n  - chrf\n"
                "tempdir: \".\"\nseed: 1\n").encode()
        for i in range(60):
            self.add(f"mutated configuration {i}", ["train", "-c", "bad.yml", "--dump-config"], may_pass=True,
                     files={"bad.yml": self.mutated(good, self.random.randrange(1, 6))})
        broken = {
            "an open quote": b"model: 'never closed\n", "an open list": b"model: m\ntrain-sets: [a, b\n",
            "a tab": b"model: m\n\tseed: 1\n", "no mapping": b"just some text\n", "a list": b"- model\n- seed\n",
            "two documents": b"seed: 1\n---\nseed: 2\n", "a setting twice": b"seed: 1\nseed: 2\n",
            "an unknown alias": b"model: *nothing\n", "NUL": b"seed: 1\0\n", "UTF-16": "seed: 1\n".encode("utf-16"),
            "binary": random.Random(5).randbytes(5000), "deep lists": b"seed: " + b"[" * 100000,
            "deep mappings": b"{a: " * 50000, "deep dashes": b"- " * 100000, "a key that is a list": b"[a, b]: 1\n",
            "aliases of aliases": b"".join(b"%c: &%c [%s]\n" % (97 + i, 97 + i, b",".join([b"*%c" % (96 + i)] * 9)
                                           if i else b"x") for i in range(12)),
            "17 MiB": b"#" * (17 << 20), "an odd indent": b"model: m\n  seed: 1\n",
            "a merge": b"<<: {seed: 1}\n", "an empty key": b": 1\n", "a null key": b"~: 1\n",
            "a long key": b"k" * 100000 + b": 1\n", "a long value": b"seed: " + b"9" * 100000 + b"\n",
        }
        for title, text in broken.items():
            self.add(f"configuration with {title}", ["train", "-c", "bad.yml", "--dump-config"], ["bad.yml"],
                     files={"bad.yml": text})
        missing = ["train", "--dump-config", "-c"]
        self.add("no configuration", missing + ["nowhere.yml"], ["nowhere.yml"])
        self.add("a folder as configuration", missing + ["."], ["cannot open ."])
        self.add("no end of configuration", missing + ["/dev/zero"], ["/dev/zero"])
        self.add("a corpus as configuration", missing + [self.source], [self.source])
        self.add("a model as configuration", missing + [self.model / "model.safetensors"], ["model.safetensors"])
        if os.geteuid() != 0:
            self.add("an unreadable configuration", missing + ["secret.yml"], ["secret.yml"], files={"secret.yml": b""})
        self.add("an unset variable", missing + ["c.yml", "--interpolate-env-vars"], ["DRAGOMAN_NOTHING", "c.yml"],
                 files={"c.yml": b"model: ${DRAGOMAN_NOTHING}/m\n"})
        self.add("help in a configuration", missing + ["c.yml"], ["help", "c.yml"], files={"c.yml": b"help: true\n"})

    def contradictions(self):
        pair = ["-t", self.source, self.target]
        cases = [
            ("heads", ["--dim-emb", "10", "--transformer-heads", "3"], ["dim-emb", "transformer-heads"]),
            ("an odd width", ["--dim-emb", "7", "--transformer-heads", "1"], ["dim-emb"]),
            ("tied with two vocabularies", ["-v", "a.spm", "b.spm", "--tied-embeddings-all"], ["tied-embeddings-all"]),
            ("tied with two sizes", ["--set", "dim-vocabs=[90, 80]", "--tied-embeddings-all"], ["dim-vocabs"]),
            ("three vocabularies", ["-v", "a", "b", "c"], ["vocabs"]),
            ("three sizes", ["--set", "dim-vocabs=[1, 2, 3]"], ["dim-vocabs"]),
            ("a yml vocabulary", ["-v", "vocab.yml", "vocab.yml"], ["vocab.yml"]),
            ("a schedule without end", ["--lr-schedule", "linear", "--after-batches", "0"], ["lr-schedule"]),
            ("units of decay", ["--lr-decay-inv-sqrt", "10u", "5e"], ["lr-decay-inv-sqrt"]),
            ("three decays", ["--lr-decay-inv-sqrt", "1", "2", "3"], ["lr-decay-inv-sqrt"]),
            ("decay start", ["--lr-decay", "0.5", "--lr-decay-strategy", "epoch"], ["lr-decay-start"]),
            ("four parameters of Adam", ["--optimizer-params", "0.9", "0.9", "0.1", "0.1"], ["optimizer-params"]),
            ("beta 1", ["--optimizer-params", "1", "0.9"], ["optimizer-params"]),
            ("no script", ["--valid-sets", self.test, self.reference, "--valid-metrics", "valid-script"],
             ["valid-script-path"]),
            ("one valid set", ["--valid-sets", self.test], ["valid-sets"]),
            ("no tsv", ["--tsv"], ["train-sets"]),
            ("postprocess", ["--transformer-postprocess", "xyz"], ["transformer-postprocess"]),
            ("average of nothing", ["--overwrite", "--average-checkpoints", "3"], ["average-checkpoints"]),
            ("dropout", ["--transformer-dropout", "1"], ["transformer-dropout"]),
            ("smoothing", ["--label-smoothing", "1.5"], ["label-smoothing"]),
            ("an own kind of model", ["--type", "multi-s2s"], ["type", "multi-s2s"]),
            ("several machines", ["--multi-node"], ["multi-node"]),
            ("half precision", ["--fp16"], ["fp16"]),
            ("rnn decoder", ["--transformer-decoder-autoreg", "rnn"], ["transformer-decoder-autoreg"]),
            ("alignments", ["--guided-alignment", "file"], ["guided-alignment"]),
            ("a task", ["--task", "transformer-bas"], ["transformer-base"]),
            ("vocabulary too small for the letters", ["-v", "new.spm", "new.spm", "--set", "dim-vocabs=5"], ["new.spm", "5"]),
            ("more pieces than there are", ["-v", "new.spm", "new.spm", "--set", "dim-vocabs=99999"], ["new.spm", "99999"]),
            ("a size below the vocabulary", ["--set", "dim-vocabs=30"], ["dim-vocabs"]),
            ("options of SentencePiece", ["-v", "n.spm", "n.spm", "--sentencepiece-options=--no_such=1"], ["no_such"]),
            ("an option of ours", ["-v", "n.spm", "n.spm", "--sentencepiece-options=--vocab_size=3"], ["vocab_size"]),
            ("metrics into a folder", ["--metrics-file", "/"], ["/"]),
            ("metrics into a corpus", ["--metrics-file", "text"], ["metrics-file", "text"]),
            ("log into a folder", ["--log", "/"], ["log", "/"]),
            ("no such tempdir", ["--tempdir", "nowhere/at/all"], ["tempdir", "nowhere/at/all"]),
            ("pretrained nowhere", ["--pretrained-model", "nowhere"], ["nowhere"]),
            ("another pretrained model", ["--pretrained-model", self.model, "--dim-emb", "16"], [self.model]),
        ]
        for title, more, names in cases:
            vocabularies = [] if "-v" in more else ["-v", self.vocabulary, self.vocabulary]
            model = list(SMALL_MODEL)
            for option in ("--tied-embeddings-all",):  # given by the case
                if option in more:
                    model.remove(option)
            self.add(f"train: {title}", ["train", "-m", "model", *model, *vocabularies, *pair, "--tempdir", ".",
                                         "--after-batches", "2", *more], names, keeps=("model",),
                     files={"text": b"one\ntwo\n"} if "text" in more else {})
        for title, more, names in [
            ("weights", ["--weights", "1", "2"], ["weights"]),
            ("prefixes missing", ["--force-decode"], ["input"]),
            ("two inputs", ["-i", self.test, self.reference], ["input"]),
            ("no sampling", ["--output-sampling", "dice"], ["output-sampling", "dice"]),
            ("top 0", ["--output-sampling", "topk", "0"], ["output-sampling"]),
            ("nucleus 2", ["--output-sampling", "nucleus", "2"], ["output-sampling"]),
            ("temperature 0", ["--output-sampling", "full", "0"], ["output-sampling"]),
            ("lengths", ["--min-decoding-length", "9", "--max-decoding-length", "3"], ["min-decoding-length"]),
            ("shortlist", ["--shortlist", "lex.bin"], ["shortlist"]),
            ("alignment", ["--alignment", "often"], ["alignment", "often", "soft"]),
            ("layer of alignments", ["--alignment", "--transformer-guided-alignment-layer", "9"], ["transformer-guided-alignment-layer", "9"]),
            ("int8", ["--gemm-type", "packed8avx2"], ["gemm-type"]),
            ("a vocabulary of another size", ["-v", "other.spm", "other.spm"], ["other.spm"]),
            ("one tsv column with prefixes", ["--tsv", "--force-decode", "-i", self.test], [self.test, "line 1"]),
            ("output into a folder", ["-o", "/"], ["/"]),
            ("output below a file", ["-o", f"{self.test}/out"], [f"{self.test}/out"]),
        ]:
            other = {"other.spm": (self.folder / "other.spm").read_bytes()} if "other.spm" in more else {}
            self.add(f"translate: {title}", ["translate", "-m", self.model, *more], names, stdin=b"the girl\n", files=other)
        self.add("score: an unknown summary", ["score", "-m", self.model, *pair, "--summary", "mean"], ["summary"])
        self.add("score: too long", ["score", "-m", self.model, *pair, "--max-length", "2"], [self.source, "line 1"])
        self.add("vocab: an unknown type", ["vocab", "--type", "word", self.source], ["type", "word"])
        self.add("vocab: standard input", ["vocab", "-"], ["standard input"])
        self.add("vocab: into a folder", ["vocab", "--size", "90", "-o", "/", self.source], ["/"])
        for title, more in [("metric", ["-m", "bleurt"]), ("tokenizer", ["--tokenize", "moses"]),
                            ("smoothing", ["-s", "none2"]), ("width", ["-w", "-3"]), ("width", ["-w", "x"]),
                            ("samples", ["--confidence", "0"]), ("order", ["--chrf-char-order", "99"]),
                            ("beta", ["--chrf-beta", "nan"]), ("metric twice", ["-m", "bleu", "bleu", "x"]),
                            ("seed", ["--seed", "-1"])]:
            self.add(f"evaluate: bad {title} {more[-1]}", ["evaluate", self.reference, "-r", self.reference, *more],
                     [more[0].strip("-") if more[0] not in ("-m", "-s", "-w") else
                      {"-m": more[-1], "-s": "smooth-method", "-w": "width"}[more[0]]])

    # Corpora

    def corpus_cases(self):
        lines = self.source.read_bytes().splitlines(keepends=True)
        packed = gzip.compress(self.source.read_bytes())
        zst = raw_zstd(self.source.read_bytes())
        bad = {
            "missing": (None, ["bad.src"]), "shorter": (b"".join(lines[:-7]), ["bad.src", "193", "200"]),
            "longer": (b"".join(lines) * 2, ["bad.src", "400", "200"]), "empty": (b"", ["bad.src"]),
            "one line more": (b"".join(lines) + b"x\n", ["bad.src", "201", "200"]),
        }
        for at in sorted(self.random.sample(range(1, len(packed)), 12)) + [len(packed) - 1, len(packed) - 8]:
            bad[f"gzip cut at {at}"] = (packed[:at], ["bad.src"])
        for at in sorted(self.random.sample(range(5, len(zst)), 8)) + [len(zst) - 1]:
            bad[f"zstd cut at {at}"] = (zst[:at], ["bad.src"])
        bad["gzip without content"] = (packed[:10], ["bad.src"])
        bad["zstd of nothing"] = (zst[:4] + self.random.randbytes(300), ["bad.src"])
        bad["gzip of nothing"] = (packed[:2] + self.random.randbytes(300), ["bad.src"])
        may_pass = {}
        for i in range(6):
            flipped = bytearray(packed)
            flipped[self.random.randrange(20, len(packed))] ^= 1 << self.random.randrange(8)
            bad[f"gzip with a flipped bit {i}"] = (bytes(flipped), ["bad.src"])
        for i in range(8):
            may_pass[f"garbage {i}"] = self.random.randbytes(self.random.randrange(1, 20000))
        may_pass["NULs"] = b"\0" * 10000
        may_pass["a line of 2 MB"] = b"x " * 1000000
        may_pass["line ends only"] = b"\n" * 200
        may_pass["CRs only"] = b"\r" * 200 + b"\n"
        may_pass["bad UTF-8"] = b"\xff\xfe\xed\xa0\x80\xf8\n" * 200
        may_pass["characters without shape"] = "\u200b\u2581\u0001\ufffd\n".encode() * 200
        may_pass["BOMs"] = b"\xef\xbb\xbf\n" * 200
        may_pass["one character of 200 combining marks"] = ("a" + "\u0301" * 200 + "\n").encode() * 200
        for title, (data, names) in list(bad.items()) + [(t, (d, [])) for t, d in may_pass.items()]:
            files = {} if data is None else {"bad.src": data}
            more = dict(files=files, may_pass=title in may_pass)
            self.add(f"train on a source that is {title}", self.train("-t", "bad.src", self.target, "--shuffle-in-ram"),
                     names, keeps=("model",), **more)
            if title in may_pass or self.random.random() < 0.5:
                self.add(f"train streaming a source that is {title}", self.train("-t", "bad.src", self.target), names,
                         keeps=("model",), **more)
                self.add(f"score a source that is {title}", ["score", "-m", self.model, "-t", "bad.src", self.target,
                                                             "-o", "scores.txt"], names,
                         keeps=("scores.txt",) if title in may_pass else (), **more)
                if title not in ("shorter", "longer", "one line more", "empty"):
                    self.add(f"learn pieces from {title}", ["vocab", "--size", "60", "-o", "v.spm", "bad.src"], names,
                             keeps=("v.spm",) if title in may_pass else (), **more)
                    if title != "a line of 2 MB":  # it would be translated, in parts
                        self.add(f"translate {title}", ["translate", "-m", self.model, "-i", "bad.src", "-o", "out.txt",
                                                        "-b", "1", "--max-length-factor", "1"], names,
                                 keeps=("out.txt",) if title in may_pass else (), **more)
                self.add(f"evaluate {title}", ["evaluate", "bad.src", "-r", self.target], names, **more)
        self.add("train on folders", self.train("-t", ".", "."), ["."], keeps=("model",))
        self.add("train on a target that is missing", self.train("-t", self.source, "bad.trg"), ["bad.trg"],
                 keeps=("model",))
        self.add("train on empty files", self.train("-t", "a", "b"), ["a"], files={"a": b"", "b": b""}, keeps=("model",))
        self.add("train on blank lines", self.train("-t", "a", "b"), ["a"], files={"a": b" \n" * 9, "b": b"\n" * 9},
                 keeps=("model",))
        self.add("train on too long lines", self.train("-t", self.source, self.target, "--max-length", "1"),
                 [self.source], keeps=("model",))
        self.add("validate on unequal files", self.train("-t", self.source, self.target, "--valid-sets", self.source,
                                                         self.reference), [self.source, "20"], keeps=("model",))
        self.add("validate on nothing", self.train("-t", self.source, self.target, "--valid-sets", "a", "b"), ["a"],
                 files={"a": b"", "b": b""}, keeps=("model",))
        self.add("validate on a missing file", self.train("-t", self.source, self.target, "--valid-sets", "a", "b"),
                 ["a"], keeps=("model",))
        self.add("translate a folder", ["translate", "-m", self.model, "-i", "."], ["."])
        self.add("translate nothing", ["translate", "-m", self.model, "-i", "nowhere.txt"], ["nowhere.txt"])
        self.add("evaluate unequal files", ["evaluate", self.test, "-r", self.source], [self.test, "20", "200"])
        self.add("evaluate empty files", ["evaluate", "a", "-r", "a"], ["a"], files={"a": b""})
        self.add("evaluate a folder", ["evaluate", ".", "-r", "."], ["."])
        rows = self.tsv.read_bytes().splitlines(keepends=True)
        for i in range(8):
            at = self.random.randrange(len(rows))
            damaged = list(rows)
            damaged[at] = damaged[at].replace(b"\t", b" ")
            file = {"bad.tsv": b"".join(damaged)}
            names = ["bad.tsv", f"line {at + 1}", "column"]
            self.add(f"train without a column in line {at + 1}", self.train("--tsv", "-t", "bad.tsv"), names, files=file,
                     keeps=("model",))
            self.add(f"score without a column in line {at + 1}", ["score", "-m", self.model, "--tsv", "-t", "bad.tsv",
                                                                  "-o", "scores"], names, files=file)
        self.add("train on empty standard input", self.train("-t", "stdin"), ["train-sets", "no lines"], keeps=("model",))
        self.add("train on standard input without columns", self.train("-t", "-"), ["standard input", "line 1"],
                 stdin=b"no tab\n", keeps=("model",))

    # Vocabularies

    def vocabulary_cases(self):
        good = self.vocabulary.read_bytes()
        bad = {"missing": None, "empty": b"", "a corpus": self.source.read_bytes(), "zeros": b"\0" * 1000}
        for i in range(6):
            bad[f"random bytes {i}"] = self.random.randbytes(self.random.randrange(1, 3000))
        for at in sorted(self.random.sample(range(1, len(good)), 15)):
            bad[f"cut at {at}"] = good[:at]
        flips = {}
        for i in range(25):
            data = bytearray(good)
            # the pieces are at the beginning, then SentencePiece's own settings and tables
            data[self.random.randrange(min(len(good), 3000 if i % 2 else len(good)))] ^= 1 << self.random.randrange(8)
            flips[f"with a flipped bit {i}"] = bytes(data)
        for i in range(15):
            flips[f"mutated {i}"] = self.mutated(good, self.random.randrange(1, 5))
        for title, data in {**bad, **flips}.items():
            # Protocol buffers cut between two fields are whole: at worst the size is another.
            more = dict(files={} if data is None else {"v.spm": data}, may_pass=title in flips)
            names = [] if title in flips else ["v.spm"]
            self.add(f"translate with a vocabulary {title}", ["translate", "-m", self.model, "-v", "v.spm", "v.spm"],
                     names, stdin=b"the girl sings .\n", **more)
            if title != "missing" and self.random.random() < 0.4:
                self.add(f"train with a vocabulary {title}", self.train("-t", self.source, self.target, "-v", "v.spm",
                         "v.spm")[0:4] + SMALL_MODEL + ["-v", "v.spm", "v.spm", "-t", self.source, self.target,
                         "--tempdir", ".", "--after-batches", "1"], [], keeps=("model",), **{**more, "may_pass": True})
        self.add("train with a folder as vocabulary", ["train", "-m", "model", *SMALL_MODEL, "-v", "/", "/", "-t",
                                                       self.source, self.target], ["/"], keeps=("model",))

    # Models

    def model_cases(self):
        names = ["config.yml", "model.safetensors", "vocabulary.spm"]
        commands = {
            "translate": ["translate", "-m", "model", "-o", "out"], "score": ["score", "-m", "model", "-t", self.test,
                                                                              self.reference, "-o", "out"],
            "info": ["info", "--tensors", "model"],
        }

        def damaged(title, name, data, expected, may_pass=False, only=None):
            for command, args in commands.items():
                if only and command not in only:
                    continue
                self.add(f"{command} with {title}", args, expected, stdin=b"the girl\n", files={f"model/{name}": data},
                         model="model", may_pass=may_pass, keeps=("model", "out") if may_pass else ("model",))

        for name in names:
            damaged(f"no {name}", name, None, ["model", name if name != "vocabulary.spm" else "vocab"])
            damaged(f"empty {name}", name, b"", ["model"])
            damaged(f"a binary {name}", name, random.Random(2).randbytes(3000), [f"model/{name}"])
        parameters = (self.model / "model.safetensors").read_bytes()
        header = 8 + struct.unpack("<Q", parameters[:8])[0]
        cuts = {1, 7, 8, 9, header - 1, header, header + 1, len(parameters) - 1}
        cuts |= set(self.random.sample(range(1, len(parameters)), 12))
        for at in sorted(cuts):
            damaged(f"parameters cut at {at}", "model.safetensors", parameters[:at], ["model.safetensors"],
                    only=["translate"] if at > 9 else None)
        damaged("parameters with a tail", "model.safetensors", parameters + b"tail", ["model.safetensors"])
        for i in range(50):
            data = bytearray(parameters)
            at = self.random.randrange(header if i < 40 else len(data))
            data[at] ^= 1 << self.random.randrange(8)
            damaged(f"a flipped bit at {at}", "model.safetensors", bytes(data), [], may_pass=True,
                    only=[self.random.choice(list(commands))])
        for i in range(25):
            head = self.mutated(parameters[8:header], self.random.randrange(1, 4))
            damaged(f"a mutated header {i}", "model.safetensors", struct.pack("<Q", len(head)) + head +
                    parameters[header:], [], may_pass=True, only=["translate"])
        for size in (0, 1, 2**31, 2**32 + 5, 2**63, 2**64 - 1, len(parameters)):
            damaged(f"a header of {size}", "model.safetensors", struct.pack("<Q", size) + parameters[8:],
                    ["model.safetensors"], only=["translate"])
        damaged("not finite numbers", "model.safetensors", parameters[:-4] + b"\0\0\xc0\x7f", ["model.safetensors"])
        config = (self.model / "config.yml").read_bytes()
        for i in range(30):
            damaged(f"a mutated config.yml {i}", "config.yml", self.mutated(config, self.random.randrange(1, 4)), [],
                    may_pass=True, only=[self.random.choice(list(commands))])
        for key, value in [("dim-emb", "16"), ("dim-emb", "2000000000"), ("enc-depth", "2"), ("enc-depth", "1000000000"),
                           ("transformer-heads", "5"), ("dim-vocabs", "[90, 91]"), ("dim-vocabs", "[0, 0]"),
                           ("type", "s2s"), ("transformer-dim-ffn", "2147483647"), ("tied-embeddings-all", "false"),
                           ("vocabs", "[a.spm, b.spm]"), ("vocabs", "[vocabulary.spm]"), ("vocabs", "[/, /]"),
                           ("vocabs", "[../../etc/passwd, config.yml]")]:
            changed = re.sub(rf"(?m)^{key}: .*$", f"{key}: {value}", config.decode()).encode()
            damaged(f"{key} {value}", "config.yml", changed, ["/" if "/" in value else "model"], only=["translate", "info"])
        for title, at in (("a folder for a model", "."), ("a file for a model", self.source), ("no model", "nowhere")):
            self.add(title, ["translate", "-m", at], [at])
        self.add("an ensemble with a bad member", ["translate", "-m", self.model, "nowhere"], ["nowhere"])
        self.add("an ensemble of other vocabularies", ["translate", "-m", self.model, "other"], ["other"],
                 files={f"other/{n}": (self.folder / "other" / n).read_bytes() for n in names}, keeps=("other",))

        # A training that is continued
        state = (self.model / "training.safetensors").read_bytes()
        header = 8 + struct.unpack("<Q", state[:8])[0]
        go_on = self.train("-t", self.source, self.target, "--set", "after-batches=5", "--overwrite")

        def continued(title, data, expected, may_pass=False):
            self.add(f"continue with {title}", go_on, expected, files={"model/training.safetensors": data}, model="model",
                     may_pass=may_pass, keeps=("model",))

        for at in sorted({0, 1, 8, header - 1, header, len(state) - 1, *self.random.sample(range(1, len(state)), 8)}):
            continued(f"a state cut at {at}", state[:at], ["training.safetensors"])
        for i in range(40):
            data = bytearray(state)
            at = self.random.randrange(8, header) if i < 36 else self.random.randrange(len(state))
            data[at] ^= 1 << self.random.randrange(8)
            continued(f"a state with a flipped bit at {at}", bytes(data), [], may_pass=True)
        text = state[8:header].decode()
        for key, value in json.loads(text)["__metadata__"].items():
            for wrong in (["18446744073709551615", "x", "-1", ""] if re.fullmatch(r"[0-9.e+-]+|0x.*", value) else ["x"]):
                old, new = f'"{key}":"{value}"', f'"{key}":"{wrong}"'
                if old in text and old != new:
                    head = text.replace(old, new).encode()
                    continued(f"{key} '{wrong[:9]}' instead of '{value[:9]}'", struct.pack("<Q", len(head)) + head +
                              state[header:], [], may_pass=True)
        self.add("continue with another width", go_on + ["--dim-emb", "16"], ["training.safetensors"], model="model",
                 keeps=("model",))
        self.add("a file where the model should be", ["train", "-m", "file", *SMALL_MODEL, "-t", self.source, self.target],
                 ["file"], files={"file": b"x"})
        self.add("a model below a file", ["train", "-m", "file/model", *SMALL_MODEL, "-t", self.source, self.target],
                 ["file/model"], files={"file": b"x"})

    # Command lines

    def command_line_cases(self):
        for args, names in [([], ["Usage"]), (["trian"], ["train"]), (["--no-such"], ["--no-such"]), ([""], ["command"]),
                            (["train", "help"], ["help"]), (["translate"], ["models"]), (["score"], ["train-sets"]),
                            (["evaluate"], ["references"]), (["vocab"], ["vocab"]), (["info", "a", "b"], ["info"]),
                            (["info", "--tensors"], ["model"]), (["train", "--seed"], ["seed"]),
                            (["train", "--seed="], ["seed"]), (["train", "--=5"], []), (["train", "-"], ["-"]),
                            (["train", "--set", "seed"], ["--set"]), (["train", "--set", "=5"], ["--set"]),
                            (["train", "--set", "sed=5"], ["sed", "seed"]), (["train", "--set", "seed=[1"], ["seed"]),
                            (["train", "--set", "seed={a: 1}"], ["seed"]), (["translate", "-b", "0"], ["beam-size"]),
                            (["translate", "-b", "-3"], ["beam-size"]), (["translate", "-b", "2.5"], ["beam-size"]),
                            (["translate", "-b", "1", "2"], []), (["translate", "-Q"], ["-Q"]),
                            (["train", "--log-level", "loud"], ["log-level"]), (["train", "--tasks", "x"], ["task"]),
                            (["train", "--dump-config", "all"], ["dump-config"]), (["help", "me"], ["me"]),
                            (["train", "--after", "5x"], ["after"]), (["train", "--after", "-5u"], ["after"]),
                            (["train", "--help", "html"], ["help"]), (["train", "\xff\xfe"], []),
                            (["train", "--m\u00f6del", "x"], []), (["train", "--sigterm", "ignore"], ["sigterm"])]:
            self.add(f"command line {args}", args, names)
        odd = ["", "-", "--", "0", "-1", "1e400", "nan", "\u00fc", "x" * 5000, "/dev/null", "/", "a=b", "--", "{}", "[", "'",
               "\xff", "%s%n", "${HOME}", "1 2 3", ";", "*", "\n"]
        for i in range(150):
            command = self.random.choice(list(self.help_of))
            options = re.findall(r"(?m)^  (?:-[a-zA-Z] \[ )?(--[a-z0-9-]+)", self.help_of[command])
            options = [o for o in options if o not in ("--help", "--log", "--output", "--model")]
            args = [command]
            for _ in range(self.random.randrange(1, 6)):
                args.append(self.random.choice(options + ["--" + self.random.choice("abcxyz") * 3]))
                args += [self.random.choice(odd) for _ in range(self.random.randrange(3))]
            self.add(f"random arguments {i}", args, may_pass=True, keeps=("model", "vocabulary.spm"))

    # Outputs

    def output_cases(self):
        translate = ["translate", "-m", self.model]
        if os.path.exists("/dev/full"):
            for title, args in [("translations", translate + ["-i", self.test]), ("help", ["train", "--help"]),
                                ("the overview", ["--help"]), ("the version", ["--version"]), ("settings", ["train", "-t",
                                "a", "b", "--dump-config"]), ("scores", ["score", "-m", self.model, "-t", self.test,
                                self.reference]), ("info", ["info", self.model]), ("metrics", ["evaluate", self.reference,
                                "-r", self.reference])]:
                self.add(f"{title} to a full disk", args, ["standard output"], redirect="> /dev/full")
            self.add("translations into a full file", translate + ["-i", self.test, "-o", "/dev/full"], ["/dev/full"])
            self.add("scores into a full file", ["score", "-m", self.model, "-t", self.test, self.reference, "-o",
                                                 "/dev/full"], ["/dev/full"])
            self.add("pieces into a full file", ["vocab", "--size", "90", "-o", "/dev/full", self.source], ["/dev/full"])
            self.add("a log to a full disk", self.train("-t", self.source, self.target), redirect="2> /dev/full",
                     keeps=("model",), may_pass=True)
            self.add("metrics to a full disk", self.train("-t", self.source, self.target, "--metrics-file", "/dev/full",
                                                          "--disp-freq", "1"), ["/dev/full"], keeps=("model",))
            self.add("the log of validation to a full disk", self.train(
                "-t", self.source, self.target, "--valid-sets", self.test, self.reference, "--valid-freq", "1",
                "--valid-log", "/dev/full"), ["/dev/full"], keeps=("model",))
        for title, args in [("translations", translate), ("scores", ["score", "-m", self.model, "-t", self.test,
                            self.reference]), ("info", ["info", self.model]), ("metrics", ["evaluate", self.reference, "-r",
                            self.reference])]:
            self.add(f"{title} to a closed output", args, ["standard output"], redirect=">&-", stdin=b"the girl\n")
            # Nobody reads any more, as with head: there is nothing to say.
            self.add(f"{title} to a closed pipe", args, [], redirect="| true", stdin=b"the girl\n" * 20000, may_pass=True,
                     signals=(signal.SIGPIPE,))
        self.add("no standard input", translate, ["standard input"], redirect="<&-")
        self.add("train with all streams closed", self.train("-t", self.source, self.target), redirect="<&- >&- 2>&-",
                 may_pass=True, keeps=("model",))
        self.add("an output folder that is a file", translate + ["-o", "file/out"], ["file/out"], files={"file": b""},
                 stdin=b"the girl\n")
        self.add("processor", ["info"], ["DRAGOMAN_MAX_ISA", "mmx"], environment={"DRAGOMAN_MAX_ISA": "mmx"})

    def build(self):
        self.run_good("vocab", "--size", 70, "-o", self.folder / "other.spm", self.source, "--quiet")
        self.run_good("train", "-m", self.folder / "other", *SMALL_MODEL, "--set", "dim-vocabs=70", "-v",
                      self.folder / "other.spm", self.folder / "other.spm", "-t", self.source, self.target,
                      "--after-batches", 1, "--overwrite", "--quiet")
        for part in (self.settings_cases, self.config_cases, self.contradictions, self.corpus_cases, self.vocabulary_cases,
                     self.model_cases, self.command_line_cases, self.output_cases):
            part()
        return self.cases

    # Running

    def run(self, index):
        """What is wrong with the case, or nothing."""
        case = self.cases[index]
        folder = self.folder / "cases" / str(index)
        folder.mkdir(parents=True)
        try:
            if case.model:
                shutil.copytree(self.model, folder / "model")
            for name, data in case.files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(data)
                    if name.startswith("secret"):
                        path.chmod(0)
            before = set(os.listdir(folder))
            command = [self.program, *case.args]
            if case.redirect:
                script = f'"$@" {case.redirect}' + ("; exit ${PIPESTATUS[0]}" if "|" in case.redirect else "")
                command = ["bash", "-c", script, "case", *command]
            environment = {**os.environ, "TMPDIR": str(folder), **case.environment}
            try:
                done = subprocess.run(command, cwd=folder, input=case.stdin, capture_output=True, timeout=HANG,
                                      env=environment)
            except subprocess.TimeoutExpired:
                return "hangs"
            except ValueError:  # NUL in an argument: no program can be given that
                return None
            code, message = done.returncode, done.stderr.decode(errors="replace")
            if case.redirect and code > 128:
                code = 128 - code  # as bash tells signals
            left = [name for name in os.listdir(folder) if name not in before and name not in case.keeps]
            left += [str(path.relative_to(folder)) for path in folder.rglob("*.tmp*")]
            return self.judge(case, code, message, left)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def judge(self, case, code, message, left):
        wrong = []
        silent = any(sign in case.redirect for sign in ("|", "2>"))
        if code < 0 and -code not in case.signals:
            wrong.append(f"ended by signal {-code}")
        elif code > 2 or (code == 0 and not case.may_pass):
            wrong.append(f"exit code {code}")
        accidents = [sign for sign in ACCIDENTS if sign in message and sign not in " ".join(case.args)]
        if accidents:
            wrong.append(f"the message has {accidents}")
        if code in (1, 2) and not silent:
            last = message[max(0, message.rfind(USUAL_END)):]
            if case.args and USUAL_END not in message:
                wrong.append("no message")
            elif len(last) > 1500 and max(map(len, case.args)) < 1000:
                wrong.append(f"a message of {len(last)} characters")
            wrong += [f"the message does not name {name!r}" for name in case.names if name not in last]
            if any(ord(c) < 32 and c not in "\n\t" for c in last):
                wrong.append("control characters in the message")
        if left:
            wrong.append(f"left behind: {left}")
        return f"{'; '.join(wrong)}\n    message: {message[-600:].strip()}" if wrong else None


def raw_zstd(data):
    """A zstd frame that stores `data` as it is (RFC 8878): 1 segment, 4 bytes of size, raw blocks."""
    result = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data))
    blocks = [data[i:i + 65536] for i in range(0, len(data), 65536)]
    for block in blocks:
        result += struct.pack("<I", len(block) << 3 | (block is blocks[-1]))[:3] + block
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.realpath)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="cases whose title has this text")
    parser.add_argument("--list", action="store_true", help="print each case's message")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(options.program, Path(folder), options.seed)
        cases = sweep.build()
        chosen = [i for i, case in enumerate(cases) if options.only in case.title]
        failures = 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            for index, wrong in zip(chosen, pool.map(sweep.run, chosen)):
                if wrong:
                    failures += 1
                    case = cases[index]
                    print(f"FAILED: {case.title}: {wrong}\n    arguments: {' '.join(case.args)[:600]}", file=sys.stderr)
        print(f"{len(chosen)} cases, {failures} failed")
        return 1 if failures or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
