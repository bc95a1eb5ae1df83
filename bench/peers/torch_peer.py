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

READ_LOSS_EVERY = 8


def to_modules(layers, shape):
    """torch modules of a layered description; shape is [height, width, channels] or [features] of one example."""
    modules = []
    for layer in layers:
        kind = layer["type"]
        if kind == "conv":
            assert layer["padding"] == "same" and layer["stride"] == 1
            kernel, filters = layer["kernel"], layer["filters"]
            modules.append(nn.Conv2d(shape[2], filters, kernel, padding=kernel // 2, bias=layer["bias"]))
            shape = [shape[0], shape[1], filters]
        elif kind == "batch-norm":
            norm = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
            modules.append(norm(shape[-1], eps=layer["epsilon"], momentum=1 - layer["momentum"]))
        elif kind == "activation":
            assert layer["function"] == "relu"
            modules.append(nn.ReLU())
        elif kind == "dropout":
            if layer["rate"] > 0:
                modules.append(nn.Dropout(layer["rate"]))
        elif kind == "pool":
            size, stride, same = layer["size"], layer["stride"], layer["padding"] == "same"
            modules.append(nn.MaxPool2d(size, stride, ceil_mode=same))
            shape = [-(-side // stride) if same else (side - size) // stride + 1 for side in shape[:2]] + shape[2:]
        elif kind == "dense":
            if len(shape) == 3:
                modules.append(nn.Flatten())
            features = 1
            for side in shape:
                features *= side
            modules.append(nn.Linear(features, layer["units"], bias=layer["bias"]))
            shape = [layer["units"]]
        else:
            raise ValueError(f"no torch module for {kind}")
    return nn.Sequential(*modules)


def optimizer_of(settings, parameters):
    if settings["name"] == "adadelta":
        return torch.optim.Adadelta(parameters, lr=settings["learningRate"], rho=settings["rho"], eps=settings["epsilon"])
    if settings["name"] == "adam":
        return torch.optim.Adam(parameters, lr=settings["learningRate"])
    raise ValueError(f"no torch optimizer for {settings['name']}")


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
    optimizer = optimizer_of(case["optimizer"], network.parameters())
    loss_of = nn.CrossEntropyLoss()

    def run():
        pending = []
        for step in range(steps):
            at = slice(step * batch, (step + 1) * batch)
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(network(inputs[at]), labels[at])
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
