"""docs/options.md is what the table of options comes to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gentcp.options import TABLE

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date(tmp_path: Path) -> None:
    made = tmp_path / "options.md"
    subprocess.run([sys.executable, str(DOCS / "make_options.py"), str(made)], check=True)
    text = made.read_text()
    assert (DOCS / "options.md").read_text() == text, "run: python docs/make_options.py"
    assert [option.name for option in TABLE if text.count(f"\n| `{option.name}` |") != 1] == []
