from __future__ import annotations

import pytest

from .conftest import MISSING


def test_the_simulation_runs_here() -> None:
    if MISSING:
        pytest.skip(MISSING)
