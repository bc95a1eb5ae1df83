"""Repeats trainings with PyTorch from given first weights on given batches, and prints the loss of every step.

Trainings come as JSON lines on standard input: layers, input shape, classes, optimizer, steps, the precision to compute in, the
parameters' names and shapes, and the folder with their first values and the batches, float32 in the machine's order. Answered with one line
each: {"losses": [...]}. Convolution filters come as [height, width, in, out], images as [batch, height, width, channels].
"""

import json
import os
import sys

import numpy
import torch
from torch import nn

from torch_networks import build_optimizer, to_modules


def read(folder, name, shape):
    values = numpy.fromfile(os.path.join(folder, name), dtype=numpy.float32)
    return torch.from_numpy(values).to(torch.get_default_dtype()).reshape(shape)


def set_parameters(network, training):
    """Both sides name parameters in the order of the layers, weights before biases and gamma before beta."""
    ours = training["parameters"]
    theirs = list(network.parameters())
    assert len(ours) == len(theirs), (len(ours), len(theirs))
    with torch.no_grad():
        for i, (parameter, entry) in enumerate(zip(theirs, ours)):
            value = read(training["folder"], f"parameter-{i}", entry["shape"])
            if len(entry["shape"]) == 4:
                value = value.permute(3, 2, 0, 1)
            elif len(entry["shape"]) == 2:
                value = value.T
            assert parameter.shape == value.shape, (entry, parameter.shape)
            parameter.copy_(value)


def compute_losses(training):
    torch.set_num_threads(training["threads"])
    torch.set_default_dtype(getattr(torch, training["precision"]))
    network = to_modules(training["layers"], training["input"])
    set_parameters(network, training)
    network = network.to(memory_format=torch.channels_last)
    optimizer = build_optimizer(training["optimizer"], network.parameters())
    compute_loss = nn.CrossEntropyLoss()
    losses = []
    for step in range(training["steps"]):
        x = read(training["folder"], f"inputs-{step}", [-1, *training["input"]])
        if x.dim() == 4:
            x = x.permute(0, 3, 1, 2)
        labels = read(training["folder"], f"labels-{step}", [-1, training["classes"]]).argmax(1)
        optimizer.zero_grad(set_to_none=True)
        loss = compute_loss(network(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


for line in sys.stdin:
    print(json.dumps({"losses": compute_losses(json.loads(line))}), flush=True)
