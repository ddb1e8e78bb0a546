"""What tests depend on: the interpreter, and what the code does not get right yet."""

from __future__ import annotations

import sys
from typing import Any

import pytest

FREE_THREADED: bool = not getattr(sys, "_is_gil_enabled", lambda: True)()
"""The interpreter runs without its lock.  Memory that another thread has let go of is then free only when the thread
that asked for it runs again (PEP 703, biased reference counting), so bounds of memory are not sharp."""


def known_bug(reason: str, *values: Any) -> list[Any]:
    """Each of `values` as a parameter with which the test fails until the bug is mended."""
    return [pytest.param(value, marks=pytest.mark.xfail(strict=True, reason=reason)) for value in values]
