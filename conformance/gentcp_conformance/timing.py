"""Which cases depend on the clock, so that a machine busy with something else may change their outcome."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .case import Case

# What measures how long a call takes, or looks after a grace whether it has come back.
_CLOCKS = re.compile(r"\b(monotonic|outcome|timed)\b")


def is_timed(case: Case) -> bool:
    """Whether the code of a case, its helpers included, measures durations or looks at something after a grace."""
    return _CLOCKS.search(case.code) is not None
