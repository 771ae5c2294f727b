#!/usr/bin/env python3
"""Training throughput of PyTorch on a CPU: the peer of tools/bench/training.

The Transformer of torch.nn, or with --cell an encoder-decoder of its GRU or LSTM layers, with tied embeddings, label
smoothing and dropout, in eager mode, batches of like length padded to their longest sentence. Prints one line of JSON. Needs torch and sentencepiece."""

import argparse
import json
import math
import random
import resource
import time

import sentencepiece
import torch
from torch import nn
from torch.nn import functional


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--vocabulary", required=True, help="SentencePiece model of both sides")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--warm", type=int, default=3, help="updates before the clock starts")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--ffn", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--cell", choices=["gru", "lstm"], help="recurrent layers instead of a Transformer")
    parser.add_argument("--rnn-width", type=int, default=512)
    parser.add_argument("--attention", choices=["luong", "bahdanau"], default="luong", help="of recurrent layers")
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--smoothing", type=float, default=0.1)
    return parser.parse_args()


class Translator(nn.Module):
    def __init__(self, vocabulary, o):
        super().__init__()
        self.dropout = nn.Dropout(o.dropout)
        self.table = nn.Embedding(vocabulary, o.width)
        nn.init.normal_(self.table.weight, std=o.width**-0.5)
        self.transformer = nn.Transformer(o.width, o.heads, o.layers, o.layers, o.ffn, o.dropout, batch_first=True)
        steps = torch.arange(1024.0).unsqueeze(1)
        angles = steps / 10000 ** (torch.arange(0, o.width, 2) / o.width)
        self.register_buffer("positions", torch.stack([angles.sin(), angles.cos()], 2).flatten(1))

    def embed(self, ids):
        x = self.table(ids) * math.sqrt(self.table.embedding_dim)
        return self.dropout(x + self.positions[: ids.shape[1]])

    def forward(self, source, source_padding, target_in, target_padding):
        future = nn.Transformer.generate_square_subsequent_mask(target_in.shape[1]) != 0
        hidden = self.transformer(
            self.embed(source), self.embed(target_in), tgt_mask=future, tgt_is_causal=True,
            src_key_padding_mask=source_padding, memory_key_padding_mask=source_padding,
            tgt_key_padding_mask=target_padding,
        )
        return functional.linear(hidden, self.table.weight)


class RecurrentTranslator(nn.Module):
    """A bidirectional encoder, a decoder, and dot-product attention with projections of queries, keys and values."""

    def __init__(self, vocabulary, o):
        super().__init__()
        width, self.attention = o.rnn_width, o.attention
        self.dropout = nn.Dropout(o.dropout)
        self.table = nn.Embedding(vocabulary, o.width)
        nn.init.normal_(self.table.weight, std=o.width**-0.5)
        layer = {"gru": nn.GRU, "lstm": nn.LSTM}[o.cell]
        self.encoder = layer(o.width, width, batch_first=True, bidirectional=True)
        self.start = nn.Linear(2 * width, width)
        self.query, self.value = nn.Linear(width, width), nn.Linear(2 * width, width)
        self.key, self.context = nn.Linear(2 * width, width), nn.Linear(width, width)
        if o.attention == "luong":
            self.decoder = layer(o.width, width, batch_first=True)
            self.output = nn.Linear(2 * width, o.width)
        else:
            cell = {"gru": nn.GRUCell, "lstm": nn.LSTMCell}[o.cell]
            self.first, self.second = cell(o.width, width), cell(width, width)
            self.output = nn.Linear(o.width + 2 * width, o.width)

    def forward(self, source, source_padding, target_in, target_padding):
        encoded, _ = self.encoder(self.dropout(self.table(source)))
        kept = (~source_padding).unsqueeze(2)
        begin = torch.tanh(self.start((encoded * kept).sum(1) / kept.sum(1)))
        keys, values = self.key(encoded).transpose(1, 2), self.value(encoded)
        mask = source_padding.unsqueeze(1)

        def attend(states):
            scores = self.query(states) @ keys / math.sqrt(keys.shape[1])
            return self.context(torch.softmax(scores.masked_fill(mask, -math.inf), -1) @ values)

        words = self.dropout(self.table(target_in))
        if self.attention == "luong":
            first = begin.unsqueeze(0)
            states, _ = self.decoder(words, (first, first) if isinstance(self.decoder, nn.LSTM) else first)
            joined = torch.cat([states, attend(states)], 2)
        else:
            pairs = isinstance(self.first, nn.LSTMCell)
            state, steps = (begin, begin) if pairs else begin, []
            for word in words.unbind(1):
                state = self.first(word, state)
                context = attend((state[0] if pairs else state).unsqueeze(1)).squeeze(1)
                state = self.second(self.dropout(context), state)
                steps.append(torch.cat([word, state[0] if pairs else state, context], 1))
            joined = torch.stack(steps, 1)
        return functional.linear(torch.tanh(self.output(joined)), self.table.weight)


def padded(rows):
    longest = max(len(row) for row in rows)
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    lengths = torch.tensor([len(row) for row in rows]).unsqueeze(1)
    return ids, torch.arange(longest).unsqueeze(0) >= lengths


def batches(sources, targets, tokens):
    """Pairs of like length, at most `tokens` target places with padding, in random order."""
    order = sorted(range(len(sources)), key=lambda i: (len(targets[i]), len(sources[i])))
    result, batch, longest = [], [], 0
    for i in order:
        longest_now = max(longest, len(targets[i]), len(sources[i]))
        if batch and longest_now * (len(batch) + 1) > tokens:
            result.append(batch)
            batch, longest_now = [], max(len(targets[i]), len(sources[i]))
        batch.append(i)
        longest = longest_now
    result.append(batch)
    random.shuffle(result)
    return result


def main():
    o = options()
    random.seed(1)
    torch.manual_seed(1)
    torch.set_num_threads(o.threads)
    pieces = sentencepiece.SentencePieceProcessor(model_file=o.vocabulary)
    with open(o.source, encoding="utf-8") as s, open(o.target, encoding="utf-8") as t:
        sources = pieces.encode(s.read().splitlines(), add_eos=True)
        targets = pieces.encode(t.read().splitlines(), add_eos=True)
    plan = batches(sources, targets, o.batch_tokens)
    model = (RecurrentTranslator if o.cell else Translator)(pieces.get_piece_size(), o)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9)
    tokens = 0
    for update in range(o.warm + o.updates):
        if update == o.warm:
            start, tokens = time.perf_counter(), 0
        batch = plan[update % len(plan)]
        source, source_padding = padded([sources[i] for i in batch])
        target, target_padding = padded([targets[i] for i in batch])
        shifted = torch.cat([torch.ones_like(target[:, :1]), target[:, :-1]], 1)
        logits = model(source, source_padding, shifted, target_padding)
        expected = target.masked_fill(target_padding, -100)
        loss = functional.cross_entropy(logits.flatten(0, 1), expected.flatten(), label_smoothing=o.smoothing)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        tokens += int((~target_padding).sum())
    print(json.dumps({
        "engine": "PyTorch " + torch.__version__.split("+")[0],
        "target_tokens_per_second": tokens / (time.perf_counter() - start),
        "loss": loss.item(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))


if __name__ == "__main__":
    main()
