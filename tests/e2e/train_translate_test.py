#!/usr/bin/env python3
"""A new user's path from text to translations, and all that may happen on it.

Usage: train_translate_test.py PROGRAM

Learns a vocabulary and trains a small model on a generated corpus: whole, interrupted, killed and continued; translates
and scores with it in every way that must give the same; reads what the program wrote as other programs would.
DRAGOMAN_SANITIZED=1 says that the program is slow: it then trains less.
"""

import gzip
import json
import math
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[2] / "corpora" / "generator.py"
HANG = 600  # seconds: no run takes nearly as long
SEARCH = ["-b", "3", "-n", "1", "--max-length-factor", "1.5"]


class User:
    """One user, one folder. Each check_... method is a stretch of the path; they follow each other."""

    def __init__(self, program, folder):
        self.program, self.folder, self.failures = program, Path(folder), 0
        self.updates = 480

    def expect(self, holds, what):
        if not holds:
            self.failures += 1
            print(f"FAILED: {what}", file=sys.stderr)

    def expect_equal(self, found, expected, what):
        self.expect(found == expected, f"{what}: expected {expected!r:.600}, found {found!r:.600}")

    # Running the program

    def start(self, *args, **more):
        environment = {**os.environ, **more.pop("environment", {})}
        return subprocess.Popen([self.program, *map(str, args)], cwd=self.folder, env=environment, **more)

    def run(self, *args, stdin=b"", code=0, environment=None):
        """Standard output and standard error."""
        process = self.start(*args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             environment=environment or {})
        out, err = process.communicate(stdin, timeout=HANG)
        self.expect(process.returncode == code,
                    f"{' '.join(map(str, args))}: exit code {process.returncode}, expected {code}: "
                    f"{err.decode(errors='replace')[-1500:]}")
        return out, err.decode(errors="replace")

    def translate(self, *args, lines=None, model="whole", **more):
        """Lines of output for lines of input, which are bytes without ends."""
        stdin = b"".join(line + b"\n" for line in (self.sources if lines is None else lines))
        out, _ = self.run("translate", "-m", *([model] if isinstance(model, str) else model), *SEARCH, "--quiet", *args,
                          stdin=stdin, **more)
        self.expect(not out or out.endswith(b"\n"), "the last line of output has an end")
        return out.split(b"\n")[:-1]

    def train_arguments(self, model, *more):
        return ["train", "-m", model, "-t", "data/train.src", "data/train.trg", "-v", "v.spm", "v.spm",
                "--valid-sets", "data/valid.src", "data/valid.trg", "--valid-metrics", "ce-mean-words", "bleu", "chrf",
                "--valid-freq", f"{self.updates // 3}u", "--save-freq", f"{self.updates // 6}u", "--disp-freq", "2u",
                "--after", f"{self.updates}u", "--keep-best", "--overwrite", "--early-stopping", "0", *SEARCH,
                "--dim-emb", "32", "--enc-depth", "1", "--dec-depth", "1", "--transformer-heads", "4",
                "--transformer-dim-ffn", "48", "--transformer-dropout", "0.1", "--label-smoothing", "0.1",
                "--tied-embeddings-all", "--mini-batch-words", "500", "--learn-rate", "0.01", "--lr-warmup", "30u",
                "--lr-decay-inv-sqrt", "30u", "--exponential-smoothing", "0.01", "--cost-type", "ce-mean-words",
                "--seed", "7", "--cpu-threads", "2", "--tempdir", ".", *more]

    # The path

    def check_beginning(self):
        subprocess.run([sys.executable, GENERATOR, "--output", self.folder / "data", "--lines", "2000", "--valid", "40",
                        "--test", "40", "--suffixes", "src", "trg"], check=True)
        self.sources = (self.folder / "data/test.src").read_bytes().split(b"\n")[:-1]
        self.run("vocab", "--size", "200", "-o", "v.spm", "data/train.src", "data/train.trg")
        first = (self.folder / "v.spm").read_bytes()
        self.run("vocab", "--size", "200", "-o", "v.spm", "data/train.src", "data/train.trg")
        self.expect((self.folder / "v.spm").read_bytes() == first, "the same text gives the same vocabulary")
        begin = time.monotonic()
        self.run(*self.train_arguments("trial", "--set", "after=6u", "valid-freq=100u"))
        if os.environ.get("DRAGOMAN_SANITIZED") == "1" or time.monotonic() - begin > 3:
            self.updates = 48

    def check_training(self):
        _, log = self.run(*self.train_arguments("whole"))
        self.log = log
        number = r"[0-9.]+(?:e[-+][0-9]+)?"
        train = re.findall(rf"Ep\. (\d+) : Up\. (\d+) : Sen\. [0-9,]+ : Cost ({number}) \* [0-9,]+ @ [0-9,]+ after [0-9,]+ : "
                           rf"Time {number}s : {number} words/s : gNorm {number}", log)
        self.expect_equal([int(update) for _, update, _ in train], list(range(2, self.updates + 1, 2)), "updates in the log")
        self.expect(float(train[-1][2]) < float(train[0][2]) - 0.5, f"the cost falls: {train[0]} ... {train[-1]}")
        self.valid = re.findall(rf"\[valid\] Ep\. \d+ : Up\. (\d+) : ([a-z-]+) : ({number}) : (?:new best|stalled)", log)
        self.expect_equal([(int(update), metric) for update, metric, _ in self.valid],
                          [(self.updates // 3 * k, metric) for k in (1, 2, 3) for metric in ("ce-mean-words", "bleu", "chrf")],
                          "validations in the log")
        self.expect_equal(len(re.findall(r"(?m)  source      .*\n.*  translation .*\n.*  reference   ", log)), 9,
                          "sample translations in the log")
        names = {"config.yml", "metrics.jsonl", "model.safetensors", "training.safetensors", "vocabulary.spm",
                 "model.best-ce-mean-words.safetensors", "model.best-bleu.safetensors", "model.best-chrf.safetensors"}
        self.expect_equal(set(os.listdir(self.folder / "whole")), names, "files of the model")
        records = self.metrics("whole")
        self.expect_equal([(r["update"], r["metric"], float(f"{r['value']:g}")) for r in records if r["type"] == "valid"],
                          [(int(update), metric, float(value)) for update, metric, value in self.valid],
                          "validations in metrics.jsonl")
        _, log = self.run(*self.train_arguments("whole"))
        self.expect("nothing to do" in log, f"a finished run says so: {log}")

    def metrics(self, model):
        """The records of a run, without what no two runs have in common."""
        records = [json.loads(line) for line in (self.folder / model / "metrics.jsonl").read_text().splitlines()]
        records = [record for record in records if record["type"] not in ("start", "end")]  # these tell of interruptions
        for record in records:
            for key in ("seconds", "tokens_per_second"):
                record.pop(key, None)
        return records

    def check_interruptions(self):
        ends = [("interrupted", signal.SIGINT, 130), ("terminated", signal.SIGTERM, 143), ("killed", signal.SIGKILL, -9)]
        for part, (model, sign, code) in enumerate(ends):
            process = self.start(*self.train_arguments(model), stderr=subprocess.PIPE)
            goal = self.updates * (2 * part + 3) // 9  # in the middle; of the last third, between two checkpoints
            for line in process.stderr:
                found = re.search(rb": Up\. (\d+) : Sen", line)
                if found and int(found[1]) >= goal:
                    break
            process.send_signal(sign)
            rest = process.stderr.read().decode()
            self.expect_equal(process.wait(HANG), code, f"exit code of a run that is {model}")
            if code > 0:
                self.expect("continues" in rest, f"a run that is {model} says that it can be continued: {rest}")
            last = max([int(update) for update in re.findall(r": Up\. (\d+) : Sen", rest)], default=0)
            self.expect(last < self.updates, f"{model} too late to test anything")
            _, log = self.run(*self.train_arguments(model))
            self.expect(re.search(r"resuming at epoch \d+, update [1-9]", log), f"the run goes on after it was {model}: {log}")
            for name in ("model.safetensors", "model.best-bleu.safetensors", "model.best-ce-mean-words.safetensors"):
                self.expect(self.bytes_of(model, name) == self.bytes_of("whole", name),
                            f"{name} of a run that was {model} has other bits than of one that was not")
            self.expect(self.metrics(model) == self.metrics("whole"), f"other metrics when {model}")
            self.expect_equal([n for n in os.listdir(self.folder / model) if ".tmp" in n], [], f"files left when {model}")

    def bytes_of(self, model, name):
        return (self.folder / model / name).read_bytes()

    def check_translating(self):
        self.outputs = self.translate()
        self.expect_equal(len(self.outputs), len(self.sources), "lines of output")
        self.expect(len(set(self.outputs)) > 5, f"a model that says more than one thing: {self.outputs[:5]}")
        alone = [self.translate("--mini-batch", "1", lines=[line])[0] for line in self.sources[:3]]
        self.expect_equal(alone, self.outputs[:3], "lines one by one")
        same = {
            "mini-batch 1": ["--mini-batch", "1"], "mini-batch 64": ["--mini-batch", "64"], "no sorting":
            ["--maxi-batch-sort", "none"], "small maxi-batches": ["--mini-batch", "3", "--maxi-batch", "2"],
            "one thread": ["--cpu-threads", "1"], "two threads": ["--cpu-threads", "2"],
            "words": ["--mini-batch-words", "50"],
        }
        for what, options in same.items():
            self.expect_equal(self.translate(*options), self.outputs, f"translations with {what}")
        source = self.folder / "data/test.src"
        (self.folder / "test.gz").write_bytes(gzip.compress(source.read_bytes()))
        for name in ("data/test.src", "test.gz"):
            _, log = self.run("translate", "-m", "whole", *SEARCH, "-i", name, "-o", "out.txt")
            self.expect(re.search(r"Translated 40 lines, \d+ source words in [0-9.]+s : [0-9.]+ words/s", log), f"speed: {log}")
            self.expect_equal((self.folder / "out.txt").read_bytes().split(b"\n")[:-1], self.outputs, f"from {name}")
        order = list(reversed(self.sources))
        self.expect_equal(self.translate(lines=order), list(reversed(self.outputs)), "the order of lines")

    def check_strange_lines(self):
        good, expected = self.sources[0], self.outputs[0]
        strange = [b"\xef\xbb\xbf" + good, b"", good + b"\r", b"   ", b"\t", b"\xff\xfe", good, b"a\0b", b"\xe2\x80\xa8", b"</s>",
                   b"<unk>", b"\xf0\x9f\x98\x80", b"\xe2\x96\x81", good]
        found = self.translate(lines=strange)
        self.expect_equal(len(found), len(strange), "lines for strange lines")
        self.expect_equal([found[0], found[2], found[6], found[13]], [expected] * 4, "BOM and CR change nothing")
        self.expect_equal([found[1], found[3], found[4]], [b""] * 3, "blank lines")
        _, log = self.run("translate", "-m", "whole", *SEARCH, stdin=b"\n".join(strange))
        for words in ("invalid UTF-8", "NUL"):
            self.expect(words in log, f"a warning about {words}: {log}")
        long = b" ".join(self.sources[:12])
        whole, log = self.run("translate", "-m", "whole", *SEARCH, "--max-length", "100", stdin=good + b"\n" + long + b"\n")
        lines = whole.split(b"\n")[:-1]
        self.expect_equal((len(lines), lines[0]), (2, expected), "lines when one is split")
        self.expect("line 2" in log and "max-length" in log, f"a warning about the line that is split: {log}")
        self.expect(lines[1].count(b" ") >= 2 * expected.count(b" "), f"a line that is split is translated: {lines[1]}")
        cropped = self.translate("--max-length", "10", "--max-length-crop", lines=[long])[0]
        self.expect(0 < len(cropped) < len(lines[1]), f"a line that is cropped: {cropped}")
        no_end, _ = self.run("translate", "-m", "whole", *SEARCH, stdin=good)
        self.expect_equal(no_end, expected + b"\n", "a line without end")
        self.expect_equal(self.run("translate", "-m", "whole")[0], b"", "no input")

    def check_search(self):
        lists = self.translate("--n-best")
        best, scores = {}, {}
        for line in lists:
            match = re.fullmatch(rb"(\d+) \|\|\| (.*) \|\|\| F0= (-?[0-9.e-]+) \|\|\| (-?[0-9.e-]+)", line)
            self.expect(match, f"an n-best line: {line}")
            if match:
                best.setdefault(int(match[1]), match[2])
                scores.setdefault(int(match[1]), []).append(float(match[4]))
        self.expect_equal([best[i] for i in sorted(best)], self.outputs, "the best of n are the translations")
        self.expect(all(s == sorted(s, reverse=True) and len(s) == 3 for s in scores.values()), f"scores of n-best lists: {scores}")
        sampling = ["--output-sampling", "full", "1.5"]
        first = self.translate(*sampling, "--seed", "3")
        self.expect_equal(self.translate(*sampling, "--seed", "3", "--mini-batch", "5"), first, "samples of the same seed")
        self.expect(self.translate(*sampling, "--seed", "4") != first, "other seeds give other samples")
        self.expect(first != self.outputs, "samples are not the best")
        greedy = self.translate("-b", "1")
        self.expect_equal(self.translate("-b", "1", "--output-sampling", "topk", "1", "--seed", "1"), greedy, "the top 1")
        self.expect_equal(self.translate(model=["whole", "whole"]), self.outputs, "an ensemble of one model twice")
        self.run(*self.train_arguments("second", "--set", f"after={self.updates // 3}u", "seed=8"))
        both = self.translate(model=["whole", "second"])
        self.expect(both != self.outputs or self.translate(model="second") == self.outputs, "an ensemble asks both")
        self.expect_equal(self.translate("--weights", "1", "0", model=["whole", "second"]), self.outputs, "weights 1 and 0")
        prefixes = [b" ".join(line.split()[:2]) for line in (self.folder / "data/test.trg").read_bytes().split(b"\n")[:-1]]
        rows = [source + b"\t" + prefix for source, prefix in zip(self.sources, prefixes)]
        forced = self.translate("--force-decode", "--tsv", lines=rows)
        self.expect(all(line.startswith(prefix) for line, prefix in zip(forced, prefixes)), f"prefixes are kept: {forced[:3]}")
        (self.folder / "prefixes").write_bytes(b"".join(prefix + b"\n" for prefix in prefixes))
        out, _ = self.run("translate", "-m", "whole", *SEARCH, "--force-decode", "-i", "data/test.src", "prefixes")
        self.expect_equal(out.split(b"\n")[:-1], forced, "prefixes in a file of their own")
        spread = self.translate("--no-repeat-ngram-size", "2", "--no-spm-decode")
        self.expect(all(len(set(zip(words, words[1:]))) == max(0, len(words) - 1) for words in map(bytes.split, spread)),
                    "no two tokens twice")

    def check_measures(self):
        # What training measured can be measured again.
        last = {metric: float(value) for update, metric, value in self.valid if int(update) == self.updates}
        sets = ["-t", "data/valid.src", "data/valid.trg"]
        mean, _ = self.run("score", "-m", "whole", *sets, "--summary", "ce-mean-words")
        self.expect(math.isclose(float(mean), last["ce-mean-words"], rel_tol=1e-4), f"ce-mean-words: {mean}, {last}")
        scores = [float(line) for line in self.run("score", "-m", "whole", *sets)[0].split()]
        self.expect_equal(len(scores), 40, "scores")
        total = float(self.run("score", "-m", "whole", *sets, "--summary", "ce-sum")[0])
        self.expect(math.isclose(-sum(scores), total, rel_tol=1e-5), f"the sum of scores {sum(scores)}, ce-sum {total}")
        words = self.run("score", "-m", "whole", *sets, "--word-scores", "--mini-batch", "1")[0].decode().splitlines()
        for line, score in zip(words, scores):
            parts = [float(x) for x in line.split("WordScores=")[1].split()]
            self.expect(math.isclose(sum(parts), score, rel_tol=1e-3, abs_tol=1e-3), f"scores of words: {line}, {score}")
        self.run("translate", "-m", "whole", *SEARCH, "-i", "data/valid.src", "-o", "valid.out")
        found = json.loads(self.run("evaluate", "valid.out", "-r", "data/valid.trg", "--json", "-w", "4")[0])
        for metric, name in (("bleu", "BLEU"), ("chrf", "chrF2")):
            value = next(score["score"] for score in found if score["name"] == name)
            self.expect(abs(value - last[metric]) < 0.006, f"{metric}: evaluate says {value}, training {last[metric]}")
        perfect, _ = self.run("evaluate", "data/test.trg", "-r", "data/test.trg", "-m", "bleu", "ter", "-b")
        self.expect_equal(perfect.split(), [b"100.00", b"0.00"], "scores of the reference itself")

    def check_files(self):
        # As any program would read them.
        data = self.bytes_of("whole", "model.safetensors")
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        header.pop("__metadata__", None)
        end, count = 0, 0
        for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            self.expect_equal((tensor["dtype"], tensor["data_offsets"][0]), ("F32", end), f"tensor {name}")
            numbers = math.prod(tensor["shape"])
            end = tensor["data_offsets"][1]
            self.expect_equal(end - tensor["data_offsets"][0], 4 * numbers, f"bytes of {name}")
            count += numbers
            values = struct.unpack(f"<{numbers}f", data[8 + size:][tensor["data_offsets"][0]:end])
            self.expect(all(map(math.isfinite, values)), f"{name} is finite")
        self.expect_equal(len(data), 8 + size + end, "bytes of the file")
        text = self.run("info", "whole")[0].decode()
        self.expect(f"parameters: {count:,}" in text, f"info tells {count:,} parameters: {text}")
        listed = self.run("info", "--tensors", "whole")[0].decode()
        self.expect(all(name in listed for name in header), "info lists all tensors")
        self.expect("oneDNN" in self.run("info")[0].decode(), "info tells what it computes with")

    def check_interrupted_translation(self):
        for output in (["-o", "never.txt"], []):
            process = self.start("translate", "-m", "whole", *SEARCH, "--mini-batch", "2", "--maxi-batch", "1", *output,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdin.write(b"".join(line + b"\n" for line in self.sources))
            process.stdin.flush()
            if output:
                time.sleep(1)  # it is in the middle, or waits for more
            else:
                self.expect_equal(process.stdout.readline().rstrip(b"\n"), self.outputs[0], "a line before the end of input")
            process.send_signal(signal.SIGINT)
            process.wait(HANG)  # and its input stays open
            out, err = process.communicate(timeout=HANG)
            self.expect_equal(process.returncode, 130, f"exit code of interrupted translating: {err}")
            self.expect(not out or out.endswith(b"\n"), "interrupted output ends with a whole line")
            self.expect_equal([n for n in os.listdir(self.folder) if n.startswith("never")], [], "files of interrupted output")

    def check_processors(self):
        for ours, theirs in (("baseline", "SSE41"), ("avx2", "AVX2")):
            environment = {"DRAGOMAN_MAX_ISA": ours, "ONEDNN_MAX_CPU_ISA": theirs}
            if ours == "avx2" and " avx2 " not in Path("/proc/cpuinfo").read_text():
                continue
            found = self.translate(environment=environment)
            same = sum(a == b for a, b in zip(found, self.outputs))
            self.expect(len(found) == len(self.outputs) and same >= 0.9 * len(found),
                        f"only {same} of {len(self.outputs)} translations are the same with {ours}")
            text = self.run("info", environment=environment)[0].decode()
            self.expect(f"kernels: {ours}" in text, f"info tells {ours}: {text}")

    def check_marian(self):
        """What a user of Marian has in a file runs as it is."""
        (self.folder / "marian.yml").write_text(MARIAN)
        _, log = self.run("train", "-c", "marian.yml")
        self.expect("Up. 8 " in log and "[valid]" in log, f"a log as Marian's: {log}")
        model = self.folder / "marian" / "model"
        self.expect(all((model / name).exists() for name in ("config.yml", "model.safetensors", "model.best-bleu.safetensors")),
                    f"a model where model/model.npz would be: {sorted(os.listdir(self.folder / 'marian'))}")
        self.expect((self.folder / "marian/vocab.src.spm").exists() and (self.folder / "marian/vocab.trg.spm").exists(),
                    "vocabularies are learned where they are named")
        self.expect((self.folder / "marian/train.log").read_text().count("Up.") > 4, "the log file")
        self.expect((self.folder / "marian/valid.log").read_text().count("[valid]") == 6, "the log of validation")
        self.expect_equal(re.findall(r"([a-z-]+) has no effect", log), ["devices"], "settings without effect")
        # Its command lines too; here they translate.
        out, _ = self.run("translate", "-m", "marian/model.npz", "-v", "marian/vocab.src.spm", "marian/vocab.trg.spm", "-b", "2",
                          "--mini-batch", "8", "--maxi-batch", "10", "-d", "0", "--workspace", "256",
                          "--max-length-factor", "1", stdin=self.sources[0] + b"\n")
        self.expect_equal(out.count(b"\n"), 1, "lines of output")
        _, log = self.run("train", "-c", "marian.yml", "--after", "10u")
        self.expect("resuming at" in log, f"it goes on: {log}")


MARIAN = """\
# As in Marian's examples
model: marian/model.npz
type: transformer
train-sets:
  - data/train.src
  - data/train.trg
vocabs:
  - marian/vocab.src.spm
  - marian/vocab.trg.spm
dim-vocabs:
  - 150
  - 150
max-length: 100
mini-batch-fit: true
workspace: 16
maxi-batch: 10
mini-batch: 64
early-stopping: 10
cost-type: ce-mean-words
valid-freq: 4u
save-freq: 4
disp-freq: 2
valid-metrics:
  - ce-mean-words
  - perplexity
  - bleu-detok
valid-sets:
  - data/valid.src
  - data/valid.trg
valid-translation-output: marian/valid.{U}.trg
valid-mini-batch: 16
quiet-translation: true
beam-size: 2
normalize: 0.6
max-length-factor: 1
log: marian/train.log
valid-log: marian/valid.log
overwrite: true
keep-best: true
enc-depth: 2
dec-depth: 2
dim-emb: 32
transformer-heads: 4
transformer-dim-ffn: 64
transformer-postprocess-emb: d
transformer-postprocess: dan
transformer-dropout: 0.1
transformer-dropout-attention: 0.1
transformer-decoder-autoreg: self-attention
label-smoothing: 0.1
learn-rate: 0.0003
lr-warmup: 16000
lr-decay-inv-sqrt: 16000
lr-report: true
optimizer: adam
optimizer-params: [0.9, 0.98, 1e-09]
clip-norm: 5
tied-embeddings: true
devices: [0, 1]
sync-sgd: true
seed: 1111
exponential-smoothing: 0.0001
after-batches: 8
sentencepiece-max-lines: 500
shuffle-in-ram: true
cpu-threads: 1
"""


def main():
    program = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        user = User(program, folder)
        for check in (user.check_beginning, user.check_training, user.check_interruptions, user.check_translating,
                      user.check_strange_lines, user.check_search, user.check_measures, user.check_files,
                      user.check_interrupted_translation, user.check_processors, user.check_marian):
            begin = time.monotonic()
            check()
            print(f"{check.__name__}: {time.monotonic() - begin:.1f} s")
        if user.failures:
            print(f"{user.failures} failures", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
