#!/usr/bin/env python3
"""Every loss that training offers, on the generated corpus, and the coverage penalty of search.

Usage: losses_test.py PROGRAM
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[2] / "corpora" / "generator.py"
HANG = 600  # seconds: no run takes nearly as long
LOSSES = {
    "mse": ["--cross-entropy-weight", "0", "--mse-weight", "1"],
    "mse-embeddings": ["--cross-entropy-weight", "0", "--mse-embeddings-weight", "1"],
    "attention": ["--cross-entropy-weight", "0", "--attention-loss-weight", "1"],
    "attention-of-layer-1": ["--attention-loss-weight", "0.5", "--transformer-guided-alignment-layer", "1"],
    "r-drop": ["--r-drop-weight", "1", "--transformer-dropout", "0.1"],
    "guided-ce": ["--guided-alignment", "data/align"],
    "guided-mse": ["--guided-alignment", "data/align", "--guided-alignment-cost", "mse", "--guided-alignment-weight", "1"],
    "guided-mult": ["--guided-alignment", "data/align", "--guided-alignment-cost", "mult"],
    "recurrent": ["--type", "s2s", "--dim-rnn", "24", "--dec-depth", "1", "--guided-alignment", "data/align",
                  "--attention-loss-weight", "0.2", "--mse-weight", "0.5", "--learn-rate", "0.01"],
    "together": ["--guided-alignment", "data/align", "--mse-weight", "0.5", "--mse-embeddings-weight", "0.1",
                 "--attention-loss-weight", "0.2", "--r-drop-weight", "0.5", "--transformer-dropout", "0.1"],
}


class Test:
    def __init__(self, program, folder):
        self.program, self.folder, self.failures = program, Path(folder), 0

    def expect(self, holds, what):
        if not holds:
            self.failures += 1
            print(f"FAILED: {what}", file=sys.stderr)

    def run(self, *args, code=0, stdin=b""):
        process = subprocess.run([self.program, *args], cwd=self.folder, input=stdin, capture_output=True, timeout=HANG)
        err = process.stderr.decode(errors="replace")
        self.expect(process.returncode == code, f"{' '.join(args)}: exit code {process.returncode}, expected {code}: {err[-800:]}")
        return process.stdout.decode(), err

    def train(self, model, *more, code=0):
        return self.run("train", "-m", model, "-t", "data/train.src", "data/train.trg", "-v", "v.spm", "v.spm",
                        "--after", "120u", "--disp-freq", "20u", "--dim-emb", "16", "--enc-depth", "1", "--dec-depth",
                        "2", "--transformer-heads", "2", "--transformer-dim-ffn", "24", "--tied-embeddings-all",
                        "--mini-batch-words", "300", "--learn-rate", "0.005", "--cost-type", "ce-mean-words", "--seed",
                        "7", "--cpu-threads", "2", "--tempdir", ".", "--overwrite", *more, code=code)[1]

    def error(self, text, *more):
        log = self.train("wrong", *more, code=1)
        self.expect(text in log, f"{' '.join(more)}: expected an error with '{text}', found {log[-400:]}")

    def check_beginning(self):
        subprocess.run([sys.executable, GENERATOR, "--output", self.folder / "data", "--lines", "600", "--valid", "20",
                        "--test", "20", "--suffixes", "src", "trg"], check=True)
        self.run("vocab", "--size", "150", "-o", "v.spm", "data/train.src", "data/train.trg")
        lines = (self.folder / "data/train.src").read_text().splitlines()
        (self.folder / "data/align").write_text("".join(f"0-0{' 1-0' if i % 3 == 0 else ''}\n" for i in range(len(lines))))

    def check_losses(self):
        for name, options in LOSSES.items():
            log = self.train(name, *options)
            costs = [float(cost) for cost in re.findall(r" : Cost ([-0-9.e]+) ", log)]
            self.expect(len(costs) == 6 and costs[-1] < 0.95 * costs[0], f"{name}: the loss falls: {costs}")

    def check_validation_reports_cross_entropy(self):
        log = self.train("valid", *LOSSES["mse"], "--valid-sets", "data/valid.src", "data/valid.trg", "--valid-freq",
                         "120u", "--valid-metrics", "ce-mean-words")
        value = float(re.search(r"ce-mean-words : ([0-9.]+)", log).group(1))
        self.expect(value > 1, f"the cross-entropy of validation is one, not a squared error: {value}")

    def check_errors(self):
        lines = (self.folder / "data/train.src").read_text().count("\n")
        (self.folder / "short").write_text("0-0\n")
        self.error(f"data/train.src has {lines} lines but short has 1: expected as many", "--guided-alignment", "short")
        (self.folder / "range").write_text("0-0\n" * (lines - 1) + "0-0 999-0\n")
        self.error(f"range line {lines}: link 999-0: expected a source token from 0 to ", "--guided-alignment", "range")
        (self.folder / "form").write_text("0-0\n" * (lines - 1) + "0-0 1:1\n")
        self.error(f"form line {lines}: expected links such as 0-0, of a source and a target token, found '1:1'",
                   "--guided-alignment", "form")
        self.error("no-such-file", "--guided-alignment", "no-such-file")
        self.error("guided-alignment: its links are between pieces", "--guided-alignment", "data/align",
                   "--sentencepiece-alphas", "0.1", "0.1")
        self.error("expected last or a decoder layer from 1 to 2, found '3'", "--attention-loss-weight", "1",
                   "--transformer-guided-alignment-layer", "3")
        self.error("nothing would train the output layer", "--cross-entropy-weight", "0")
        for name in ("mse-weight", "mse-embeddings-weight", "attention-loss-weight", "r-drop-weight",
                     "guided-alignment-weight", "cross-entropy-weight"):
            _, log = self.run("train", "-t", "a", "b", f"--{name}=-1", code=2)
            self.expect(name in log and "-1" in log, f"{name}: {log}")
        help_text, _ = self.run("train", "--help")
        for name in ("guided-alignment", "attention-loss-weight", "mse-embeddings-weight", "r-drop-weight"):
            self.expect(f"--{name}" in help_text, f"train --help tells of {name}")

    def check_coverage_penalty(self):
        stdin = (self.folder / "data/test.src").read_bytes()

        search = ["-b", "4", "-n", "1", "--max-decoding-length", "4"]  # too short to look at all

        def n_best(*more):
            out, _ = self.run("translate", "-m", "together", *search, "--n-best", "--quiet", *more, stdin=stdin)
            return [line.split(" ||| ") for line in out.splitlines()]

        without, zero, with_it = n_best(), n_best("--coverage-penalty", "0"), n_best("--coverage-penalty", "0.4")
        self.expect(without == zero, "a penalty of 0 changes nothing")
        texts = {(line[0], line[1]): float(line[3]) for line in without}
        same = [(texts[key], float(line[3])) for line in with_it for key in [(line[0], line[1])] if key in texts]
        self.expect(len(same) > 10 and all(after <= before + 1e-4 for before, after in same),
                    f"the penalty only lowers scores: {same[:5]}")
        self.expect(any(after < before - 0.01 for before, after in same), "the penalty lowers scores")
        order = [float(line[3]) for line in with_it if line[0] == "0"]
        self.expect(order == sorted(order, reverse=True), f"the list is in the order of scores: {order}")
        one, _ = self.run("translate", "-m", "together", *search, "--quiet", "--coverage-penalty", "0.4",
                          "--mini-batch", "1", stdin=stdin)
        best = {int(line[0]): line[1] for line in reversed(with_it)}
        self.expect([best[i] for i in sorted(best)] == one.splitlines(), "the best of the list is the translation, whatever the batch")
        out, _ = self.run("translate", "-m", "recurrent", *search, "--quiet", "--coverage-penalty", "0.4", stdin=stdin)
        self.expect(len(out.splitlines()) == len(best), "a recurrent model's attention counts too")
        for more in (["--coverage-penalty=-1"], ["--coverage-penalty", "0.2", "--output-sampling"]):
            process = subprocess.run([self.program, "translate", "-m", "together", *more], cwd=self.folder, input=stdin,
                                     capture_output=True, timeout=HANG)
            log = process.stderr.decode()
            self.expect(process.returncode != 0 and "coverage-penalty" in log, f"{more} is an error: {log}")


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__.strip())
    with tempfile.TemporaryDirectory() as folder:
        test = Test(str(Path(sys.argv[1]).resolve()), folder)
        for check in ("check_beginning", "check_losses", "check_validation_reports_cross_entropy", "check_errors",
                      "check_coverage_penalty"):
            getattr(test, check)()
            print(f"{check}: {test.failures} failures so far")
        sys.exit(1 if test.failures else 0)


if __name__ == "__main__":
    main()
