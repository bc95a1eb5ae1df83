"""torch modules and optimizers for what Gradsmith describes in JSON."""

import torch
from torch import nn


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
