#!/usr/bin/env python3
"""Makes training_curve.safetensors: the losses of 200 updates of a small Transformer, trained by plain operations.

The model of make_transformer.py, in PyTorch and double precision, without dropout, learns to write a sentence's tokens
in reverse; every update is Adam's, with the gradient's norm clipped. What the engine does at once, in blocks, in
micro-batches, in several threads and in single precision must follow this curve. Run it with a Python that has torch,
numpy and safetensors; it writes beside itself.

The file holds the initial parameters ("value.<name>"), all tokens ("source.ids", "target.ids"), where sentences begin
("source.offsets", "target.offsets"), and each update's smoothed cross-entropy per target token ("losses"). Settings are
metadata."""
import math
import pathlib

import numpy
import torch
from make_transformer import DEFAULTS, PRE_NORM, Model
from safetensors.numpy import save_file

SETTINGS = {**DEFAULTS, **PRE_NORM, "transformer-norm-keys": True, "transformer-ffn-activation": "relu",
            "tied-embeddings-all": True, "source-vocabulary": 23, "target-vocabulary": 23, "dim-emb": 32,
            "transformer-heads": 2, "transformer-dim-ffn": 48, "enc-depth": 2, "dec-depth": 2}
UPDATES, SENTENCES, RATE, CLIP = 200, 8, 0.003, 1.0


def loss_of(model, pairs):
    total, tokens = 0, 0
    spread = SETTINGS["label-smoothing"]
    for source, target in pairs:
        logs = torch.log_softmax(model.forward(source, target)[1], -1)
        picked = logs[torch.arange(len(target)), target]
        total = total - ((1 - spread) * picked + spread * logs.mean(-1)).sum()
        tokens += len(target)
    return total / tokens


def main():
    torch.set_num_threads(1)
    model = Model(SETTINGS, 5)
    random = numpy.random.RandomState(17)
    batches = []
    for _ in range(UPDATES):
        pairs = []
        for _ in range(SENTENCES):
            words = [int(w) for w in random.randint(1, SETTINGS["source-vocabulary"], random.randint(1, 9))]
            pairs.append((words + [0], words[::-1] + [0]))
        batches.append(pairs)
    loss_of(model, batches[0])  # makes the parameters
    start = {name: value.detach().clone() for name, value in model.parameters.items()}
    values = list(model.parameters.values())
    adam = torch.optim.Adam(values, lr=RATE, betas=(0.9, 0.98), eps=1e-9)
    losses = []
    for pairs in batches:
        loss = loss_of(model, pairs)
        adam.zero_grad()
        loss.backward()
        norm = math.sqrt(sum(float((v.grad**2).sum()) for v in values))
        for v in values:
            v.grad *= min(1.0, CLIP / norm)
        adam.step()
        losses.append(loss.item())
    tensors = {"value." + name: value.numpy() for name, value in start.items()}
    tensors["losses"] = numpy.array(losses)
    for side, index in (("source", 0), ("target", 1)):
        sentences = [pair[index] for pairs in batches for pair in pairs]
        tensors[side + ".ids"] = numpy.concatenate([numpy.array(s) for s in sentences])
        tensors[side + ".offsets"] = numpy.cumsum([0] + [len(s) for s in sentences])
    metadata = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in SETTINGS.items()}
    metadata |= {"updates": str(UPDATES), "sentences": str(SENTENCES), "rate": str(RATE), "clip": str(CLIP)}
    path = pathlib.Path(__file__).parent / "training_curve.safetensors"
    save_file({k: numpy.ascontiguousarray(v.astype(numpy.float32)) for k, v in tensors.items()}, path, metadata)
    print(f"{path.name}: {path.stat().st_size} bytes, losses {losses[0]:.4f} to {losses[-1]:.4f}")


if __name__ == "__main__":
    main()
