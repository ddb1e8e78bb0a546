"""docs/coverage.md is what the inventory, the index of uses, the recordings and the reasons come to."""

from __future__ import annotations

from pathlib import Path

from gentcp_conformance import differences
from gentcp_conformance.case import load
from gentcp_conformance.coverage import absent, index, inventory, page, reasons
from gentcp_conformance.coverage.table import Builder
from gentcp_conformance.matrix import Oracle
from gentcp_conformance.record import recordings

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def test_the_page_is_up_to_date() -> None:
    registry = load()
    oracle = Oracle(recordings(), differences.load(registry.ids()), "29")
    table = Builder(registry.select(), index.load(), oracle, reasons.load(), inventory.load()).build()
    assert PAGE.read_text() == page.render(table, absent.load()), "run: gentcp coverage --markdown docs/coverage.md"
