"""Arithmetic on samples: quartiles, noise, and ratios paired by round."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """First quartile, median, third quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def noise(values: Sequence[float]) -> float:
    """The distance of the quartiles over the median; 0 where the median is."""
    low, middle, high = quartiles(values)
    return (high - low) / middle if middle else 0.0


def paired(mine: Mapping[int, float], base: Mapping[int, float]) -> list[float]:
    """Mine over that of the base in the same round, for the rounds in which there are both."""
    return [mine[number] / base[number] for number in sorted(mine.keys() & base.keys()) if base[number]]


def median(values: Iterable[float]) -> float | None:
    """None where there are no values."""
    found = list(values)
    return statistics.median(found) if found else None
