"""What `inet:getstat/2` counts."""

from __future__ import annotations


class Counters:
    """Bytes (`oct`), calls or packets (`cnt`), the largest one (`max`) and the deviation (`dvi`) in one direction."""

    __slots__ = ("cnt", "dvi", "max", "oct")

    def __init__(self) -> None:
        self.oct: int = 0
        self.cnt: int = 0
        self.max: int = 0
        self.dvi: float = 0.0

    def add(self, size: int) -> None:
        """Count one more of `size` bytes."""
        self.oct += size
        self.cnt += 1
        if size > self.max:
            self.max = size

    @property
    def avg(self) -> int:
        """Bytes per call or packet."""
        return self.oct // self.cnt if self.cnt else 0


STATISTICS = (
    "recv_oct", "recv_cnt", "recv_max", "recv_avg", "recv_dvi",
    "send_oct", "send_cnt", "send_max", "send_avg", "send_pend",
)  # fmt: skip
"""In the order of `inet:getstat/1`."""
