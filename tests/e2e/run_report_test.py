#!/usr/bin/env python3
"""The page of a training run: made of real runs, whole, continued and damaged.

Usage: run_report_test.py PROGRAM
"""

import json
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[2] / "corpora" / "generator.py"
EMPTY = {"meta", "br", "input"}
failures = 0


def expect(holds, what):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED: {what}", file=sys.stderr)


class Page(HTMLParser):
    """Takes a page apart, and complains of elements that are not closed in order."""

    def __init__(self, path):
        super().__init__()
        self.open, self.tags, self.text, self.scripts = [], [], "", {}
        self.feed(path.read_text(encoding="utf-8"))
        expect(not self.open, f"{path.name}: {self.open} not closed")
        self.runs = json.loads(self.scripts["application/json"])["runs"]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        expect(self.open and self.open[-1][0] == tag, f"</{tag}> inside {self.open[-1:]}")
        if self.open:
            self.open.pop()

    def handle_data(self, data):
        tag, attributes = self.open[-1] if self.open else ("", {})
        if tag == "script":
            kind = attributes.get("type", "")
            self.scripts[kind] = self.scripts.get(kind, "") + data
        elif tag != "style":
            self.text += data


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def run(*args, code=0):
            result = subprocess.run([program, *args], cwd=folder, capture_output=True)
            err = result.stderr.decode(errors="replace")
            expect(result.returncode == code, f"{args}: exit code {result.returncode}, expected {code}: {err[-800:]}")
            return result.stdout.decode(errors="replace"), err

        subprocess.run([sys.executable, GENERATOR, "--output", folder / "data", "--lines", "300", "--valid", "20", "--test",
                        "4", "--suffixes", "src", "trg"], check=True, stdout=subprocess.DEVNULL)

        def train(model, updates, *more):
            run("train", "-m", model, "-t", "data/train.src", "data/train.trg", "-v", "v.spm", "v.spm", "--valid-sets",
                "data/valid.src", "data/valid.trg", "--valid-metrics", "ce-mean-words", "bleu", "--valid-freq", "10u",
                "--save-freq", "10u", "--disp-freq", "2u", "--after", f"{updates}u", "--overwrite", "-b", "1",
                "--max-length-factor", "1.5", "--type", "transformer", "--dim-vocabs", "200", "200", "--dim-emb", "16",
                "--enc-depth", "1", "--dec-depth", "1", "--transformer-heads", "2", "--transformer-dim-ffn", "24",
                "--mini-batch-words", "300", "--tied-embeddings-all", "--seed", "3", "--cpu-threads", "2", "--quiet", *more)

        # a run that is continued, and another
        train("first", 20)
        train("first", 40)
        train("second", 30, "--valid-samples", "2", "--learn-rate", "0.01")
        _, err = run("report", "first", "second", "-o", "pages/both.html")
        expect("pages/both.html: 2 runs" in err and "warning" not in err, f"the log tells what was made: {err}")
        page = Page(folder / "pages/both.html")
        expect(re.search(r"Training of first and second", page.text), "the title names the runs")
        expect([run["name"] for run in page.runs] == ["first", "second"], "both runs are in the data")
        expect(page.runs[0]["train"]["update"] == list(range(2, 41, 2)), f"records of {page.runs[0]['train']['update']}")
        expect(page.runs[0]["resumes"]["update"] == [20], f"resumes at {page.runs[0]['resumes']}")
        expect([v["metric"] for v in page.runs[0]["valid"]] == ["ce-mean-words", "bleu"], "both metrics")
        expect(page.runs[0]["valid"][0]["update"] == [10, 20, 30, 40], "four validations")
        samples = page.runs[0]["samples"]
        expect(len(samples) == 4 and len(page.runs[1]["samples"]) == 2, "as many samples as valid-samples says")
        sources = (folder / "data/valid.src").read_text().splitlines()
        references = (folder / "data/valid.trg").read_text().splitlines()
        for sample in samples:
            expect(sample["update"] == [10, 20, 30, 40] and len(sample["output"]) == 4, f"samples over time: {sample}")
            expect((sample["source"], sample["reference"]) == (sources[sample["line"] - 1], references[sample["line"] - 1]),
                   "samples are lines of the validation set")
        expect("at update 20, with a later end" in page.text, "the summary tells that the run was continued")
        expect("learn-rate" in page.text and "0.01" in page.text, "the settings in force")
        expect(not any({"src", "href"} & attributes.keys() for _, attributes in page.tags), "nothing from outside")

        # ways to say what is wanted
        out, _ = run("report", "first/metrics.jsonl", "--title", "A & <B>", "--names", "שלום", "-o", "-")
        expect("<title>A &amp; &lt;B&gt;</title>" in out and "שלום" in out, "title and names")
        out, _ = run("report", "--help")
        expect("dragoman report models/a models/b" in out, "help with an example")

        # damage
        lines = (folder / "second/metrics.jsonl").read_text().splitlines()
        (folder / "cut.jsonl").write_text("\n".join([*lines[:5], "{\"type\": NaN}", *lines[5:]])[:-30])
        _, err = run("report", "cut.jsonl", "-o", "cut.html")
        expect(f"cut.jsonl line 6: is no JSON" in err and f"cut.jsonl line {len(lines) + 1}: is cut off" in err,
               f"damaged lines are named: {err}")
        page = Page(folder / "cut.html")
        expect("cut.jsonl line 6" in page.text and page.runs[0]["train"]["update"][-1] == 30, "a page of what is whole")
        (folder / "empty.jsonl").write_text("")
        _, err = run("report", "empty.jsonl", "first", "-o", "empty.html")
        expect("empty.jsonl: nothing is recorded" in err, f"a run without records is told of: {err}")
        Page(folder / "empty.html")
        for args, code, message in [
            (["first", "none"], 1, "none"),
            (["data/valid.src"], 1, "valid.src line 1: expected a metrics file"),
            (["first/model.safetensors"], 1, "expected a metrics file"),
            (["data"], 1, "no metrics.jsonl"),
            ([], 2, "expected model directories"),
            (["first", "--names", "a,b"], 2, "names: expected as many as there are runs, 1, found 2"),
        ]:
            _, err = run("report", *args, "-o", "never.html", code=code)
            expect(message in err, f"report {args}: {err}")
        expect(not (folder / "never.html").exists(), "an error leaves no page")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
