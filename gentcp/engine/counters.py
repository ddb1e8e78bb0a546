"""What `inet:getstat/2` counts.

On the hot paths a message costs one comparison and one increment: as long as messages have the size of the one before,
only their number is noted (`size`, `run`), and the sums are made when somebody asks or another size comes:

    if counters.size == size:
        counters.run += 1
    else:
        counters.other(size)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from operator import truediv

_FEW = 64
"""Messages up to which the deviation is made one by one, as OTP does."""


class Counters:
    """Bytes (`oct`), calls or packets (`cnt`), the largest one (`max`) and the deviation (`dvi`) in one direction."""

    __slots__ = ("_cnt", "_dvi", "_each", "_max", "_oct", "run", "size")

    def __init__(self) -> None:
        self._oct: int = 0
        self._cnt: int = 0
        self._max: int = 0
        self._dvi: float = 0.0
        self._each: list[int] | None = None  # sizes that came once, before `size`
        self.size: int = -1
        self.run: int = 0

    def other(self, size: int) -> None:
        """Count one more of `size` bytes, which is not what the ones before had."""
        each = self._each
        if each is None:
            each = self._each = []
        if self.run == 1 and len(each) < _FEW:
            each.append(self.size)
        else:
            self._settle()
        self.size, self.run = size, 1

    def add(self, size: int) -> None:
        """Count one more of `size` bytes."""
        if self.size == size:
            self.run += 1
        else:
            self.other(size)

    def forget_size(self) -> None:
        """Whatever comes next is of another size."""
        self._settle()
        self.size = -1

    def add_run(self, size: int, count: int) -> None:
        """Count `count` more of `size` bytes each."""
        if count:
            self.add(size)
            self.run += count - 1

    def add_all(self, sizes: Sequence[int], overhead: int) -> None:
        """Count one more of each of these sizes and `overhead`."""
        if not sizes:
            return
        if sizes.count(sizes[0]) == len(sizes):
            self.add_run(sizes[0] + overhead, len(sizes))
        else:
            self._settle()
            self._count_each([size + overhead for size in sizes] if overhead else sizes)

    def add_bytes(self, count: int) -> None:
        """Count bytes of something that is not over yet."""
        self._oct += count

    def add_part(self, size: int) -> None:
        """Count a piece of something that is not over yet, and that may be the largest."""
        self._oct += size
        self._max = max(self._max, size)

    def add_call(self, size: int) -> None:
        """It is over, and had `size` bytes in all."""
        self._cnt += 1
        self._max = max(self._max, size)

    @property
    def oct(self) -> int:
        """Bytes."""
        self._settle()
        return self._oct

    @property
    def cnt(self) -> int:
        """Calls or packets."""
        self._settle()
        return self._cnt

    @property
    def max(self) -> int:
        """Bytes of the largest one."""
        self._settle()
        return self._max

    @property
    def dvi(self) -> float:
        """The deviation, a moving average of the distance to the average."""
        self._settle()
        return self._dvi

    @property
    def avg(self) -> int:
        """Bytes per call or packet."""
        return self.oct // self.cnt if self.cnt else 0

    def _settle(self) -> None:
        each, run = self._each, self.run
        if each:
            self._count_each(each)
            each.clear()
        self.run = 0
        if run:
            self._count_each([self.size] * min(run, _FEW))
        if run > _FEW:
            self._count_many(self.size, run - _FEW)

    def _count_each(self, sizes: Sequence[int]) -> None:
        self._max = max(self._max, *sizes)
        total, count, deviation = self._oct, self._cnt, self._dvi
        if count >= _FEW:
            self._count_in_c(sizes)
            return
        for size in sizes:
            total += size
            count += 1
            deviation += (size - total / count - deviation) / count
        self._oct, self._cnt, self._dvi = total, count, deviation

    def _count_in_c(self, sizes: Sequence[int]) -> None:
        """The same recurrence: `cnt * dvi` is the sum of all sizes without that of the averages on the way."""
        first, last = self._cnt, self._cnt + len(sizes)
        sums = list(accumulate(sizes, initial=self._oct))
        averages = sum(map(truediv, sums[1:], range(first + 1, last + 1)))
        self._dvi = (self._dvi * first + sums[-1] - sums[0] - averages) / last
        self._oct, self._cnt = sums[-1], last

    def _count_many(self, size: int, run: int) -> None:
        """The same recurrence, solved: with equal sizes `cnt * dvi` falls by a constant over 1, 2, 3, ... in turn."""
        first, last = self._cnt, self._cnt + run
        total = self._dvi * first - (self._oct - first * size) * (_harmonic(last) - _harmonic(first))
        self._oct += run * size
        self._cnt = last
        self._dvi = total / last


def _harmonic(number: int) -> float:
    """1 + 1/2 + ... + 1/number but for a constant, to 12 digits from 64 on."""
    inverse = 1 / number
    return math.log(number) + inverse / 2 - inverse**2 / 12 + inverse**4 / 120


STATISTICS = (
    "recv_oct", "recv_cnt", "recv_max", "recv_avg", "recv_dvi",
    "send_oct", "send_cnt", "send_max", "send_avg", "send_pend",
)  # fmt: skip
"""In the order of `inet:getstat/1`."""
