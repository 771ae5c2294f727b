#!/usr/bin/env python3
"""Alignments and pictures of attention of small models: whole, equal to each other, and with their error paths.

Usage: attention_test.py PROGRAM
"""

import html.parser
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from losses_test import Test


class Panels(html.parser.HTMLParser):
    """The data of each panel, and whether all elements are closed in order."""

    VOID = {"meta", "rect"}

    def __init__(self):
        super().__init__()
        self.panels, self.open, self.is_balanced = [], [], True

    def handle_starttag(self, tag, attrs):
        if tag == "figure":
            self.panels.append({name[5:]: value for name, value in attrs if name.startswith("data-")})
        if tag not in self.VOID or tag == "rect":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        self.is_balanced &= bool(self.open) and self.open.pop() == tag


class AttentionTest(Test):
    def lines(self, *args, stdin):
        return self.run(*args, stdin=stdin)[0].splitlines()

    def check_alignments(self, model):
        source, target = ((self.folder / f"data/test.{side}").read_bytes() for side in ("src", "trg"))
        for style in ("soft", "hard", "0.3"):
            found = self.lines("translate", "-m", model, "--quiet", "--alignment", style, stdin=source)
            self.expect(len(found) == source.count(b"\n"), f"{model} {style}: a line for each line")
            self.expect(all(" ||| " in line for line in found), f"{model} {style}: each line has an alignment")
        soft = self.lines("score", "-m", model, "-t", "data/test.src", "data/test.trg", "--quiet", "--alignment", "soft", stdin=b"")
        self.expect(len(soft) == target.count(b"\n"), f"{model}: a score for each pair")
        self.rows = [[[float(x) for x in group.split(",")] for group in line.split(" ||| ")[-1].split()] for line in soft]
        self.expect(all(abs(sum(row) - 1) < 1e-3 for rows in self.rows for row in rows), f"{model}: rows sum to one")

    def check_pictures(self, model, kinds, heads):
        pairs = [line.split("\t") for line in self.pairs()]
        self.run("attention", "-m", model, "-i", "pairs.tsv", "-o", "page.html", "--quiet")
        page = Panels()
        page.feed((self.folder / "page.html").read_text())
        self.expect(page.is_balanced, f"{model}: the page's elements are closed")
        self.expect({panel["kind"] for panel in page.panels} == kinds, f"{model}: kinds of the page")
        last = max(int(panel["layer"]) for panel in page.panels if panel["kind"] == "cross")
        means = [json.loads(panel["weights"]) for panel in page.panels
                 if panel["kind"] == "cross" and int(panel["layer"]) == last and panel["head"] == "0"]
        self.expect(len(means) == len(pairs), f"{model}: a mean for each pair")
        for rows, mean in zip(self.rows, means):
            flat = [x for row in rows for x in row]
            self.expect(len(flat) == len(mean) and all(abs(a - b) < 1e-3 for a, b in zip(flat, mean)),
                        f"{model}: the page shows what score prints")
        self.expect(len({panel["head"] for panel in page.panels}) == heads + (heads > 1), f"{model}: heads of the page")
        self.run("attention", "-m", model, "-i", "pairs.tsv", "--layer", "all", "--head", "all", "-o", "all.svg", "--quiet")
        ElementTree.parse(self.folder / "all.svg")
        self.run("attention", "-m", model, "--source", "a <b> & \"c\"", "-o", "one.svg", "--quiet")
        cells = [e for e in ElementTree.parse(self.folder / "one.svg").iter() if e.get("class") == "cell"]
        self.expect(len(cells) > 0, f"{model}: a picture of a sentence that is translated first")

    def pairs(self):
        both = [(self.folder / f"data/test.{side}").read_text().splitlines() for side in ("src", "trg")]
        lines = ["\t".join(pair) for pair in zip(*both)]
        (self.folder / "pairs.tsv").write_text("".join(line + "\n" for line in lines))
        return lines

    def check_errors(self):
        for more, texts in ((["--layer", "9"], ["layer", "from 1 to 2", "9"]), (["--head", "x"], ["head", "from 1 to 2", "x"]),
                            (["--kind", "inner"], ["kind", "inner"]), (["--target", "a", "--input", "pairs.tsv"], ["--source"])):
            _, err = self.run("attention", "-m", "transformer", "--source", "a b", "-o", "wrong.svg", *more,
                              code=2 if more[0] in ("--kind", "--target") else 1)
            self.expect(all(text in err for text in texts), f"{more}: expected {texts} in {err[-300:]}")
        (self.folder / "blank.txt").write_text("a\n\n")
        _, err = self.run("attention", "-m", "transformer", "-i", "blank.txt", "-o", "wrong.svg", code=1)
        self.expect("blank.txt line 2" in err, f"a blank line is named: {err[-300:]}")
        _, err = self.run("attention", "-m", "recurrent", "--source", "a", "--kind", "decoder", "-o", "wrong.svg", code=1)
        self.expect("decoder" in err, f"a kind that the model has not is named: {err[-300:]}")
        self.expect(not (self.folder / "wrong.svg").exists(), "nothing is written after an error")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = AttentionTest(Path(sys.argv[1]).resolve(), folder)
        test.check_beginning()
        test.train("transformer")
        test.train("recurrent", "--type", "s2s", "--dim-rnn", "24", "--dec-depth", "1", "--learn-rate", "0.01")
        test.train("ssru", "--transformer-decoder-autoreg", "rnn", "--dec-cell", "ssru")
        for model, kinds, heads in (("transformer", {"cross", "encoder", "decoder"}, 2), ("recurrent", {"cross"}, 1),
                                    ("ssru", {"cross", "encoder"}, 2)):
            test.check_alignments(model)
            test.check_pictures(model, kinds, heads)
        test.check_errors()
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
