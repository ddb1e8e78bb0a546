"""Parameters that the code does not get right yet."""

from __future__ import annotations

from typing import Any

import pytest


def known_bug(reason: str, *values: Any) -> list[Any]:
    """Each of `values` as a parameter with which the test fails until the bug is mended."""
    return [pytest.param(value, marks=pytest.mark.xfail(strict=True, reason=reason)) for value in values]
