"""How many inputs the differential tests compare: GENTCP_DIFFERENTIAL in all, and those are other ones in each run.

Without it there are a few, always the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

TOTAL = int(os.environ.get("GENTCP_DIFFERENTIAL", "0"))
PROPERTY = "inputs compared"
"""What a test records about itself; the summary of a run has the sum."""


def share(part: float, tests: int, otherwise: int) -> int:
    """Inputs for each of so many `tests`, which make `part` of all; `otherwise` when none are asked for."""
    return -int(-TOTAL * part // tests) or otherwise


def as_often(examples: int) -> settings:
    """Settings of a test: where one side waits in vain, shrinking takes for ever, so that is left out."""
    return settings(
        max_examples=examples, derandomize=not TOTAL, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )  # fmt: skip


class Count:
    """Of the inputs that one test has compared."""

    def __init__(self, record: Callable[[str, Any], None]) -> None:
        self._record = record
        self.inputs = 0

    def check(self, wanted: int) -> None:
        """As many as wanted; a strategy that finds nothing new ends a test early."""
        self._record(PROPERTY, self.inputs)
        assert self.inputs >= wanted
