"""docs/changes.md is what the rules of gentcp check come to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date(tmp_path: Path) -> None:
    made = tmp_path / "changes.md"
    subprocess.run([sys.executable, str(DOCS / "make_changes.py"), str(made)], check=True)
    assert (DOCS / "changes.md").read_text() == made.read_text(), "run: python docs/make_changes.py"
