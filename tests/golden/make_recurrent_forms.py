#!/usr/bin/env python3
"""Makes recurrent_marian_*.safetensors and recurrent_nematus.safetensors: as make_recurrent.py, models of rnn-form marian
and nematus, whose equations are written here once more from those that Marian computes. (Marian itself is compared in
make_marian.py; here are the gradients.) Run it with a Python that has torch, numpy and safetensors:
tests/golden/make_recurrent_forms.py writes beside itself.
"""
import torch
from make_recurrent import DEFAULTS
from make_transformer import Model, make

MARIAN = {"rnn-form": "marian", "attention": "additive", "enc-cell-depth": 1, "dec-cell-base-depth": 2,
          "dec-cell-high-depth": 1, "dim-rnn": 5}
NEMATUS_CELLS = {"enc-cell": "gru-nematus", "dec-cell": "gru-nematus"}
LSTM_CELLS = {"enc-cell": "lstm", "dec-cell": "lstm"}
CASES = {
    "marian_gru": {"tied-embeddings": True},
    "marian_gru_norm": {"layer-normalization": True, "enc-depth": 2, "dec-depth": 2, "skip": True, "enc-cell-depth": 2,
                        "dec-cell-base-depth": 4, "dec-cell-high-depth": 2},
    "marian_gru_one_cell": {"dec-cell-base-depth": 1, "enc-type": "bi-unidirectional", "enc-depth": 3, "skip": True},
    "marian_lstm_norm": {**LSTM_CELLS, "layer-normalization": True, "enc-type": "alternating", "enc-depth": 2,
                         "dec-depth": 2, "enc-cell-depth": 2, "dec-cell-base-depth": 3},
    "marian_gru_nematus_norm": {**NEMATUS_CELLS, "layer-normalization": True, "enc-type": "bi-unidirectional",
                                "enc-depth": 2},
    "nematus": {**NEMATUS_CELLS, "rnn-form": "nematus", "layer-normalization": True, "enc-cell-depth": 2,
                "dec-cell-base-depth": 3, "dec-depth": 2, "skip": True, "dim-rnn": 8},
}


class Recurrent(Model):
    """An encoder-decoder for one sentence pair at a time, without dropout."""

    def normalized(self, name, x, bias, epsilon, first):
        """Layer normalisation; columns before `first` apart from the others."""
        scale = self.parameter(name + ".norm.scale", x.shape[-1])
        parts = []
        for part in (x[..., :first], x[..., first:]) if first else (x,):
            mean = part.mean(-1, keepdim=True)
            variance = ((part - mean) ** 2).mean(-1, keepdim=True)
            parts.append((part - mean) / torch.sqrt(variance + epsilon))
        y = scale * torch.cat(parts, -1)
        return y if bias is None else y + bias

    def map(self, name, x, width, norm, biased=True, first=0):
        """x W + b, normalised as Marian (b after the norm) or Nematus (b before, another bias after) does it."""
        x = x @ self.parameter(name + ".weight", x.shape[-1], width)
        if biased and norm != "marian":
            x = x + self.parameter(name + ".bias", width)
        if norm == "marian":
            return self.normalized(name, x, self.parameter(name + ".norm.bias", width) if biased else None, 1e-9, 0)
        if norm == "nematus":
            return self.normalized(name, x, self.parameter(name + ".norm.bias", width), 1e-5, first)
        return x

    def step(self, name, kind, x, state, after_attention=False):
        """One cell. x: its input, or None in a transition; state: (output, cell)."""
        output, cell = state
        d = self.settings["dim-rnn"]
        gates = 4 if kind == "lstm" else 3
        norm = ("nematus" if kind == "gru-nematus" else "marian") if self.settings["layer-normalization"] else ""
        of_state = after_attention and kind != "lstm"  # where the biases are: inside the reset gate or outside
        hidden = self.map(name + ".recurrent", output, gates * d, norm, of_state, 2 * d)
        if x is not None:
            given = self.map(name + ".input", x, gates * d, norm, not of_state, 2 * d)
        elif of_state:
            given = torch.zeros(gates * d, dtype=torch.float64)
        else:
            given = self.parameter(name + ".input.bias", gates * d)
        if kind == "lstm":
            i, f, g, o = torch.chunk(given + hidden, 4)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
            return torch.sigmoid(o) * torch.tanh(cell), cell
        reset, update = torch.sigmoid(given[:2 * d] + hidden[:2 * d]).chunk(2)
        candidate = torch.tanh(given[2 * d:] + reset * hidden[2 * d:])
        return (1 - update) * candidate + update * output, cell

    def transitions(self, name, kind, state, count, after_attention=False):
        for i in range(count):
            state = self.step(f"{name}.transition.{i}", kind, None, state, after_attention)
        return state

    def stack(self, name, x, backward):
        """One layer for each member of `backward`."""
        s = self.settings
        for i, turned in enumerate(backward):
            state, outputs = (torch.zeros(s["dim-rnn"], dtype=torch.float64),) * 2, [None] * len(x)
            for t in reversed(range(len(x))) if turned else range(len(x)):
                state = self.step(f"{name}.{i}", s["enc-cell"], x[t], state)
                state = self.transitions(f"{name}.{i}", s["enc-cell"], state, s["enc-cell-depth"] - 1)
                outputs[t] = state[0]
            y = torch.stack(outputs)
            x = x + y if s["skip"] and i > 0 else y
        return x

    def encode(self, ids):
        s = self.settings
        self.width = s["dim-emb"]
        x = self.table("source")[ids]
        joins = s["enc-type"] == "bi-unidirectional"
        turned = [s["enc-type"] == "alternating" and i % 2 == 1 for i in range(1 if joins else s["enc-depth"])]
        both = torch.cat([self.stack("encoder.forward", x, turned),
                          self.stack("encoder.backward", x, [not t for t in turned])], -1)
        return self.stack("encoder.upper", both, [False] * (s["enc-depth"] - 1)) if joins else both

    def forward(self, source, target):
        s = self.settings
        memory, kind, emb = self.encode(source), s["dec-cell"], s["dim-emb"]
        norm = ("nematus" if s["rnn-form"] == "nematus" else "marian") if s["layer-normalization"] else ""
        begin = torch.tanh(self.map("decoder.start", memory.mean(0), s["dim-rnn"], norm))
        states = [(begin, begin) for _ in range(s["dec-depth"])]
        attention, width = "decoder.attention", memory.shape[-1]
        keys = self.map(attention + ".key", memory, width, norm)
        v = self.parameter(attention + ".additive.weight", width)
        table = self.table("target")
        outputs = []
        for last in [None] + target[:-1]:
            word = torch.zeros(emb, dtype=torch.float64) if last is None else table[last]
            state = self.step("decoder.first", kind, word, states[0])
            scores = torch.tanh(keys + self.map(attention + ".query", state[0], width, norm, biased=False)) @ v
            context = torch.softmax(scores, -1) @ memory
            if s["dec-cell-base-depth"] > 1:
                state = self.step("decoder.second", kind, context, state, True)
            states[0] = self.transitions("decoder", kind, state, s["dec-cell-base-depth"] - 2, True)
            y = states[0][0]
            for i in range(1, s["dec-depth"]):
                name = f"decoder.upper.{i - 1}"
                state = self.step(name, kind, y, states[i])
                states[i] = self.transitions(name, kind, state, s["dec-cell-high-depth"] - 1)
                y = y + states[i][0] if s["skip"] else states[i][0]
            if norm:
                parts = [("word", word), ("state", y), ("context", context)]
                total = sum(self.map("decoder.output." + name, x, emb, norm) for name, x in parts)
            else:
                total = self.map("decoder.output", torch.cat([word, y, context]), emb, "")
            outputs.append(torch.tanh(total))
        output = torch.stack(outputs)
        return output, self.logits(output)


if __name__ == "__main__":
    for number, (case, changes) in enumerate(CASES.items()):
        make(f"recurrent_{case}", Recurrent({**DEFAULTS, **MARIAN, **changes}, number + 201), number + 201)
