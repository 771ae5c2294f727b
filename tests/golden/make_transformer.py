#!/usr/bin/env python3
"""Makes transformer_*.safetensors: small Transformers with a batch, their loss, decoder outputs and all gradients.

The model is written here once more, straight from the formulas and with PyTorch's automatic differentiation in double
precision, so that the engine can be compared with it. Run it with a Python that has torch, numpy and safetensors:
tests/golden/make_transformer.py writes beside itself.

A file holds the parameters ("value.<name>"), the gradients of the smoothed loss ("gradient.<name>"), the decoder's
outputs for all target tokens ("output"), the tokens ("source.ids", "source.offsets", "target.ids", "target.offsets",
as floats) and each target token's cross-entropy ("losses"). The settings and the sums of the losses are metadata
(whose order, and nothing else, may differ from one run to the next).
"""
import math
import pathlib

import numpy
import torch
from safetensors.numpy import save_file

DEFAULTS = {
    "source-vocabulary": 11, "target-vocabulary": 13, "dim-emb": 8, "enc-depth": 1, "dec-depth": 1,
    "tied-embeddings": False, "tied-embeddings-src": False, "tied-embeddings-all": False, "output-omit-bias": False,
    "transformer-heads": 2, "transformer-dim-ffn": 12, "transformer-decoder-dim-ffn": 0,
    "transformer-ffn-activation": "swish", "transformer-preprocess": "", "transformer-postprocess": "dan",
    "transformer-postprocess-emb": "d", "transformer-postprocess-top": "",
    "transformer-train-position-embeddings": False, "transformer-norm-keys": False, "max-length": 50,
    "transformer-decoder-autoreg": "self-attention", "dec-cell": "gru", "transformer-dim-aan": 2048,
    "transformer-aan-activation": "swish", "transformer-aan-nogate": False, "label-smoothing": 0.1,
    # "attention" and "self-attention" are "scaled-dot" unless a case says otherwise
}
PRE_NORM = {"transformer-preprocess": "n", "transformer-postprocess": "da", "transformer-postprocess-top": "n"}
CASES = {
    "post_norm": {},
    "pre_norm": {**PRE_NORM, "transformer-ffn-activation": "relu", "target-vocabulary": 11, "enc-depth": 2,
                 "tied-embeddings-all": True},
    "norm_keys": {**PRE_NORM, "transformer-norm-keys": True, "transformer-ffn-activation": "gelu", "dec-depth": 2,
                  "tied-embeddings": True, "output-omit-bias": True, "transformer-decoder-dim-ffn": 7,
                  "transformer-train-position-embeddings": True, "max-length": 9},
    "all_norms": {"transformer-preprocess": "n", "transformer-postprocess-emb": "nd",
                  "transformer-postprocess-top": "na", "target-vocabulary": 11, "tied-embeddings-src": True,
                  "dim-emb": 6, "transformer-heads": 3, "label-smoothing": 0.0},
    "one_head": {"transformer-postprocess": "da", "transformer-heads": 1, "transformer-ffn-activation": "gelu",
                 "label-smoothing": 0.3, "dim-emb": 16, "transformer-dim-ffn": 9},
    "dot": {"attention": "dot", "self-attention": "dot"},
    "general": {"attention": "general", "self-attention": "general", "dim-emb": 6, "transformer-heads": 2},
    "additive": {**PRE_NORM, "attention": "additive", "self-attention": "additive", "dim-emb": 12,
                 "transformer-heads": 4},
    "gated_additive": {"attention": "gated-additive", "self-attention": "gated-additive", "dim-emb": 10},
    "general_beside_additive": {"attention": "general", "self-attention": "additive", "transformer-heads": 1,
                                "enc-depth": 2, "dec-depth": 2},
    "ssru": {**PRE_NORM, "transformer-decoder-autoreg": "rnn", "dec-cell": "ssru", "dec-depth": 2},
    "average_attention": {"transformer-decoder-autoreg": "average-attention", "transformer-dim-aan": 7, "dec-depth": 2,
                          "transformer-aan-activation": "relu"},
    "average_attention_nogate": {**PRE_NORM, "transformer-decoder-autoreg": "average-attention",
                                 "transformer-dim-aan": 5, "transformer-aan-nogate": True},
}


class Model:
    """The Transformer of Vaswani et al. (2017) for one sentence pair at a time, without dropout."""

    def __init__(self, settings, seed):
        self.settings = settings
        self.width = settings["dim-emb"]
        self.random = numpy.random.RandomState(seed)
        self.parameters = {}

    def parameter(self, name, *shape):
        """Random values, made at the first use; norms' scales are around 1."""
        if name not in self.parameters:
            values = self.random.normal(0, 1 / math.sqrt(shape[0]) if len(shape) > 1 else 0.2, shape)
            if name.endswith("norm.scale"):
                values += 1
            values = values.astype(numpy.float32).astype(numpy.float64)  # exactly what the file will hold
            self.parameters[name] = torch.tensor(values, requires_grad=True)
        return self.parameters[name]

    def norm(self, name, x):
        scale, bias = self.parameter(name + ".scale", self.width), self.parameter(name + ".bias", self.width)
        mean = x.mean(-1, keepdim=True)
        variance = ((x - mean) ** 2).mean(-1, keepdim=True)
        return scale * (x - mean) / torch.sqrt(variance + 1e-6) + bias

    def process(self, steps, name, x, added):
        for step in steps:
            if step == "a":
                x = x + added
            elif step == "n":
                x = self.norm(name, x)
        return x

    def affine(self, name, x, width, columns=slice(None)):
        """Columns of x W + b, where W has `width` columns."""
        weight = self.parameter(name + ".weight", x.shape[-1], width)
        bias = self.parameter(name + ".bias", width)
        return x @ weight[:, columns] + bias[columns]

    def scores(self, name, kind, head, heads, q, k):
        """How well each key [keys, d] matches each query [queries, d] of a head: [queries, keys]."""
        d = q.shape[-1]
        own = slice(head * d, (head + 1) * d)
        if kind == "dot":
            return q @ k.T
        if kind == "scaled-dot":
            return q @ k.T / math.sqrt(d)
        if kind == "general":
            return q @ (self.parameter(name + ".general.weight", heads * d, d)[own] @ k.T)
        if kind == "additive":
            v = self.parameter(name + ".additive.weight", heads * d)[own]
        else:
            v = torch.sigmoid(self.parameter(name + ".gate.weight", heads * d)[own])
        return torch.tanh(q[:, None] + k) @ v

    def attention(self, name, queries_from, keys_from, fused, causal):
        d, heads = self.width, self.settings["transformer-heads"]
        kind = self.settings.get("attention" if name.endswith("cross") else "self-attention", "scaled-dot")
        if fused:
            parts = [("query_key_value", 3 * d, slice(i * d, (i + 1) * d)) for i in range(3)]
        else:
            parts = [("query", d, slice(0, d))] + [("key_value", 2 * d, slice(i * d, (i + 1) * d)) for i in range(2)]
        sources = [queries_from, keys_from, keys_from]
        q, k, v = [self.affine(f"{name}.{part}", x, width, columns) for x, (part, width, columns) in zip(sources, parts)]
        head = d // heads
        contexts = []
        for h in range(heads):
            at = slice(h * head, (h + 1) * head)
            scores = self.scores(name, kind, h, heads, q[:, at], k[:, at])
            if causal:
                future = torch.triu(torch.ones_like(scores), diagonal=1).bool()
                scores = scores.masked_fill(future, -math.inf)
            contexts.append(torch.softmax(scores, -1) @ v[:, at])
        return self.affine(name + ".output", torch.cat(contexts, -1), d)

    def feed_forward(self, name, x, inner, setting="transformer-ffn-activation"):
        activation = {"relu": torch.relu, "gelu": torch.nn.functional.gelu, "swish": torch.nn.functional.silu}
        hidden = activation[self.settings[setting]](self.affine(name + ".inner", x, inner))
        return self.affine(name + ".outer", hidden, self.width)

    def simple_recurrent_unit(self, name, x):
        """Kim et al. 2019."""
        values = x @ self.parameter(name + ".value.weight", self.width, self.width)
        keep = torch.sigmoid(self.affine(name + ".gate", x, self.width))
        state, states = torch.zeros(self.width, dtype=torch.float64), []
        for value, gate in zip(values, keep):
            state = gate * state + (1 - gate) * value
            states.append(state)
        return torch.relu(torch.stack(states))

    def average_attention(self, name, x):
        """Zhang, Xiong and Su 2018."""
        s = self.settings
        means = torch.stack([x[: i + 1].mean(0) for i in range(len(x))])
        y = self.feed_forward(name + ".feed_forward", means, s["transformer-dim-aan"], "transformer-aan-activation")
        if s["transformer-aan-nogate"]:
            return y
        return (torch.sigmoid(self.affine(name + ".input_gate", x, self.width)) * x
                + torch.sigmoid(self.affine(name + ".forget_gate", y, self.width)) * y)

    def look_back(self, name, x, keys, fused):
        kind = self.settings["transformer-decoder-autoreg"]
        if kind == "rnn":
            return self.simple_recurrent_unit(name, x)
        if kind == "average-attention":
            return self.average_attention(name, x)
        return self.attention(name, x, keys, fused, causal=True)

    def around(self, name, x, sublayer):
        s = self.settings
        before = self.process(s["transformer-preprocess"], name + ".pre_norm", x, x)
        keys = before if s["transformer-norm-keys"] else x
        return self.process(s["transformer-postprocess"], name + ".post_norm", sublayer(before, keys), x)

    def table(self, side):
        s = self.settings
        if s["tied-embeddings-all"] or s["tied-embeddings-src"]:
            return self.parameter("embedding.weight", s["source-vocabulary"], self.width)
        return self.parameter(f"{side}_embedding.weight", s[f"{side}-vocabulary"], self.width)

    def embed(self, side, stack, ids):
        """Words (None: a zero vector) and positions. Sinusoids in Marian's layout: sines, then cosines."""
        table = self.table(side)
        words = torch.stack([torch.zeros(self.width, dtype=torch.float64) if i is None else table[i] for i in ids])
        if self.settings["transformer-train-position-embeddings"]:
            x = words + self.parameter("positions.weight", self.settings["max-length"] + 1, self.width)[: len(ids)]
        else:
            half = self.width // 2
            angles = torch.arange(len(ids), dtype=torch.float64)[:, None] * torch.tensor(
                [10000.0 ** (-i / (half - 1)) for i in range(half)], dtype=torch.float64)
            x = math.sqrt(self.width) * words + torch.cat([torch.sin(angles), torch.cos(angles)], -1)
        return self.process(self.settings["transformer-postprocess-emb"], f"{stack}.embedding_norm", x, x)

    def forward(self, source, target):
        """Decoder outputs and logits for all tokens of the target."""
        s = self.settings
        fused = s["transformer-preprocess"] == "" or s["transformer-norm-keys"]
        x = embedded = self.embed("source", "encoder", source)
        for i in range(s["enc-depth"]):
            layer = f"encoder.layers.{i}"
            x = self.around(layer + ".self", x,
                            lambda y, keys: self.attention(layer + ".self", y, keys, fused, causal=False))
            x = self.around(layer + ".feed_forward", x,
                            lambda y, _: self.feed_forward(layer + ".feed_forward", y, s["transformer-dim-ffn"]))
        memory = self.process(s["transformer-postprocess-top"], "encoder.top_norm", x, embedded)
        x = embedded = self.embed("target", "decoder", [None] + target[:-1])
        inner = s["transformer-decoder-dim-ffn"] or s["transformer-dim-ffn"]
        for i in range(s["dec-depth"]):
            layer = f"decoder.layers.{i}"
            x = self.around(layer + ".self", x,
                            lambda y, keys: self.look_back(layer + ".self", y, keys, fused))
            x = self.around(layer + ".cross", x,
                            lambda y, _: self.attention(layer + ".cross", y, memory, False, causal=False))
            x = self.around(layer + ".feed_forward", x,
                            lambda y, _: self.feed_forward(layer + ".feed_forward", y, inner))
        output = self.process(s["transformer-postprocess-top"], "decoder.top_norm", x, embedded)
        return output, self.logits(output)

    def logits(self, output):
        s = self.settings
        tied = s["tied-embeddings"] or s["tied-embeddings-all"]
        vocabulary = s["target-vocabulary"]
        weight = self.table("target") if tied else self.parameter("output.weight", vocabulary, output.shape[-1])
        logits = output @ weight.T
        return logits if s["output-omit-bias"] else logits + self.parameter("output.bias", vocabulary)


def make(name, model, seed):
    """Writes <name>.safetensors with a batch and what the model makes of it."""
    settings = model.settings
    random = numpy.random.RandomState(seed + 1000)

    def sentence(vocabulary, words):
        return [int(w) for w in random.randint(1, vocabulary, words)] + [0]

    pairs = [(sentence(settings["source-vocabulary"], n), sentence(settings["target-vocabulary"], m))
             for n, m in [(4, 3), (0, 5), (7, 0), (2, 8)]]
    outputs, losses, smoothed = [], [], 0
    for source, target in pairs:
        output, logits = model.forward(source, target)
        log_probabilities = torch.log_softmax(logits, -1)
        loss = -log_probabilities[torch.arange(len(target)), target]
        spread = settings["label-smoothing"]
        smoothed = smoothed + ((1 - spread) * loss - spread * log_probabilities.mean(-1)).sum()
        outputs.append(output)
        losses.append(loss)
    smoothed.backward()

    tensors = {"output": torch.cat(outputs).detach(), "losses": torch.cat(losses).detach()}
    for side, sentences in [("source", [p[0] for p in pairs]), ("target", [p[1] for p in pairs])]:
        tensors[side + ".ids"] = torch.tensor(sum(sentences, []))
        tensors[side + ".offsets"] = torch.tensor([0] + [len(s) for s in sentences]).cumsum(0)
    for key, value in model.parameters.items():
        tensors["value." + key] = value.detach()
        tensors["gradient." + key] = value.grad
    metadata = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in settings.items()}
    metadata["smoothed"] = repr(smoothed.item())
    metadata["cross-entropy"] = repr(torch.cat(losses).sum().item())
    path = pathlib.Path(__file__).parent / f"{name}.safetensors"
    save_file({k: numpy.ascontiguousarray(v.numpy().astype(numpy.float32)) for k, v in tensors.items()}, path, metadata)
    print(f"{path.name}: {path.stat().st_size} bytes, smoothed {smoothed.item():.6f}")


if __name__ == "__main__":
    for number, (case, changes) in enumerate(CASES.items()):
        make(f"transformer_{case}", Model({**DEFAULTS, **changes}, number + 1), number + 1)
