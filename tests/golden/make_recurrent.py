#!/usr/bin/env python3
"""Makes recurrent_*.safetensors: small recurrent models with a batch, their loss, decoder outputs and all gradients.

The cells are PyTorch's own (torch.nn.GRUCell, torch.nn.LSTMCell with our weights), everything around them is written here
once more from the formulas, in double precision, so that the engine can be compared with it. Run it with a Python that
has torch, numpy and safetensors: tests/golden/make_recurrent.py writes beside itself. The files are those of
make_transformer.py in form.
"""
import torch
from make_transformer import Model, make

DEFAULTS = {
    "type": "s2s", "source-vocabulary": 11, "target-vocabulary": 13, "dim-emb": 6, "dim-rnn": 8, "enc-depth": 1,
    "dec-depth": 1, "tied-embeddings": False, "tied-embeddings-src": False, "tied-embeddings-all": False,
    "output-omit-bias": False, "enc-type": "bidirectional", "enc-cell": "gru", "dec-cell": "gru", "skip": False,
    "layer-normalization": False, "rnn-attention": "bahdanau", "input-feeding": False, "rnn-attention-heads": 1,
    "max-length": 50, "label-smoothing": 0.1,  # and "attention": "scaled-dot"
}
CASES = {
    "gru": {},
    "lstm_deep": {"enc-cell": "lstm", "dec-cell": "lstm", "enc-depth": 3, "dec-depth": 3, "skip": True,
                  "layer-normalization": True, "rnn-attention-heads": 2},
    "gru_bi_unidirectional": {"enc-type": "bi-unidirectional", "enc-depth": 3, "dec-depth": 2, "skip": True,
                              "dim-rnn": 9, "rnn-attention-heads": 3},
    "lstm_alternating": {"enc-type": "alternating", "enc-cell": "lstm", "enc-depth": 3, "tied-embeddings": True},
    "gru_luong": {"rnn-attention": "luong", "dec-depth": 2, "tied-embeddings-all": True, "target-vocabulary": 11},
    "lstm_luong_fed": {"rnn-attention": "luong", "input-feeding": True, "dec-cell": "lstm", "dec-depth": 2,
                       "skip": True, "layer-normalization": True, "output-omit-bias": True},
    "gru_additive": {"attention": "additive", "dim-rnn": 5},
    "lstm_gated_additive": {"attention": "gated-additive", "rnn-attention": "luong", "dec-cell": "lstm",
                            "rnn-attention-heads": 2, "dim-rnn": 6},
    "gru_general": {"attention": "general", "rnn-attention": "luong", "rnn-attention-heads": 3, "dim-rnn": 9},
    "gru_dot": {"attention": "dot", "rnn-attention": "luong", "input-feeding": True, "dim-rnn": 5},
}


class Recurrent(Model):
    """An encoder-decoder for one sentence pair at a time, without dropout."""

    def cell(self, name, kind, inputs, width):
        """A PyTorch cell whose weights are our parameters; returns step(share of the input, state) -> state."""
        gates = 3 if kind == "gru" else 4
        weight = self.parameter(name + ".input.weight", inputs, gates * width)
        bias = self.parameter(name + ".input.bias", gates * width)
        recurrent = self.parameter(name + ".recurrent.weight", width, gates * width)
        hidden_bias = torch.zeros(gates * width, dtype=torch.float64)
        if kind == "gru":
            hidden_bias = torch.cat([hidden_bias[:2 * width], self.parameter(name + ".recurrent.bias", width)])
        function = torch.nn.GRUCell if kind == "gru" else torch.nn.LSTMCell
        cell = function(inputs, width, dtype=torch.float64)
        values = {"weight_ih": weight.T, "weight_hh": recurrent.T, "bias_ih": bias, "bias_hh": hidden_bias}

        def step(x, state):
            state = tuple(s[None] for s in state)
            result = torch.func.functional_call(cell, values, (x[None], state[0] if kind == "gru" else state))
            return (result[0],) if kind == "gru" else (result[0][0], result[1][0])
        return step

    def zero(self, kind, width):
        return tuple(torch.zeros(width, dtype=torch.float64) for _ in range(1 if kind == "gru" else 2))

    def stack(self, name, x, width, backward):
        """One layer for each member of `backward`."""
        s = self.settings
        for i, turned in enumerate(backward):
            step = self.cell(f"{name}.{i}", s["enc-cell"], x.shape[-1], width)
            state, outputs = self.zero(s["enc-cell"], width), [None] * len(x)
            for t in reversed(range(len(x))) if turned else range(len(x)):
                state = step(x[t], state)
                outputs[t] = state[0]
            y = torch.stack(outputs)
            if s["layer-normalization"]:
                y = self.norm_of(f"{name}.{i}.norm", y)
            x = x + y if s["skip"] and i > 0 else y
        return x

    def norm_of(self, name, x):
        self.width = x.shape[-1]
        return self.norm(name, x)

    def forward(self, source, target):
        """Decoder outputs and logits for all tokens of the target."""
        output = self.decode(self.encode(source), [-1] + target[:-1])
        return output, self.logits(output)

    def encode(self, ids):
        s = self.settings
        self.width = s["dim-emb"]
        x = self.table("source")[ids]
        depth = 1 if s["enc-type"] == "bi-unidirectional" else s["enc-depth"]
        turned = [s["enc-type"] == "alternating" and i % 2 == 1 for i in range(depth)]
        both = torch.cat([self.stack("encoder.forward", x, s["dim-rnn"], turned),
                          self.stack("encoder.backward", x, s["dim-rnn"], [not t for t in turned])], -1)
        if s["enc-type"] == "bi-unidirectional":
            both = self.stack("encoder.upper", both, 2 * s["dim-rnn"], [False] * (s["enc-depth"] - 1))
        return both

    def attend(self, state, memory):
        d, heads = self.settings["dim-rnn"], self.settings["rnn-attention-heads"]
        name, kind = "decoder.attention", self.settings.get("attention", "scaled-dot")
        q = self.affine(name + ".query", state, d)
        k = self.affine(name + ".key_value", memory, 2 * d, slice(0, d))
        v = self.affine(name + ".key_value", memory, 2 * d, slice(d, 2 * d))
        contexts = []
        for h in range(heads):
            at = slice(h * d // heads, (h + 1) * d // heads)
            scores = self.scores(name, kind, h, heads, q[None, at], k[:, at])
            weights = torch.softmax(scores[0], -1)
            contexts.append(weights @ v[:, at])
        return self.affine(name + ".output", torch.cat(contexts), d)

    def decode(self, memory, fed):
        """Outputs [targets, dim-emb] after the words `fed` (-1: none)."""
        s = self.settings
        d, kind, depth = s["dim-rnn"], s["dec-cell"], s["dec-depth"]
        self.width = s["dim-emb"]
        table = self.table("target")
        words = torch.stack([table[i] if i >= 0 else torch.zeros(s["dim-emb"], dtype=torch.float64) for i in fed])
        begin = torch.tanh(self.affine("decoder.start", memory.mean(0), d))
        states = [tuple(begin for _ in range(1 if kind == "gru" else 2)) for _ in range(depth)]
        outputs = []
        if s["rnn-attention"] == "luong":
            inputs = [2 * s["dim-emb"] if s["input-feeding"] else s["dim-emb"]] + [d] * (depth - 1)
            steps = [self.cell(f"decoder.layers.{i}", kind, inputs[i], d) for i in range(depth)]
            last = torch.zeros(s["dim-emb"], dtype=torch.float64)
            for word in words:
                x = torch.cat([word, last]) if s["input-feeding"] else word
                for i, step in enumerate(steps):
                    states[i] = step(x, states[i])
                    y = states[i][0]
                    if s["layer-normalization"]:
                        y = self.norm_of(f"decoder.layers.{i}.norm", y[None])[0]
                    x = x + y if s["skip"] and i > 0 else y
                joined = torch.cat([x, self.attend(x, memory)])
                last = torch.tanh(self.affine("decoder.output", joined, s["dim-emb"]))
                outputs.append(last)
            return torch.stack(outputs)
        first = self.cell("decoder.first", kind, s["dim-emb"], d)
        second = self.cell("decoder.second", kind, d, d)
        upper = [self.cell(f"decoder.upper.{i}", kind, d, d) for i in range(depth - 1)]
        for word in words:
            between = first(word, states[0])
            context = self.attend(between[0], memory)
            states[0] = second(context, between)
            y = states[0][0]
            if s["layer-normalization"]:
                y = self.norm_of("decoder.second.norm", y[None])[0]
            for i, step in enumerate(upper):
                states[i + 1] = step(y, states[i + 1])
                out = states[i + 1][0]
                if s["layer-normalization"]:
                    out = self.norm_of(f"decoder.upper.{i}.norm", out[None])[0]
                y = y + out if s["skip"] else out
            joined = torch.cat([word, y, context])
            outputs.append(torch.tanh(self.affine("decoder.output", joined, s["dim-emb"])))
        return torch.stack(outputs)


if __name__ == "__main__":
    for number, (case, changes) in enumerate(CASES.items()):
        make(f"recurrent_{case}", Recurrent({**DEFAULTS, **changes}, number + 101), number + 101)
