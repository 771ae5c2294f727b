#!/usr/bin/env python3
"""Marian itself computes with the models that we write for it what it computed with those that we read.

Usage: marian_export_test.py PROGRAM

Needs a Python with pymarian and numpy, which the variable DRAGOMAN_MARIAN_PYTHON may name; exits with 77, which means
that it skips, without one (it is too large to be installed for a test). The models are those of
tests/golden/make_marian.py.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def main():
    if importlib.util.find_spec("_pymarian") is None:
        python = os.environ.pop("DRAGOMAN_MARIAN_PYTHON", None)
        if python is None:
            print("skipped: pymarian is not installed")
            return 77
        os.execv(python, [python, *sys.argv])
    sys.path.insert(0, str(GOLDEN))
    from make_marian import marian, write_pairs

    program = Path(sys.argv[1]).resolve()
    golden = json.loads((GOLDEN / "marian.json").read_text())
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, target = write_pairs(folder, "test", golden["pairs"])
        for case, expected in golden["cases"].items():
            model = folder / case
            subprocess.run([program, "convert", "-m", GOLDEN / f"marian_{case}.npz", "-v", GOLDEN / "marian_source.yml",
                            GOLDEN / "marian_target.yml", "--to", "marian", "-o", model, "--quiet"], check=True)
            lines = marian("score", "-m", model / "model.npz", "-v", model / "source.yml", model / "target.yml", "-t", source,
                           target, "--word-scores", "--cpu-threads", 1, "--quiet", "-w", 100).splitlines()
            found = [[float(score) for score in line.split("WordScores= ")[1].split()] for line in lines]
            worst = max(abs(a - b) for some, others in zip(found, expected["scores"]) for a, b in zip(some, others))
            if len(found) != len(expected["scores"]) or worst > 2e-5:
                failures += 1
                print(f"FAILED: {case}: {len(found)} pairs, scores differ by {worst}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
