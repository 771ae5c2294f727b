#!/usr/bin/env python3
"""Training throughput of PyTorch on a CPU: the peer of tools/bench/training.

The Transformer of torch.nn with tied embeddings, label smoothing and dropout, in eager mode, batches of like length
padded to their longest sentence. Prints one line of JSON. Needs torch and sentencepiece."""

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
    model = Translator(pieces.get_piece_size(), o)
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
