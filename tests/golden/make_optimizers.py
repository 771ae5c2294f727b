#!/usr/bin/env python3
"""Makes optimizers.json: the parameters after each of some updates by PyTorch's optimisers.

Run it with a Python that has torch (2.x): tests/golden/make_optimizers.py > tests/golden/optimizers.json
"""
import json

import torch

RATES = [0.1, 0.05, 0.05, 0.02, 0.01, 0.01]
CASES = [
    ("sgd", [], 0.0),
    ("sgd", [0.9], 0.0),
    ("sgd", [0.9], 0.01),
    ("adagrad", [1e-8], 0.0),
    ("adagrad", [1e-8], 0.1),
    ("adam", [0.9, 0.98, 1e-9], 0.0),
    ("adam", [0.9, 0.999, 1e-8], 0.1),
    ("adamw", [0.9, 0.98, 1e-9], 0.2),
]


def optimizer(kind, params, decay, parameter):
    if kind == "sgd":
        return torch.optim.SGD([parameter], lr=1, momentum=params[0] if params else 0, weight_decay=decay)
    if kind == "adagrad":
        return torch.optim.Adagrad([parameter], lr=1, eps=params[0], weight_decay=decay)
    make = torch.optim.Adam if kind == "adam" else torch.optim.AdamW
    return make([parameter], lr=1, betas=tuple(params[:2]), eps=params[2], weight_decay=decay)


def main():
    torch.manual_seed(1)
    start = torch.randn(7)
    gradients = torch.randn(len(RATES), 7) * torch.tensor([1.0, 1e-3, 10.0, 1.0, 0.1, 1e-6, 1.0])
    gradients[2:4, 3] = 0
    cases = []
    for kind, params, decay in CASES:
        parameter = torch.nn.Parameter(start.clone())
        optimiser = optimizer(kind, params, decay, parameter)
        after = []
        for rate, gradient in zip(RATES, gradients):
            optimiser.param_groups[0]["lr"] = rate
            parameter.grad = gradient.clone()
            optimiser.step()
            after.append(parameter.detach().tolist())
        cases.append({"optimizer": kind, "params": params, "weight_decay": decay, "after": after})
    result = {"rates": RATES, "start": start.tolist(), "gradients": gradients.tolist(), "cases": cases}
    print(json.dumps(json.loads(json.dumps(result), parse_float=lambda text: float(f"{float(text):.9g}"))))


if __name__ == "__main__":
    main()
