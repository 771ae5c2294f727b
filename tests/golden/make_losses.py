#!/usr/bin/env python3
"""Makes losses.safetensors: a small Transformer with a batch and alignments, and for each loss its sum and gradients.

The losses are written straight from their formulas, with PyTorch's automatic differentiation in double precision. Run it
with a Python that has torch, numpy and safetensors: tests/golden/make_losses.py writes beside itself.

The file holds the parameters ("value.<name>"), the tokens as floats ("source.ids", "source.offsets", "target.ids",
"target.offsets"), the alignment ("alignment.offsets": where each target token's part of "alignment.sources" begins) and
for each case the gradients ("<case>.<name>"). Settings, and each case's weights and loss, are metadata. R-Drop is one
operation of its own: two passes of decoder outputs ("r_drop.hidden") with the gradients of all that it is given.
"""
import math
import pathlib

import numpy
import torch
from make_transformer import DEFAULTS, Model
from safetensors.numpy import save_file

SETTINGS = {**DEFAULTS, "dim-emb": 6, "transformer-heads": 3, "transformer-dim-ffn": 7, "dec-depth": 2,
            "transformer-preprocess": "n", "transformer-postprocess": "da", "transformer-postprocess-top": "n"}
CASES = {  # weights by the names of the settings; layer from 1, 0: the last
    "mse": {"cross-entropy": 0, "mse": 1},
    "mse_and_smoothing": {"mse": 0.7, "smoothing": 0.1},
    "mse_embeddings": {"mse-embeddings": 0.3, "smoothing": 0.1},
    "attention": {"cross-entropy": 0, "attention": 1},
    "attention_and_smoothing": {"attention": 0.4, "smoothing": 0.2},
    "attention_of_layer_1": {"attention": 0.8, "layer": 1},
    "guided_ce": {"guided": 0.5, "cost": "ce"},
    "guided_mse": {"guided": 1.5, "cost": "mse"},
    "guided_mult": {"guided": 0.6, "cost": "mult", "layer": 1},
    "all": {"cross-entropy": 0.9, "smoothing": 0.1, "mse": 0.5, "mse-embeddings": 0.1, "attention": 0.3, "guided": 0.2,
            "cost": "ce"},
}
ALIGNMENTS = [{0: [0], 1: [2, 1], 3: [4]}, {2: [0]}, {}, {0: [0, 1, 2], 7: [1]}]  # target token: source tokens


class ModelWithAttention(Model):
    """Keeps the cross-attention of each layer: [heads, target, source]."""

    def attention(self, name, queries_from, keys_from, fused, causal):
        if not name.endswith(".cross"):
            return super().attention(name, queries_from, keys_from, fused, causal)
        d, heads = self.width, self.settings["transformer-heads"]
        q = self.affine(name + ".query", queries_from, d)
        k, v = [self.affine(name + ".key_value", keys_from, 2 * d, slice(i * d, (i + 1) * d)) for i in range(2)]
        head = d // heads
        parts = [slice(h * head, (h + 1) * head) for h in range(heads)]
        weights = torch.stack([torch.softmax(q[:, at] @ k[:, at].T / math.sqrt(head), -1) for at in parts])
        self.weights.append(weights)
        return self.affine(name + ".output", torch.cat([w @ v[:, at] for w, at in zip(weights, parts)], -1), d)

    def forward(self, source, target):
        self.weights = []
        return super().forward(source, target)


def loss_of(model, source, target, alignment, case):
    """Of one sentence pair."""
    output, logits = model.forward(source, target)
    logs = torch.log_softmax(logits, -1)
    reference = torch.nn.functional.one_hot(torch.tensor(target), logs.shape[1]).double()
    nll = -(reference * logs).sum(-1)
    spread = case.get("smoothing", 0)
    loss = case.get("cross-entropy", 1) * ((1 - spread) * nll - spread * logs.mean(-1)).sum()
    loss = loss + case.get("mse", 0) * ((logs.exp() - reference) ** 2).sum()
    embeddings = model.table("target")[torch.tensor(target)].detach()
    loss = loss + case.get("mse-embeddings", 0) * ((output - embeddings) ** 2).sum()
    alpha = model.weights[case.get("layer", 0) - 1].mean(0)
    loss = loss + case.get("attention", 0) * (nll * (alpha ** 2).sum(-1)).sum()
    for t, sources in alignment.items():
        share = torch.zeros(len(source), dtype=torch.float64)
        share[sources] = 1 / len(sources)
        one = {"ce": -(share * torch.log(alpha[t] + 1e-6)).sum(), "mse": 0.5 * ((alpha[t] - share) ** 2).sum(),
               "mult": -torch.log(alpha[t][sources].sum() + 1e-6)}[case.get("cost", "ce")]
        loss = loss + case.get("guided", 0) * one
    return loss


def r_drop(random, tensors, metadata):
    pairs, width, vocabulary, smoothing, weight_of_divergence = 5, 3, 7, 0.1, 0.8
    values = {"hidden": random.normal(0, 1, (2 * pairs, width)), "weight": random.normal(0, 1, (vocabulary, width)),
              "bias": random.normal(0, 1, vocabulary)}
    values = {key: torch.tensor(value.astype(numpy.float32).astype(numpy.float64), requires_grad=True)
              for key, value in values.items()}
    targets = torch.tensor([0, 6, 3, 3, 1] * 2)
    logs = torch.log_softmax(values["hidden"] @ values["weight"].T + values["bias"], -1)
    nll = -logs[torch.arange(2 * pairs), targets]
    p, q = logs[:pairs], logs[pairs:]
    divergence = torch.nn.functional.kl_div(q, p, log_target=True, reduction="sum") + \
        torch.nn.functional.kl_div(p, q, log_target=True, reduction="sum")
    loss = ((1 - smoothing) * nll - smoothing * logs.mean(-1)).sum() + weight_of_divergence * divergence
    loss.backward()
    tensors["r_drop.targets"] = targets
    for key, value in values.items():
        tensors[f"r_drop.{key}"], tensors[f"r_drop.gradient.{key}"] = value.detach(), value.grad
    metadata.update({"r_drop.loss": repr(loss.item()), "r_drop.smoothing": str(smoothing),
                     "r_drop.divergence": str(weight_of_divergence)})


def main():
    model, random = ModelWithAttention(SETTINGS, 21), numpy.random.RandomState(22)

    def sentence(vocabulary, words):
        return [int(w) for w in random.randint(1, vocabulary, words)] + [0]

    pairs = [(sentence(SETTINGS["source-vocabulary"], n), sentence(SETTINGS["target-vocabulary"], m))
             for n, m in [(4, 3), (0, 5), (7, 0), (2, 8)]]
    tensors, metadata = {}, {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in SETTINGS.items()}
    for side, sentences in [("source", [p[0] for p in pairs]), ("target", [p[1] for p in pairs])]:
        tensors[side + ".ids"] = torch.tensor(sum(sentences, []))
        tensors[side + ".offsets"] = torch.tensor([0] + [len(s) for s in sentences]).cumsum(0)
    linked = [links.get(t, []) for links, (_, target) in zip(ALIGNMENTS, pairs) for t in range(len(target))]
    tensors["alignment.offsets"] = torch.tensor([0] + [len(sources) for sources in linked]).cumsum(0)
    tensors["alignment.sources"] = torch.tensor(sum(linked, []))
    for name, case in CASES.items():
        for value in model.parameters.values():
            value.grad = None
        loss = sum(loss_of(model, source, target, links, case) for (source, target), links in zip(pairs, ALIGNMENTS))
        loss.backward()
        for key, value in model.parameters.items():
            if value.grad is not None:
                tensors[f"{name}.{key}"] = value.grad.clone()
        metadata[name + ".loss"] = repr(loss.item())
        metadata.update({f"{name}.{key}": str(value) for key, value in case.items()})
    metadata["cases"] = " ".join(CASES)
    for key, value in model.parameters.items():
        tensors["value." + key] = value.detach()
    r_drop(random, tensors, metadata)
    path = pathlib.Path(__file__).parent / "losses.safetensors"
    save_file({k: numpy.ascontiguousarray(v.numpy().astype(numpy.float32)) for k, v in tensors.items()}, path, metadata)
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
