"""Drawing from a seed.

Everything comes from `random.Random.random`, the one method whose numbers Python promises to keep for a seed: so a
program is the same on every machine and with every version.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Draw:
    """Draws of one program, by its seed, its number and its area."""

    def __init__(self, seed: int, number: int, area: str) -> None:
        self._random = random.Random(f"{seed}/{number}/{area}").random  # noqa: S311  no secret

    def pick(self, among: Sequence[_T]) -> _T:
        """One of them, each as often as it is there."""
        return among[int(self._random() * len(among))]

    def chance(self, share: float) -> bool:
        """True in so many of the cases."""
        return self._random() < share

    def number(self, least: int, most: int) -> int:
        """A number, both ends included."""
        return least + int(self._random() * (most - least + 1))

    def data(self, size: int) -> bytes:
        """So many bytes."""
        return bytes(self.number(0, 255) for _ in range(size))

    def weighted(self, weights: Sequence[tuple[_T, float]]) -> _T:
        """One of them, by weight."""
        left = self._random() * sum(weight for _, weight in weights)
        for value, weight in weights:
            left -= weight
            if left < 0:
                return value
        return weights[-1][0]

    def some(self, among: Sequence[_T], count: int) -> list[_T]:
        """So many different ones."""
        left, found = list(among), list[_T]()
        for _ in range(min(count, len(left))):
            found.append(left.pop(int(self._random() * len(left))))
        return found
