#!/usr/bin/env python3
"""Holds `dragoman evaluate` to sacreBLEU: scores, intervals, p-values and signatures.

Needs sacrebleu 2.x, of this Python or in a virtual environment made beside the program; exits with 77, which means
that it skips, if neither can be had. Compares on the committed lines of tests/golden/metrics.json and, where it
exists, on a real test set with a real system's translations.
"""

import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
REAL = SOURCE.parent / "shared" / "data" / "flores"


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def restart_with_sacrebleu(program):
    """Runs this script again with a Python that has sacrebleu."""
    folder = program.parent / "sacrebleu-venv"
    python = folder / "bin" / "python"
    if os.environ.get("DRAGOMAN_SACREBLEU_VENV"):
        skip(f"sacrebleu was installed in {folder}, but cannot be imported")
    done = folder / "installed"
    if not done.exists():
        for command in ([sys.executable, "-m", "venv", str(folder)],
                        [str(python), "-m", "pip", "install", "--quiet", "sacrebleu>=2.3,<3"]):
            try:
                made = subprocess.run(command, capture_output=True, text=True, timeout=300)
            except (OSError, subprocess.TimeoutExpired) as error:
                skip(f"sacrebleu is not installed, and {' '.join(command)} failed: {error}")
            if made.returncode != 0:
                skip(f"sacrebleu is not installed, and {' '.join(command)} failed:\n{made.stdout}{made.stderr}")
        done.touch()
    os.environ["DRAGOMAN_SACREBLEU_VENV"] = str(folder)
    os.execv(python, [str(python), *sys.argv])


PROGRAM = pathlib.Path(sys.argv[1]).resolve()
try:
    from sacrebleu.metrics import BLEU, CHRF, TER
    from sacrebleu.significance import PairedTest
except ImportError:
    restart_with_sacrebleu(PROGRAM)

failures = []
checks = 0


def expect(condition, message):
    global checks
    checks += 1
    if not condition:
        failures.append(message)
        print(f"FAILED: {message}")


def near(found, expected, tolerance, message):
    expect(abs(found - expected) <= tolerance, f"{message}: {found}, sacreBLEU gives {expected}")


def run(*arguments, text=None, status=0):
    done = subprocess.run([str(PROGRAM), "evaluate", *map(str, arguments)], input=text, capture_output=True,
                          encoding="utf-8")
    expect(done.returncode == status,
           f"evaluate {' '.join(map(str, arguments))}: exit status {done.returncode}, not {status}: {done.stderr}")
    return done.stdout if status == 0 else done.stderr


def read(path):
    return [line.rstrip() for line in open(path, encoding="utf-8", newline="\n")]


def without_version(signature):
    return signature.rsplit("|version:", 1)[0]


METRICS = {"bleu": BLEU, "chrf": CHRF, "chrf++": lambda **options: CHRF(word_order=2, **options), "ter": TER}


def compare(hypotheses, references, confidence=None):
    """All four metrics, with one reference and with all, and by sentence."""
    lines = read(hypotheses)
    for count in sorted({1, len(references)}):
        streams = [read(path) for path in references[:count]]
        options = ["--references", *references[:count], "--json", "--width", "8"]
        bootstrap = ["--confidence", confidence] if confidence else []
        found = json.loads(run("--metrics", "bleu", "chrf", "chrf++", "ter", *bootstrap, hypotheses, *options))
        expect(len(found) == 4, f"{len(found)} scores")
        for ours, metric in zip(found, METRICS.values()):
            judge = metric()
            theirs = judge.corpus_score(lines, streams, n_bootstrap=confidence or 1)
            what = f"{hypotheses}, {count} references: {theirs.name}"
            expect(ours["name"] == theirs.name, f"{what} is called {ours['name']}")
            near(ours["score"], theirs.score, 1e-6, what)
            expect(ours.get("verbose_score", "") == theirs._verbose, f"{what}: {ours.get('verbose_score')}")
            signature = without_version(str(judge.get_signature()))
            expect(without_version(ours["signature"]) == signature, f"{what}: {ours['signature']}, not {signature}")
            expect("|version:dragoman-" in ours["signature"], f"{what}: whose version? {ours['signature']}")
            if confidence:  # sacreBLEU computes samples in 32-bit floats
                near(ours["confidence_mean"], float(theirs._mean), 1e-3, f"{what}, mean")
                near(ours["confidence_var"], float(theirs._ci), 1e-3, f"{what}, interval")

        sentences = [json.loads(line) for line in
                     run(hypotheses, *options, "--sentence-level", "-m", *METRICS).splitlines()]
        expect(len(sentences) == len(lines), f"{len(sentences)} sentence scores of {len(lines)} lines")
        for metric in METRICS.values():
            judge = metric()
            judge.effective_order = True
            for i, (ours, line) in enumerate(zip(sentences, lines)):
                theirs = judge.sentence_score(line, [stream[i] for stream in streams])
                near(ours[theirs.name], theirs.score, 1e-6, f"{hypotheses} line {i + 1}: {theirs.name}")


def compare_options(hypotheses, reference):
    lines, streams = read(hypotheses), [read(reference)]
    for metric, options, judge in [
        ("bleu", ["--tokenize", "intl"], BLEU(tokenize="intl")),
        ("bleu", ["--tokenize", "char", "--lowercase"], BLEU(tokenize="char", lowercase=True)),
        ("bleu", ["--tokenize", "zh"], BLEU(tokenize="zh")),
        ("bleu", ["--tokenize", "none", "-s", "floor"], BLEU(tokenize="none", smooth_method="floor")),
        ("bleu", ["-s", "add-k", "--smooth-value", "0.5"], BLEU(smooth_method="add-k", smooth_value=0.5)),
        ("bleu", ["--effective-order", "-s", "none"], BLEU(effective_order=True, smooth_method="none")),
        ("chrf", ["--lowercase", "--chrf-whitespace"], CHRF(lowercase=True, whitespace=True)),
        ("chrf", ["--chrf-eps-smoothing", "--chrf-beta", "1"], CHRF(eps_smoothing=True, beta=1)),
        ("chrf", ["--chrf-char-order", "4", "--chrf-word-order", "1"], CHRF(char_order=4, word_order=1)),
        ("ter", ["--ter-case-sensitive", "--ter-no-punct"], TER(case_sensitive=True, no_punct=True)),
        ("ter", ["--ter-normalized", "--ter-asian-support"], TER(normalized=True, asian_support=True)),
    ]:
        theirs = judge.corpus_score(lines, streams)
        ours = json.loads(run(hypotheses, "-r", reference, "-m", metric, *options, "--json", "-w", "8"))
        near(ours["score"], theirs.score, 1e-6, f"{metric} {' '.join(options)}")
        expect(without_version(ours["signature"]) == without_version(str(judge.get_signature())),
               f"{metric} {' '.join(options)}: {ours['signature']}")


def compare_pair(first, second, reference, samples):
    found = json.loads(run(first, "--paired", second, "-r", reference, "-m", "bleu", "chrf", "ter", "--confidence",
                           samples, "--json", "-w", "8"))
    judges = {"BLEU": BLEU(), "chrF2": CHRF(), "TER": TER()}
    signatures, theirs = PairedTest([("Baseline", read(first)), ("Other", read(second))], judges, [read(reference)],
                                    "bs", samples)()
    for name in judges:
        for system, result in zip(found, theirs[name]):
            near(system[name]["score"], result.score, 1e-6, f"paired {name}")
            near(system[name]["mean"], float(result.mean), 1e-3, f"paired {name}, mean")
            near(system[name]["ci"], float(result.ci), 1e-3, f"paired {name}, interval")
        near(found[1][name]["p_value"], float(theirs[name][1].p_value), 2 / samples, f"paired {name}, p")
        signature = without_version(str(signatures[name]))
        expect(without_version(found[1][name]["signature"]) == signature, f"paired {name}: {found[1][name]}")


def check_command_line(folder, hypotheses, reference):
    lines = read(hypotheses)
    bleu = f"{BLEU().corpus_score(lines, [read(reference)]).score:.2f}\n"
    text = "".join(line + "\r\n" for line in lines)
    expect(run("-r", reference, "-m", "bleu", "-b", text=text) == bleu, "score of standard input")
    expect(run("-", "-r", reference, "-m", "BLEU", "--quiet", text=text) == bleu, "score of -, quiet")
    packed = folder / "reference.gz"
    packed.write_bytes(gzip.compress(pathlib.Path(reference).read_bytes()))
    expect(run(hypotheses, "-r", packed, "-m", "bleu", "-b") == bleu, "score with a compressed reference")
    line = run(hypotheses, "-r", reference, "-m", "bleu")
    expect(line.startswith("BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:dragoman-") and " (BP = " in line,
           f"readable line: {line}")
    expect([part.split("|")[0].strip() for part in run(hypotheses, "-r", reference).splitlines()] == ["BLEU", "chrF2"],
           "metrics by default")
    usage = run("--help")
    expect("--tokenize" in usage and "13a" in usage and "dragoman evaluate" in usage, "help")

    short = folder / "short.txt"
    short.write_text("one\ntwo\n", encoding="utf-8")
    (folder / "empty.txt").touch()
    for status, arguments, parts in [
        (1, [hypotheses, "-r", short], [str(hypotheses), f"{len(lines)} lines", str(short), "2"]),
        (1, [folder / "empty.txt", "-r", folder / "empty.txt"], ["empty.txt", "no lines"]),
        (2, [hypotheses, "-r", reference, "--metrics", "blue"], ["blue", "did you mean", "bleu"]),
        (2, [hypotheses, "-r", reference, "--metrics"], ["--metrics"]),
        (2, [hypotheses, "-r", reference, "--tokenise", "13a"], ["--tokenise", "tokenize"]),
        (2, [hypotheses, "-r", reference, "--tokenize", "14a"], ["14a", "13a, none, intl, char or zh"]),
        (2, [hypotheses, "-r", reference, "--confidence", "1"], ["--confidence", "at least 2"]),
        (2, [hypotheses, "-r", reference, "--sentence-level", "--confidence"], ["--sentence-level"]),
        (2, [hypotheses, "-r", reference, "--width", "many"], ["width", "many"]),
        (2, [hypotheses, "-r", reference, "--seed", "-3"], ["--seed", "-3"]),
        (2, [hypotheses, hypotheses, "-r", reference], ["--paired"]),
        (2, [hypotheses], ["no references"]),
        (1, [hypotheses, "-r", folder / "absent.txt"], ["absent.txt"]),
    ]:
        message = run(*arguments, status=status)
        for part in parts:
            expect(part in message, f"evaluate {' '.join(map(str, arguments))}: no '{part}' in: {message}")


def main():
    golden = json.loads((SOURCE / "tests" / "golden" / "metrics.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = {"hypotheses.txt": golden["hypotheses"], "second.txt": golden["bootstrap"]["second"],
                 "reference1.txt": golden["references"][0], "reference2.txt": golden["references"][1]}
        for file, lines in files.items():
            (folder / file).write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
        hypotheses, reference = folder / "hypotheses.txt", folder / "reference1.txt"
        compare(hypotheses, [reference, folder / "reference2.txt"], confidence=300)
        compare_options(hypotheses, reference)
        compare_pair(hypotheses, folder / "second.txt", reference, 300)
        check_command_line(folder, hypotheses, reference)
    translations, reference = REAL / "dev.translateLocally.pt", REAL / "dev.pt"
    if translations.exists() and reference.exists():
        compare(translations, [reference], confidence=1000)
        compare_options(translations, reference)
        compare_pair(translations, REAL / "dev.en", reference, 300)
    else:
        print(f"note: {REAL} is absent, so only the committed lines were compared")
    print(f"{checks} checks, {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
