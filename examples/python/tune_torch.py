"""Tune a small network of PyTorch with Gradsmith, so that no kill -9 costs more than one epoch.

    pip install torch ./clients/python
    python examples/python/tune_torch.py                 # creates the study and works on it
    python examples/python/tune_torch.py                 # more processes, here or elsewhere, work on the same study

After each epoch, the program writes a checkpoint and reports the validation loss. If it dies, its trial goes to another
program when the lease is over. That one continues from the checkpoint, so --checkpoints has to be a folder that all
programs see. Trials that do worse than the median at the same epoch are pruned.
"""

import argparse
import logging
import math
import os
from pathlib import Path

import torch
from torch import nn

import gradsmith

SPACE = {
    "width": gradsmith.Int(4, 64, log=True),
    "lr": gradsmith.Float(1e-3, 1e-1, log=True),
    "optimizer": gradsmith.Categorical(["adam", "sgd"]),
    "momentum": gradsmith.Float(0.0, 0.95, when={"optimizer": ["sgd"]}),
}


def make_spirals(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points of two spirals, and which spiral each is of."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 2
    radius = torch.rand(count, generator=random) * 0.9 + 0.1
    angle = radius * 2.5 * math.pi + labels * math.pi
    points = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
    return points + 0.02 * torch.randn(count, 2, generator=random), labels


class Training:
    """A network, its optimizer and its progress; all of it is in the checkpoint."""

    def __init__(self, params: dict, seed: int, checkpoint: Path) -> None:
        torch.manual_seed(seed)
        width, lr = params["width"], params["lr"]
        self.network = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh())
        self.network.append(nn.Linear(width, 2))
        parameters = self.network.parameters()
        if params["optimizer"] == "adam":
            self.optimizer = torch.optim.Adam(parameters, lr)
        else:
            self.optimizer = torch.optim.SGD(parameters, lr, params["momentum"])
        self.epoch = 0
        self.random = torch.Generator().manual_seed(seed)
        self.checkpoint = checkpoint
        if checkpoint.exists():
            self.load()

    def load(self) -> None:
        """Continue where the last attempt at this trial was."""
        state = torch.load(self.checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.random.set_state(state["random"])
        self.epoch = state["epoch"]

    def save(self) -> None:
        """Write the checkpoint; a kill in the middle leaves the one before."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": self.random.get_state(),
            "epoch": self.epoch,
        }
        partial = self.checkpoint.with_suffix(f".{os.getpid()}")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def train_epoch(self, points: torch.Tensor, labels: torch.Tensor) -> None:
        """Train on each example once."""
        for batch in torch.randperm(len(points), generator=self.random).split(50):
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.network(points[batch]), labels[batch]).backward()
            self.optimizer.step()
        self.epoch += 1

    def measure(self, points: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
        """Return the loss and the accuracy."""
        with torch.no_grad():
            scores = self.network(points)
        accuracy = (scores.argmax(1) == labels).float().mean()
        return nn.functional.cross_entropy(scores, labels).item(), accuracy.item()


def main() -> None:
    """Work on the study until it has finished, and print the best trial."""
    parser = argparse.ArgumentParser(description="Tune a network of PyTorch with Gradsmith.")
    parser.add_argument("--url", default=os.environ.get("GRADSMITH_URL", "http://localhost:8080"))
    parser.add_argument("--study", default="spirals", help="name of the study; it is created if there is none")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--lease", default="60s", help="how long a killed program keeps its trial")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"))
    arguments = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    study = gradsmith.Client(arguments.url).study(
        arguments.study, SPACE, n_trials=arguments.trials, metric="loss", pruning="median", seed=1
    )
    print(f"study {study.name}: {study.url}", flush=True)
    folder = arguments.checkpoints / study.id
    folder.mkdir(parents=True, exist_ok=True)
    train, validation = make_spirals(500, seed=1), make_spirals(200, seed=2)

    def objective(trial: gradsmith.Trial) -> float:
        training = Training(trial.params, trial.seed, folder / f"{trial.number}.pt")
        print(f"trial {trial.number} starts after epoch {training.epoch}", flush=True)
        while training.epoch < arguments.epochs:
            training.train_epoch(*train)
            loss, _ = training.measure(*validation)
            training.save()
            trial.report(loss, step=training.epoch)
            print(f"trial {trial.number} epoch {training.epoch}", flush=True)
            if trial.should_prune():
                raise gradsmith.TrialPruned
        loss, trial.metrics["accuracy"] = training.measure(*validation)
        return loss

    study.optimize(objective, lease=arguments.lease)
    best = study.best_trial
    print(f"best: {best.value:.4f} in trial {best.number}, {best.params}")


if __name__ == "__main__":
    main()
