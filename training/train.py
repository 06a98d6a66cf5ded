"""Trains the encoder.

    python -m training.train --pack .train/pack --out .train/out --steps N [--seed 7]

Everything random comes from the seed; a GPU's own summation order still makes two runs differ in the last digits.
``--minutes`` instead of ``--steps`` measures the machine's speed first and says how many steps that gives.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.augment import survey, views
from training.data import Data, load
from training.loss import SubcentreMargin, easiest_positive
from training.model import DIMENSIONS, Encoder, average
from training.validate import laid_plain, retrieval


class Sampler:
    """Batches of two drawings each of so many classes: rows and labels."""

    def __init__(self, data: Data, pairs: int, seed: int) -> None:
        self.data, self.pairs = data, pairs
        self.rng = np.random.default_rng(seed)
        self.classes = np.arange(len(data.members))

    def draw(self, device: torch.device) -> tuple[Tensor, Tensor]:
        picked = self.rng.choice(self.classes, self.pairs, replace=False, p=self.data.weights)
        rows = [self.data.members[c][int(self.rng.integers(len(self.data.members[c])))] for c in (*picked, *picked)]
        return torch.tensor(rows, device=device), torch.from_numpy(np.concatenate([picked, picked])).to(device)


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Linear warm-up over one part in twenty, then half a cosine."""
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))


class Trainer:
    def __init__(self, data: Data, options: argparse.Namespace, device: torch.device) -> None:
        self.data, self.options, self.device = data, options, device
        self.atlas = survey(data.pictures)
        self.encoder = Encoder(options.side).to(device)
        # a GPU's convolutions are faster with the channels last
        self.layout = torch.channels_last if device.type == "cuda" else torch.contiguous_format
        self.encoder.to(memory_format=self.layout)
        self.encoder.trunk.load_imagenet(options.pack / "trunk.npz")
        self.margin = SubcentreMargin(len(data.members), DIMENSIONS, options.centres, options.scale).to(device)
        if options.start:
            self.encoder.load_state_dict(torch.load(options.start, map_location=device, weights_only=True)["state"])
        self.smooth = copy.deepcopy(self.encoder).eval()
        if options.start:
            self._place_centres()
        decayed = [p for p in self.encoder.parameters() if p.ndim > 1]
        others = [p for p in self.encoder.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": 0.03, "pace": 1.0},
                {"params": others, "weight_decay": 0.0, "pace": 1.0},
                {"params": list(self.margin.parameters()), "weight_decay": 0.0, "pace": 3.0},
            ],
            lr=options.rate,
            fused=device.type == "cuda",
        )
        self.sampler = Sampler(data, options.pairs, options.seed)

    @torch.no_grad()
    def _place_centres(self) -> None:
        """Begin with each class's centres on drawings of it, as the encoder sees them already."""
        rows = [members[k % len(members)] for k in range(self.options.centres) for members in self.data.members]
        self.encoder.eval()
        parts = torch.tensor(rows, device=self.device).split(1024)
        vectors = [self.encoder(laid_plain(self.atlas, part, self.options.side)) for part in parts]
        self.margin.weight.copy_(torch.cat(vectors) + 0.01 * torch.randn_like(self.margin.weight))

    def step(self, step: int, steps: int) -> tuple[Tensor, Tensor]:
        rows, labels = self.sampler.draw(self.device)
        with torch.no_grad():
            pictures = views(self.atlas, rows, self.data.pages, self.options.side)
            pictures = pictures.contiguous(memory_format=self.layout)
        rate = learning_rate(step, steps, self.options.rate)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["pace"]
        margin = self.options.margin * min(1.0, step / max(1, steps // 8))
        self.encoder.train()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"):
            vectors = self.encoder(pictures)
        vectors = vectors.float()
        classified = self.margin(vectors, labels, margin)
        contrasted = easiest_positive(vectors, labels, self.options.temperature)
        self.optimiser.zero_grad(set_to_none=True)
        (classified + self.options.contrast * contrasted).backward()
        nn.utils.clip_grad_norm_(self.encoder.parameters(), 10.0)
        self.optimiser.step()
        average(self.smooth, self.encoder, min(self.options.decay, (step + 1) / (step + 20)))
        return classified, contrasted

    @torch.no_grad()
    def figures(self) -> dict[str, float]:
        def embed(pictures: Tensor) -> Tensor:
            with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"):
                return self.smooth(pictures).float()

        # trying out algorithms for every odd batch size would take longer than the figures
        torch.backends.cudnn.benchmark = False
        found = retrieval(self.data, self.atlas, embed, self.options.side)
        torch.backends.cudnn.benchmark = True
        return found

    def save(self, path: Path, about: dict[str, object]) -> None:
        """The averaged weights in half precision."""
        state = {k: v.half() if v.is_floating_point() else v for k, v in self.smooth.state_dict().items()}
        torch.save({"state": {k: v.cpu().contiguous() for k, v in state.items()}, "about": about}, path)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the logo encoder.")
    parser.add_argument("--pack", type=Path, default=Path(".train/pack"))
    parser.add_argument("--out", type=Path, default=Path(".train/out"))
    parser.add_argument("--steps", type=int)
    parser.add_argument("--until", type=int, help="stop after so many of the steps that the schedule is made for")
    parser.add_argument("--minutes", type=float, help="train as many steps as this machine makes in so many minutes")
    parser.add_argument("--start", type=Path, help="go on from this encoder.pt (its classes are learned anew)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--pairs", type=int, default=512)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--margin", type=float, default=0.3)
    parser.add_argument("--scale", type=float, default=32.0)
    parser.add_argument("--centres", type=int, default=3)
    parser.add_argument("--contrast", type=float, default=0.5)
    parser.add_argument("--temperature", type=float, default=0.07)
    parser.add_argument("--decay", type=float, default=0.998)
    parser.add_argument("--words", type=int, default=3000)
    parser.add_argument("--pages", type=int, default=512)
    parser.add_argument("--limit", type=int, help="so many icons only, to try the command out")
    parser.add_argument("--every", type=int, default=500, help="steps between figures")
    return parser.parse_args()


def main() -> None:
    options = parsed()
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    data = load(options.pack, words=options.words, pages=options.pages, seed=options.seed, limit=options.limit)
    trainer = Trainer(data, options, device)
    print(
        f"{len(data.pictures)} drawings, {len(data.members)} classes, ready after {time.monotonic() - began:.0f} s",
        flush=True,
    )
    steps = options.steps or _pace(trainer, options.minutes)
    print(f"steps {steps}", flush=True)
    started = time.monotonic()
    about: dict[str, object] = {
        "options": {k: str(v) for k, v in vars(options).items()},
        "steps": steps,
        "torch": str(torch.__version__),
    }
    for step in range(steps):
        losses = trainer.step(step, steps)
        if step % 100 == 0:
            print(
                f"{step} {time.monotonic() - started:.0f}s " + " ".join(f"{float(v.detach()):.3f}" for v in losses),
                flush=True,
            )
        last = step + 1 == min(steps, options.until or steps)
        if (step + 1) % options.every == 0 or last:
            about |= {"step": step + 1, "seconds": round(time.monotonic() - started, 1)}
            trainer.save(options.out / "encoder.pt", about)
            about["validation"] = trainer.figures()
            print(json.dumps(about["validation"]), flush=True)
            trainer.save(options.out / "encoder.pt", about)
        if last:
            break
    (options.out / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def _pace(trainer: Trainer, minutes: float) -> int:
    """Steps in so many minutes, from a few steps at no learning rate worth the name."""
    taken = 0.0
    for turns in (4, 10):
        began = time.monotonic()
        for _ in range(turns):
            losses = trainer.step(0, 10**9)
        float(losses[0].detach())
        taken = (time.monotonic() - began) / turns
    print(f"{taken * 1000:.0f} ms a step of {2 * trainer.options.pairs} views", flush=True)
    return int(minutes * 60 / taken)


if __name__ == "__main__":
    main()
