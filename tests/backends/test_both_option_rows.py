"""The table of options is true: each row, on each backend and each kind of socket."""

from __future__ import annotations

import pytest

from gentcp.options import TABLE, Option

from ..support.option_rows import FAMILIES, Row, said, seen
from .conftest import BACKENDS


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_row_says_what_sockets_do(backend: str, option: Option, family: str) -> None:
    row = Row(option, backend, family)
    expected = said(row)
    assert seen(row, backend, expected) == expected
