#!/usr/bin/env python3
"""CTranslate2 translates with our exported models as we do, and we score with its models as it does.

    ctranslate2_test.py PROGRAM [MODEL SOURCE]

Small models of a made-up language are trained, exported, searched by both engines and imported again; with a model
directory and a text, those are used as well. Models of random numbers, written by CTranslate2's own Python classes in
each type of weights, are scored by both engines. Needs the Python packages ctranslate2 and sentencepiece, of this
Python or in a virtual environment made beside the program; exits with 77, which means that it skips, if neither can be
had.
"""

import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def restart_with_packages(program):
    """Runs this script again with a Python that has the packages."""
    folder = program.parent / "ctranslate2-venv"
    python = folder / "bin" / "python"
    if os.environ.get("DRAGOMAN_CTRANSLATE2_VENV"):
        skip(f"ctranslate2 was installed in {folder}, but cannot be imported")
    done = folder / "installed"
    if not done.exists():
        for command in ([sys.executable, "-m", "venv", str(folder)],
                        [str(python), "-m", "pip", "install", "--quiet", "ctranslate2>=4,<5", "sentencepiece"]):
            try:
                made = subprocess.run(command, capture_output=True, text=True)
            except OSError as error:
                skip(f"ctranslate2 is not installed, and {' '.join(command)} failed: {error}")
            if made.returncode != 0:
                skip(f"ctranslate2 is not installed, and {' '.join(command)} failed:\n{made.stdout}{made.stderr}")
        done.touch()
    os.environ["DRAGOMAN_CTRANSLATE2_VENV"] = str(folder)
    os.execv(python, [str(python), *sys.argv])


PROGRAM = pathlib.Path(sys.argv[1]).resolve()
try:
    import ctranslate2
    import numpy
    import sentencepiece
    from ctranslate2.specs import common_spec, transformer_spec
except ImportError:
    restart_with_packages(PROGRAM)

failures = []
LONGEST = 80  # tokens of a translation, for both engines


def expect(condition, message):
    if not condition:
        failures.append(message)
        print(f"FAILED: {message}")


def run(*arguments, text=None, status=0):
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], input=text, capture_output=True, encoding="utf-8")
    if done.returncode != status:
        print(done.stdout[-2000:] + done.stderr[-2000:])
        sys.exit(f"dragoman {' '.join(map(str, arguments))}: exit status {done.returncode}, not {status}")
    return done.stdout if status == 0 else done.stderr


def made_up_corpus(folder, lines):
    """Two languages that translate word by word, the second with its adjectives behind their nouns."""
    rng = random.Random(5)
    nouns = [("house", "Haus"), ("tree", "Baum"), ("dog", "Hund"), ("water", "Wasser"), ("street", "Straße")]
    adjectives = [("small", "klein"), ("green", "grün"), ("old", "alt"), ("quick", "schnell")]
    rest = [("the", "der"), ("walks", "läuft"), ("under", "unter"), ("sees", "sieht"), ("and", "und")]
    with open(folder / "train.src", "w", encoding="utf-8") as source, \
            open(folder / "train.trg", "w", encoding="utf-8") as target:
        for _ in range(lines):
            a, b = [], []
            for _ in range(rng.randint(1, 6)):
                noun, adjective, word = rng.choice(nouns), rng.choice(adjectives), rng.choice(rest)
                a += [word[0]] + ([adjective[0]] if rng.random() < 0.5 else []) + [noun[0]]
                b += [word[1], noun[1]] + ([adjective[1]] if len(a) > 1 and a[-2] == adjective[0] else [])
            print(*a, file=source)
            print(*b, file=target)


def train(folder, name, *options):
    model = folder / name
    run("train", "-m", model, "-t", folder / "train.src", folder / "train.trg", "--dim-emb", 32, "--enc-depth", 2,
        "--dec-depth", 2, "--transformer-heads", 4, "--transformer-dim-ffn", 64, "--learn-rate", 0.003, "--lr-warmup",
        50, "--mini-batch", 64, "--after-batches", 150, "--seed", 1, "--cpu-threads", 1, "--quiet", *options)
    return model


def best_of_list(output):
    """Text and score of the first hypothesis of each sentence of an n-best list."""
    best = {}
    for line in output.splitlines():
        number, text, _, score = line.split(" ||| ")
        best.setdefault(int(number), (text, float(score)))
    return [best[i] for i in range(len(best))]


def search_ours(model, text, *options):
    return best_of_list(run("translate", "-m", model, "-b", 4, "-n", 1, "--patience", 1, "--max-length-factor", 100,
                            "--max-decoding-length", LONGEST, "--allow-unk", "--n-best", "--quiet", *options, text=text))


def search_theirs(directory, lines, source, target, compute_type="float32"):
    """With options that make their search ours: no shortest length, the same end, and the unknown token is allowed, since
    without it they normalise what is left."""
    translator = ctranslate2.Translator(str(directory), device="cpu", compute_type=compute_type, intra_threads=2)
    results = translator.translate_batch(
        [source.encode(line, out_type=str) for line in lines], beam_size=4, length_penalty=1, patience=1,
        max_decoding_length=LONGEST, min_decoding_length=0, disable_unk=False, return_scores=True, max_batch_size=32)
    return [(target.decode(result.hypotheses[0]), result.scores[0]) for result in results]


def compare(what, ours, theirs, least=0.995, tolerance=1e-3):
    expect(len(ours) == len(theirs), f"{what}: {len(ours)} lines, theirs {len(theirs)}")
    same = [i for i in range(len(ours)) if ours[i][0] == theirs[i][0]]
    largest = max((abs(ours[i][1] - theirs[i][1]) for i in same), default=math.inf)
    print(f"{what}: {len(same)} of {len(ours)} lines are the same, their scores differ by at most {largest:.2g}")
    expect(len(same) >= least * len(ours), f"{what}: only {len(same)} of {len(ours)} lines are the same")
    expect(largest <= tolerance, f"{what}: scores differ by {largest}")


def segmenters(directory):
    load = lambda name: sentencepiece.SentencePieceProcessor(model_file=str(directory / name))
    if (directory / "vocabulary.spm").exists():
        return load("vocabulary.spm"), load("vocabulary.spm")
    return load("source.spm"), load("target.spm")


def export_and_import(folder, model, lines):
    text = "".join(line + "\n" for line in lines)
    theirs = folder / f"{model.name}.ct2"
    run("convert", "-m", model, "--to", "ctranslate2", "-o", theirs, "--quiet")
    source, target = segmenters(theirs)
    ours = search_ours(model, text)
    compare(f"{model.name} in CTranslate2", ours, search_theirs(theirs, lines, source, target))
    expect(search_ours(theirs, text) == ours, f"{model.name}: its CTranslate2 directory translates differently")
    again = folder / f"{model.name}.again"
    run("convert", "-m", theirs, "--to", "safetensors", "-o", again, "--quiet")
    expect(search_ours(again, text) == ours, f"{model.name}: the model that is imported again translates differently")
    # rounded weights: each engine has its own products of integers, but with floats both have the same model
    for kind in ("int8", "int16", "float16", "bfloat16"):
        rounded = folder / f"{model.name}.{kind}"
        run("convert", "-m", model, "--to", "ctranslate2", "--quantize", kind, "-o", rounded, "--quiet")
        compare(f"{model.name} as {kind}", search_ours(rounded, text, "--gemm-precision", "float32"),
                search_theirs(rounded, lines, source, target))
    compare(f"{model.name} with products in int8", search_ours(folder / f"{model.name}.int8", text),
            search_theirs(folder / f"{model.name}.int8", lines, source, target, "int8"), least=0.9, tolerance=0.1)


def random_spec(seed, tokens, pre_norm, activation, positions, tied, embedding_norm=False, scale=True):
    """A Transformer of random numbers as CTranslate2's converters make them."""
    rng = numpy.random.default_rng(seed)
    width, inner, heads = 16, 24, 2
    draw = lambda *shape: (rng.standard_normal(shape) * 0.3).astype(numpy.float32)
    spec = transformer_spec.TransformerSpec.from_config((2, 3), heads, pre_norm=pre_norm, activation=activation,
                                                       layernorm_embedding=embedding_norm)

    def linear(s, rows, columns):
        s.weight, s.bias = draw(rows, columns), draw(rows)

    def norm(s):
        s.gamma, s.beta = 1 + draw(width), draw(width)

    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = scale
        if positions is not None:
            side.position_encodings.encodings = positions
        if hasattr(side, "layer_norm"):
            norm(side.layer_norm)
        if embedding_norm:
            norm(side.layernorm_embedding)
        for layer in side.layer:
            linear(layer.self_attention.linear[0], 3 * width, width)
            linear(layer.self_attention.linear[1], width, width)
            norm(layer.self_attention.layer_norm)
            if hasattr(layer, "attention"):
                linear(layer.attention.linear[0], width, width)
                linear(layer.attention.linear[1], 2 * width, width)
                linear(layer.attention.linear[2], width, width)
                norm(layer.attention.layer_norm)
            linear(layer.ffn.linear_0, inner, width)
            linear(layer.ffn.linear_1, width, inner)
            norm(layer.ffn.layer_norm)
    spec.encoder.embeddings[0].weight = draw(len(tokens), width)
    spec.decoder.embeddings.weight = spec.encoder.embeddings[0].weight if tied else draw(len(tokens), width)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight if tied else draw(len(tokens), width)
    spec.decoder.projection.bias = draw(len(tokens))
    return spec


def score_theirs(directory, pairs):
    translator = ctranslate2.Translator(str(directory), device="cpu", compute_type="float32")
    results = translator.score_batch([p[0] for p in pairs], [p[1] for p in pairs])
    return [sum(result.log_probs) for result in results]


def score_random_models(folder):
    """What CTranslate2 itself has written; its tokens are words, as there is no SentencePiece model."""
    tokens = ["<blank>", "<s>", "</s>", "<unk>", '"', "ü"] + [f"w{i}" for i in range(30)]
    rng = random.Random(3)
    pairs = [tuple([rng.choice(tokens[4:]) for _ in range(rng.randint(1, 9))] for _ in range(2)) for _ in range(20)]
    for side in (0, 1):
        with open(folder / f"words.{side}", "w", encoding="utf-8") as file:
            file.writelines(" ".join(pair[side]) + "\n" for pair in pairs)
    learned = numpy.random.default_rng(1).standard_normal((50, 16)).astype(numpy.float32)
    kinds = list(common_spec.Activation)
    variants = [dict(pre_norm=bool(i % 2), activation=kinds[i], positions=learned if i in (2, 3) else None,
                     tied=i % 3 == 0, embedding_norm=i == 4, scale=i != 5) for i in range(len(kinds))]
    for i, variant in enumerate(variants):  # without bfloat16, for which CTranslate2 needs PyTorch
        for kind in (None, "int8", "int16", "float16") if i in (0, 3) else (None,):
            spec = random_spec(i, tokens, **variant)
            spec.register_source_vocabulary(list(tokens))
            spec.register_target_vocabulary(list(tokens) if i != 1 else list(reversed(tokens)))
            spec.config.add_source_eos = i % 2 == 0
            spec.config.add_source_bos = i % 3 == 0
            spec.config.decoder_start_token = ["<s>", "</s>"][i % 2]
            if i == 2:
                spec.decoder.start_from_zero_embedding = True
            spec.config.layer_norm_epsilon = [None, 1e-6, 1e-3][i % 3]
            spec.validate()
            spec.optimize(quantization=kind)
            directory = folder / f"random{i}.{kind}"
            directory.mkdir()
            spec.save(str(directory))
            theirs = score_theirs(directory, pairs)
            found = run("score", "-m", directory, "-t", folder / "words.0", folder / "words.1", "--gemm-precision",
                        "float32", "--quiet")
            ours = [float(line) for line in found.split()]
            largest = max(abs(a - b) / max(1, abs(b)) for a, b in zip(ours, theirs))
            print(f"random model {i} ({kind}): scores of {len(ours)} pairs differ by at most {largest:.2g}")
            expect(len(ours) == len(theirs) and largest < 2e-5, f"random model {i} ({kind}): {ours}, theirs {theirs}")
    source, target = folder / "words.0", folder / "words.1"
    run("convert", "-m", folder / "random0.None", "--to", "safetensors", "-o", folder / "listed")
    ours, theirs = [run("score", "-m", folder / name, "-t", source, target, "--gemm-precision", "float32", "--quiet")
                    for name in ("listed", "random0.None")]
    expect(ours == theirs, f"a directory of ours with a list of tokens: {ours}, theirs {theirs}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made_up_corpus(folder, 3000)
        lines = open(folder / "train.src", encoding="utf-8").read().splitlines()[:1000]
        joint = folder / "joint" / "vocabulary.spm"
        export_and_import(folder, train(folder, "joint", "--dim-vocabs", 70, 70, "--vocabs", joint, joint,
                                        "--tied-embeddings-all"), lines)
        apart = folder / "apart"
        export_and_import(folder, train(folder, "apart", "--dim-vocabs", 40, 42, "--vocabs", apart / "source.spm",
                                        apart / "target.spm", "--transformer-preprocess", "n",
                                        "--transformer-postprocess", "da", "--transformer-postprocess-top", "n",
                                        "--transformer-norm-keys", "--transformer-train-position-embeddings",
                                        "--max-length", 100, "--transformer-ffn-activation", "gelu"), lines)
        if len(sys.argv) > 3:
            given = [line.rstrip("\n") for line in open(sys.argv[3], encoding="utf-8")][:1000]
            export_and_import(folder, pathlib.Path(sys.argv[2]).resolve(), given)
        score_random_models(folder)
    if failures:
        sys.exit(1)
    print("all as expected")


main()
