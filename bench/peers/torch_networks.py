"""torch modules and optimizers for what Gradsmith describes in JSON."""

import torch
from torch import nn


class Shortcut(nn.Module):
    """Every stride-th pixel, with channels of zeros added."""

    def __init__(self, stride, added):
        super().__init__()
        self.stride, self.added = stride, added

    def forward(self, x):
        return nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))


class GlobalAveragePool(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class Add(nn.Module):
    def forward(self, *inputs):
        return sum(inputs[1:], inputs[0])


class Embedding(nn.Module):
    """A vector for each token, as an image of width 1. Its weights are [channels, vocabulary]."""

    def __init__(self, vocabulary, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, vocabulary))

    def forward(self, x):
        return nn.functional.embedding(x.long(), self.weight.T).transpose(1, 2).unsqueeze(3)


class Position(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))

    def forward(self, x):
        return x + self.weight.permute(2, 0, 1)


class ChannelNorm(nn.Module):
    """Layer norm of each place of an image."""

    def __init__(self, channels, epsilon):
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps=epsilon)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Attention(nn.Module):
    """Self-attention over the places of an image."""

    def __init__(self, channels, heads):
        super().__init__()
        self.attention = nn.MultiheadAttention(channels, heads, bias=False, batch_first=True)

    def forward(self, x):
        tokens = x.flatten(2).transpose(1, 2)
        return self.attention(tokens, tokens, tokens, need_weights=False)[0].transpose(1, 2).reshape(x.shape)


class Graph(nn.Module):
    """Layers of which some take the outputs of layers that are not just before them."""

    def __init__(self, modules, sources):
        super().__init__()
        self.modules_in_order = nn.ModuleList(modules)
        self.sources = sources

    def forward(self, x):
        outputs = {-1: x}
        for i, (module, sources) in enumerate(zip(self.modules_in_order, self.sources)):
            outputs[i] = module(*[outputs[source] for source in sources])
        return outputs[len(self.sources) - 1]


def list_sources(layers):
    """Positions of the layers whose outputs each layer takes; -1 is the input of the network."""
    at = {layer["name"]: i for i, layer in enumerate(layers)}
    names = [layer.get("inputs", [layer.get("input")]) for layer in layers]
    return [[i - 1 if name is None else at[name] for name in each] for i, each in enumerate(names)]


def to_modules(layers, shape):
    """The torch network of a layered description; shape is that of one example, such as [height, width, channels]."""
    sources = list_sources(layers)
    if any(each != [i - 1] for i, each in enumerate(sources)):
        shapes, modules = {-1: shape}, []
        for i, layer in enumerate(layers):
            made, shapes[i] = to_sequence([layer], shapes[sources[i][0]])
            modules.append(made[0] if len(made) == 1 else nn.Sequential(*made))
        return Graph(modules, sources)
    return nn.Sequential(*to_sequence(layers, shape)[0])


def to_sequence(layers, shape):
    """Modules of layers one after the other, and the shape of their output."""
    modules = []
    for layer in layers:
        kind = layer["type"]
        if kind == "conv":
            kernel, filters, stride = layer["kernel"], layer["filters"], layer["stride"]
            assert layer["padding"] == "symmetric" or layer["padding"] == "same" and (stride == 1 or kernel == 1)
            modules.append(nn.Conv2d(shape[2], filters, kernel, stride, kernel // 2, bias=layer["bias"]))
            shape = [-(-shape[0] // stride), -(-shape[1] // stride), filters]
        elif kind == "shortcut":
            modules.append(Shortcut(layer["stride"], layer["filters"] - shape[2]))
            shape = [-(-side // layer["stride"]) for side in shape[:2]] + [layer["filters"]]
        elif kind == "global-average-pool":
            modules.append(GlobalAveragePool())
            shape = shape[2:]
        elif kind == "embedding":
            modules.append(Embedding(layer["vocabulary"], layer["channels"]))
            shape = [shape[0], 1, layer["channels"]]
        elif kind == "position":
            modules.append(Position(shape))
        elif kind == "layer-norm":
            assert layer["over"] == "channels"
            modules.append(ChannelNorm(shape[2], layer["epsilon"]))
        elif kind == "attention":
            modules.append(Attention(shape[2], layer["heads"]))
        elif kind == "add":
            modules.append(Add())
        elif kind == "batch-norm":
            norm = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
            modules.append(norm(shape[-1], eps=layer["epsilon"], momentum=1 - layer["momentum"]))
        elif kind == "activation":
            modules.append({"relu": nn.ReLU, "gelu": nn.GELU}[layer["function"]]())
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
    return modules, shape


def build_optimizer(settings, parameters):
    if settings["name"] == "adadelta":
        return torch.optim.Adadelta(parameters, lr=settings["learningRate"], rho=settings["rho"], eps=settings["epsilon"])
    if settings["name"] == "adam":
        return torch.optim.Adam(parameters, lr=settings["learningRate"])
    if settings["name"] in ("sgd", "momentum"):
        return torch.optim.SGD(parameters, lr=settings["learningRate"], momentum=settings.get("momentum", 0))
    raise ValueError(f"no torch optimizer for {settings['name']}")
