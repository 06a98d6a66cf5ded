"""Loss of the encoder: a margin softmax over brands, and a contrast between drawings of one brand and all others."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SubcentreMargin(nn.Module):
    """Additive angular margin over brands with several centres each (Deng et al. 2019, arXiv:1801.07698; 2020, sub-centre ArcFace).

    A brand's mark and its wordmark look nothing alike; with one centre they would be forced onto each other.
    """

    def __init__(self, classes: int, dimensions: int, centres: int, scale: float) -> None:
        super().__init__()
        self.centres, self.scale = centres, scale
        self.weight = nn.Parameter(torch.randn(centres * classes, dimensions) * 0.05)

    def forward(self, vectors: Tensor, labels: Tensor, margin: float) -> Tensor:
        cosine = vectors @ F.normalize(self.weight, dim=1).T
        cosine = cosine.view(len(vectors), self.centres, -1).amax(dim=1)
        own = cosine.gather(1, labels[:, None]).clamp(-1 + 1e-6, 1 - 1e-6)
        shifted = torch.cos(torch.acos(own) + margin)
        # past pi - margin the cosine would rise again
        shifted = torch.where(own > -torch.cos(torch.tensor(margin)).item(), shifted, own - margin * 0.5)
        return F.cross_entropy(self.scale * cosine.scatter(1, labels[:, None], shifted), labels)


def easiest_positive(vectors: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Each drawing shall be nearer to *some* drawing of its brand in the batch than to any of another.

    Compare MIL-NCE, arXiv:1912.06430.
    """
    logits = vectors @ vectors.T / temperature
    same = labels[:, None] == labels[None, :]
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    everyone = torch.logsumexp(logits.masked_fill(itself, -1e4), dim=1)
    kin = torch.logsumexp(logits.masked_fill(~same | itself, -1e4), dim=1)
    has = (same & ~itself).any(dim=1)
    return ((everyone - kin) * has).sum() / has.sum().clamp(min=1)
