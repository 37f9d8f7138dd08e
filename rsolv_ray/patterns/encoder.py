"""What vector stands for a piece of code?

Each feature has a fixed sparse row of `NONZERO` signs, read off its blake2b digest (so no table, no stored seed and no
collisions of whole features); the code's vector is the weighted sum of the rows, made one long. The first coordinate is
the same for all code: it moves cosines so that `insights.THRESHOLD` means what it says, and changes no order.
Sums are taken in whole numbers: the same bits come out in any batch, on any machine and device.
Source: Li, Hastie and Church, "Very sparse random projections", KDD 2006; Weinberger et al., "Feature hashing for
large scale multitask learning", ICML 2009.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import torch

from rsolv_ray.patterns.features import CodeSample, features

VERSION = "hash-v1"
NONZERO = 16
COMMON = 0.4
"""The share of a cosine that all code has in common: 0.4 + 0.6 * 0.5 = 0.7, so two pieces are similar when the cosine
of what they really hold exceeds 0.5, where precision and recall of "the same weakness" balance (docs/patterns.md)."""

_SCALE = 1 << 12
_EMPTY = {"<empty>": 1.0}


class Encoder:
    """Code to unit vectors of float32. `name` says what made a vector: only those of one name can be compared.

    Args:
        dim: length of a vector, 2 to 2^31.
        device: a torch device, or `auto`: cuda where there is one, else cpu.
    """

    def __init__(self, dim: int = 256, device: str = "auto") -> None:
        if dim < 2:
            raise ValueError(f"a vector needs at least 2 numbers, not {dim}")
        self.dim = dim
        self.name = f"{VERSION}-{dim}"
        self.device = torch.device(_best_device() if device == "auto" else device)

    def encode(self, samples: Sequence[CodeSample]) -> torch.Tensor:
        """Unit vectors of shape (len(samples), dim), float32, on `device`; each depends on its own sample alone.

        Code without tokens has a vector too, the same for all such code and near to nothing else.
        """
        content = self._content(samples)
        # Below 2^53 a whole number is exact as float64, and IEEE division and square root are exact to the last bit.
        squares = (content * content).sum(dim=1, keepdim=True).to(torch.float64)
        held = content.to(torch.float64) / squares.sqrt() * math.sqrt(1 - COMMON)
        common = torch.full((len(samples), 1), math.sqrt(COMMON), dtype=torch.float64, device=self.device)
        return torch.cat([common, held], dim=1).to(torch.float32)

    def _content(self, samples: Sequence[CodeSample]) -> torch.Tensor:
        """Sums of the features' rows, shape (len(samples), dim - 1), int64, no row all zero."""
        width = self.dim - 1
        places: list[np.ndarray] = []
        values: list[np.ndarray] = []
        for number, sample in enumerate(samples):
            columns, amounts = _rows(features(sample) or _EMPTY, width)
            places.append(columns + number * width)
            values.append(amounts)
        flat = torch.zeros(len(samples) * width, dtype=torch.int64, device=self.device)
        if places:
            where = torch.from_numpy(np.concatenate(places)).to(self.device)
            flat.index_add_(0, where, torch.from_numpy(np.concatenate(values)).to(self.device))
        content = flat.view(len(samples), width)
        content[:, 0] += (content == 0).all(dim=1)
        return content


def _rows(weighted: dict[str, float], width: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the features' rows are not zero, and with what: two int64 arrays of `NONZERO` entries a feature."""
    digests = b"".join(
        blake2b(feature.encode("utf-8", "replace"), digest_size=4 * NONZERO, person=VERSION.encode()).digest()
        for feature in weighted
    )
    bits = np.frombuffer(digests, dtype="<u4").astype(np.int64)
    amounts = np.rint(np.fromiter(weighted.values(), dtype=np.float64) * _SCALE).astype(np.int64)
    signs = 1 - 2 * (bits & 1)
    return (bits >> 1) % width, signs * np.repeat(amounts, NONZERO)


def _best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
