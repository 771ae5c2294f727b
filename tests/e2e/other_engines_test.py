#!/usr/bin/env python3
"""Models in the formats of other engines: written, read back, quantised, with shortlists, trained further; and a real
model of Firefox's where it is there.

Usage: other_engines_test.py PROGRAM
"""

import sys
import tempfile
from pathlib import Path

from losses_test import Test

SHARED = Path(__file__).resolve().parents[3] / "shared"
SEARCH = ["-b", "3", "-n", "1", "--quiet"]


class OtherEnginesTest(Test):
    def translate(self, *model, stdin=None):
        source = (self.folder / "data/test.src").read_bytes() if stdin is None else stdin
        return self.run("translate", *model, *SEARCH, stdin=source)[0].splitlines()

    def check_conversions(self):
        for model, formats in (("ssru", ("marian", "ctranslate2", "safetensors")), ("transformer", ("marian", "ctranslate2"))):
            expected = self.translate("-m", model)
            for target in formats:
                if (model, target) == ("ssru", "ctranslate2"):
                    _, err = self.run("convert", "-m", model, "--to", target, "-o", "wrong", code=1)
                    self.expect("rnn" in err and not (self.folder / "wrong").exists(), f"no SSRU for CTranslate2: {err}")
                    continue
                out = f"{model}.{target}"
                self.run("convert", "-m", model, "--to", target, "-o", out, "--quiet")
                read = ["-c", f"{out}/decoder.yml"] if target == "marian" else ["-m", out]
                self.expect(self.translate(*read) == expected, f"{out} translates as {model}")
                _, err = self.run("convert", "-m", model, "--to", target, "-o", out, code=1)
                self.expect("--overwrite" in err, f"what is there is not replaced: {err}")
        npz = ["-m", "ssru.marian/model.npz"]
        self.expect(self.translate(*npz) == self.translate("-m", "ssru"), "the vocabulary beside model.npz is found")
        (self.folder / "cut.npz").write_bytes((self.folder / "ssru.marian/model.npz").read_bytes()[:-100])
        _, err = self.run("translate", "-m", "cut.npz", "-v", "v.spm", "v.spm", code=1, stdin=b"a\n")
        self.expect("cut.npz" in err, f"a truncated file is named: {err}")

    def check_eight_bits(self):
        for name, more in (("dynamic", []), ("calibrated", ["--calibration", "data/train.src"])):
            self.run("quantize", "-m", "transformer", "-o", name, "--quiet", *more)
            found, expected = self.translate("-m", name), self.translate("-m", "transformer")
            same = sum(a == b for a, b in zip(found, expected))
            self.expect(len(found) == len(expected) and same >= len(expected) / 2, f"{name}: {same} of {len(expected)} lines")
            size = [(self.folder / model / "model.safetensors").stat().st_size for model in (name, "transformer")]
            self.expect(size[0] < 0.6 * size[1], f"{name}: {size[0]} bytes of {size[1]}")
            one = [self.translate("-m", name, stdin=line.encode() + b"\n")[0]
                   for line in (self.folder / "data/test.src").read_text().splitlines()]
            self.expect(one == found, f"{name}: a line does not depend on its batch")
        self.expect(self.translate("-m", "transformer", "--gemm-precision", "int8") == self.translate("-m", "dynamic"),
                    "quantising while loading is the same")
        self.run("convert", "-m", "transformer", "--to", "safetensors", "--quantize", "int8", "-o", "converted", "--quiet")
        self.expect((self.folder / "converted/model.safetensors").read_bytes() == (self.folder / "dynamic/model.safetensors").read_bytes(),
                    "quantize is a conversion")

    def check_shortlists(self):
        make = ["shortlist", "-t", "data/train.src", "data/train.trg", "-v", "v.spm", "v.spm", "--first", "20", "--quiet"]
        self.run(*make, "-o", "lex.bin")
        self.run(*make, "-o", "lex.txt")
        binary = self.translate("-m", "transformer", "--shortlist", "lex.bin")
        self.expect(binary == self.translate("-m", "transformer", "--shortlist", "lex.txt", "20", "100", "0"),
                    "a text is the same shortlist")
        expected = self.translate("-m", "transformer")
        same = sum(a == b for a, b in zip(binary, expected))
        self.expect(same >= len(expected) / 2, f"{same} of {len(expected)} lines with a shortlist")
        _, err = self.run("translate", "-m", "transformer", "--shortlist", "none.bin", code=1, stdin=b"a\n")
        self.expect("none.bin" in err, f"a missing shortlist is named: {err}")
        (self.folder / "bad.txt").write_text("a b 0.5\na b\n")
        _, err = self.run("translate", "-m", "transformer", "--shortlist", "bad.txt", code=1, stdin=b"a\n")
        self.expect("bad.txt line 2" in err, f"the line is named: {err}")

    def check_training_further(self):
        for name, pretrained in (("further", "ssru.marian/model.npz"), ("further2", "transformer.ctranslate2")):
            log = self.run("train", "-m", name, "--pretrained-model", pretrained, "-t", "data/train.src", "data/train.trg",
                           "--after", "2u", "--learn-rate", "1e-30", "--mini-batch-words", "200", "--tempdir", ".")[1]
            self.expect("starting from the parameters" in log, f"{name}: {log[-300:]}")
            model = pretrained.split(".")[0]
            self.expect(self.translate("-m", name) == self.translate("-m", model), f"{name} is {model} as good as without learning")

    def check_a_real_model(self):
        config = SHARED / "models/en-pt-tiny/config.intgemm8bitalpha.yml"
        if not config.exists():
            print(f"left out: there is no {config}", file=sys.stderr)
            return
        lines = (SHARED / "data/flores/dev.en").read_bytes().split(b"\n")[:40]
        source = b"\n".join(lines) + b"\n"
        found = self.run("translate", "-c", str(config), "--quiet", stdin=source)[0].splitlines()
        peer = (SHARED / "data/flores/dev.translateLocally.pt").read_text().splitlines()[:40]
        same = sum(a == b for a, b in zip(found, peer))
        self.expect(len(found) == 40 and same >= 20, f"{same} of 40 lines are translateLocally's")
        alone = [self.run("translate", "-c", str(config), "--quiet", stdin=line + b"\n")[0].strip("\n") for line in lines[:5]]
        self.expect(alone == found[:5], "a line alone is the line in its batch")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = OtherEnginesTest(Path(sys.argv[1]).resolve(), folder)
        test.check_beginning()
        test.train("transformer", "--after", "400u", "--transformer-ffn-activation", "relu")
        test.train("ssru", "--transformer-decoder-autoreg", "rnn", "--dec-cell", "ssru", "--after", "200u")
        test.check_conversions()
        test.check_eight_bits()
        test.check_shortlists()
        test.check_training_further()
        test.check_a_real_model()
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
