"""Trains the networks of bench/training with PyTorch on the CPU and says how fast that was.

Cases come as JSON lines on standard input, each with the layers that Gradsmith trains, and are answered with one line each:
{"imagesPerSecond": ...}. Images are random and in memory; a step is forward, loss, backward and update; losses are read every
eight steps, as Gradsmith does. Images are kept channels last, PyTorch's faster layout for convolutions on CPUs.
"""

import json
import sys
import time

import torch
from torch import nn

from torch_networks import build_optimizer, to_modules

READ_LOSS_EVERY = 8


def images_per_second(case):
    torch.manual_seed(0)
    torch.set_num_threads(case["threads"])
    shape, batch, steps = case["input"], case["batchSize"], case["steps"]
    network = to_modules(case["layers"], shape)
    images = len(shape) == 3
    inputs = torch.randn(batch * steps, *([shape[2], shape[0], shape[1]] if images else shape))
    if images:
        network = network.to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
    labels = torch.randint(0, case["classes"], (batch * steps,))
    optimizer = build_optimizer(case["optimizer"], network.parameters())
    compute_loss = nn.CrossEntropyLoss()

    def run():
        pending = []
        for step in range(steps):
            at = slice(step * batch, (step + 1) * batch)
            optimizer.zero_grad(set_to_none=True)
            loss = compute_loss(network(inputs[at]), labels[at])
            loss.backward()
            optimizer.step()
            pending.append(loss.detach())
            if len(pending) == READ_LOSS_EVERY:
                torch.stack(pending).tolist()
                pending = []
        if pending:
            torch.stack(pending).tolist()

    start = time.perf_counter()
    run()
    return batch * steps / (time.perf_counter() - start)


def main():
    for line in sys.stdin:
        print(json.dumps({"imagesPerSecond": images_per_second(json.loads(line)), "torch": torch.__version__}), flush=True)


main()
