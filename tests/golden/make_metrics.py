#!/usr/bin/env python3
"""Writes metrics.json, the scores that sacreBLEU gives to lines chosen to be difficult, and what numpy draws.

Run it with sacrebleu 2.x and numpy installed:  make_metrics.py > metrics.json
tests/text/{bleu,chrf,ter,bootstrap}_test.cc hold our metrics to this file.
"""

import itertools
import json
import random

import numpy
import sacrebleu
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest, _bootstrap_resample, estimate_ci

# Hypothesis, reference, another reference.
LINES = [
    ("The cat sat on the mat.", "The cat is sitting on the mat.", "A cat sat on the mat."),
    ("The cat sat on the mat.", "The cat sat on the mat.", "There is a cat on the mat."),
    ("It costs 1,234.56 euros, i.e. 3-4 % more.", "It costs 1,234.56 euros, that is 3 - 4% more.", "1.234,56 euros"),
    ("Das hat größere Ähnlichkeit mit Übermut, heißt es.", "Das ist dem Übermut ähnlich, heißt es.", "GRÖSSERE ÄHNLICHKEIT"),
    ("STRASSE UND ΟΔΟΣ, İSTANBUL", "Straße und οδός, istanbul", "straße und ΟΔΟΣ. Σ"),
    ("我今天去北京大学，明天去ABC公司。", "今天我去了北京大学,明天去abc公司。", "今天，我去北京。"),
    ("日本語のテキストです。カタカナ、ひらがな。", "これは日本語の文章です。カタカナとひらがな。", "日本語"),
    ("", "An empty translation.", "Nothing."),
    ("An empty reference.", "", "An empty reference."),
    ("", "", ""),
    ("Short", "Short", "short"),
    ("Two words", "two Words", "Two, words"),
    ("a b c", "a b c", "c b a"),
    ("👍🏽 Great job 👩‍👩‍👧‍👦!! 🎉", "👍 Great job, 👩‍👩‍👧‍👦! 🎉🎉", "Great job"),
    ("He said &quot;no&quot; &amp; left &lt;b&gt;now&lt;/b&gt;.", 'He said "no" & left <b>now</b>.', "&amp;lt; is &lt;"),
    ("Trailing spaces here   ", "Trailing spaces  here", "  leading spaces here"),
    ("state-of-the-art 24-hour-clock 3-year-old", "state of the art 24 hour clock 3-year-old", "24-hour"),
    ("Wait... what?! (Really?) [Yes]; {no} ~ok~", "Wait ... What? (really) [yes]; no - ok", "Wait…what‽"),
    ("„Gänsefüßchen“ und »Spitzen« – auch ‚einfache‘", '"Gänsefüßchen" und "Spitzen" - auch \'einfache\'', "„Gänsefüßchen”"),
    ("no\u00a0break\u2009thin\u3000wide\u0085next\u2028line", "no break thin wide next line", "no break"),
    ("x² + y² = z² ± 5 €, £3, ½, Ⅷ, ٣٫٥", "x2 + y2 = z2 +/- 5€, £ 3, 1/2, VIII, 3.5", "x² = 5 €"),
    ("The dog's bone isn't John's.", "The dog 's bone is not Johns'.", "The dogs' bone"),
    (".,.,.,", ".,3.,ñ.,3", "... ,,, ..."),
    ("e\u0301cole et école", "école et e\u0301cole", "ecole"),
    ("in the evening John met Mary at the big old house", "John met Mary at the big old house in the evening",
     "at the house in the evening John met Mary"),
    ("d e f a b c j k l g h i", "a b c d e f g h i j k l", "l k j i h g f e d c b a"),
    ("the the the the the the the", "the cat is on the mat", "there is a cat on the mat"),
    ("Ein sehr langer Satz, der viel mehr Wörter hat als seine Übersetzung, weil er sich wiederholt und wiederholt und wiederholt.",
     "Ein langer Satz.", "Ein sehr langer Satz, der sich wiederholt."),
    ("Kurz.", "Die Übersetzung dagegen ist sehr viel länger, als die Vorlage es erwarten ließ.", "Kurz und gut."),
    ("नमस्ते दुनिया। आप कैसे हैं?", "नमस्कार दुनिया। आप कैसे हैं?", "नमस्ते"),
    ("مرحبا بالعالم، كيف حالك؟", "مرحبا يا عالم، كيف الحال؟", "مرحبا"),
    ("http://example.org/a_b?c=d&e=f user@example.org", "http://example.org/a_b?c=d & e=f user@example.com", "a_b"),
    ("<skipped>left <unk> right</s>", "left <unk> right", "<skipped>"),
    ("全角ＡＢＣ（括弧）！？、。・「」", "全角ABC(括弧)!?,. 「」", "全角"),
]


def edit_lines():
    """Texts of few words, noisily reordered: they try the limits of TER's search for shifts."""
    draw = random.Random(20060808)
    pairs = [("a", " ".join("abcdefgh"[i % 8] for i in range(120)))]  # more than 50 words for one
    pairs.append((" ".join("abcdefgh"[i * 3 % 8] for i in range(130)), "a b"))
    pairs.append((" ".join(draw.choice("ab") for _ in range(70)), " ".join(draw.choice("ab") for _ in range(66))))
    for length in [3, 5, 8, 12, 20, 30, 30, 40, 60, 60, 90]:
        reference = [draw.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(length)]
        hypothesis = list(reference)
        for _ in range(1 + length // 6):
            begin, end = draw.randrange(length), draw.randrange(1, 13)
            moved = hypothesis[begin : begin + end]
            del hypothesis[begin : begin + end]
            place = draw.randrange(len(hypothesis) + 1)
            hypothesis[place:place] = moved if draw.random() < 0.8 else moved[::-1] + ["zz"]
        pairs.append((" ".join(hypothesis), " ".join(reference)))
    return pairs


def score(metric, hypotheses, references):
    result = metric.corpus_score(hypotheses, references)
    signature = metric.get_signature().format().rsplit("|version:", 1)[0]
    if isinstance(metric, BLEU):
        metric.effective_order = True
    sentences = [metric.sentence_score(h, [r[i] for r in references]).score for i, h in enumerate(hypotheses)]
    return {
        "name": result.name,
        "score": result.score,
        "details": result._verbose,
        "signature": signature,
        "sentences": [round(s, 9) for s in sentences],
    }


def main():
    hypotheses = [line[0] for line in LINES]
    references = [[line[1] for line in LINES], [line[2] for line in LINES]]
    settings = [("bleu", BLEU, {"tokenize": t, "lowercase": l})
                for t, l in itertools.product(["13a", "none", "intl", "char", "zh"], [False, True])]
    settings += [("bleu", BLEU, {"smooth_method": method}) for method in ["floor", "add-k", "none"]]
    settings += [("bleu", BLEU, {"smooth_method": "floor", "smooth_value": 0.01}),
                 ("bleu", BLEU, {"smooth_method": "add-k", "smooth_value": 0.5})]
    for words in [0, 1, 2]:
        settings += [("chrf", CHRF, {"word_order": words, **more})
                     for more in [{}, {"lowercase": True}, {"whitespace": True}, {"eps_smoothing": True}]]
    settings.append(("chrf", CHRF, {"char_order": 4, "beta": 3}))
    switches = ["case_sensitive", "normalized", "no_punct", "asian_support"]
    settings += [("ter", TER, {s: True for s, on in zip(switches, values) if on})
                 for values in itertools.product([False, True], repeat=4)]
    cases = [{"metric": name, "options": options, "references": n,
              **score(metric(**options), hypotheses, references[:n])}
             for name, metric, options in settings for n in [1, 2]]

    shifts = edit_lines()
    shift_scores = [TER().sentence_score(h, [r]).num_edits for h, r in shifts]

    samples = 200
    second = [r if i % 4 == 0 else h for i, (h, r) in enumerate(zip(hypotheses, references[1]))]
    metrics = {"bleu": BLEU(references=references[:1]), "chrf": CHRF(references=references[:1]),
               "ter": TER(references=references[:1])}
    intervals = {}
    for name, metric in metrics.items():
        _, resampled = _bootstrap_resample(metric._extract_corpus_statistics(hypotheses, None), metric, samples)
        mean, half_width = estimate_ci(numpy.array([float(s.score) for s in resampled]))
        intervals[name] = {"mean": float(mean), "half_width": float(half_width)}
    _, paired = PairedTest([("first", hypotheses), ("second", second)], metrics, None, "bs", samples)()
    for name, key in [("bleu", "BLEU"), ("chrf", "chrF2"), ("ter", "TER")]:
        intervals[name]["p_value"] = float(paired[key][1].p_value)

    generator = numpy.random.default_rng(12345)
    draws = [int(x) for n in [1, 2, 7, 1000, 3000000000] for x in generator.integers(n, size=9)]
    json.dump({"sacrebleu": sacrebleu.__version__, "hypotheses": hypotheses, "references": references, "cases": cases,
               "shifts": [{"hypothesis": h, "reference": r, "edits": e} for (h, r), e in zip(shifts, shift_scores)],
               "bootstrap": {"samples": samples, "second": second, "metrics": intervals}, "draws": draws},
              fp := open(1, "w", encoding="utf-8", closefd=False), ensure_ascii=False, indent=None,
              separators=(",", ":"))
    fp.write("\n")


if __name__ == "__main__":
    main()
