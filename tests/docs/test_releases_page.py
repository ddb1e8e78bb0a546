"""docs/releases.md is what the list of release notes comes to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gentcp_conformance.case import load as load_cases
from gentcp_conformance.release_notes import load

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date(tmp_path: Path) -> None:
    made = tmp_path / "releases.md"
    subprocess.run([sys.executable, str(DOCS / "make_releases.py"), str(made)], check=True)
    text = made.read_text()
    assert (DOCS / "releases.md").read_text() == text, "run: python docs/make_releases.py"
    notes = load(load_cases().ids())
    assert [note.ticket for note in notes if text.count(f"\n| {note.ticket}") != 1] == []
    assert [release for release in range(24, 30) if text.count(f"\n## OTP {release}\n") != 1] == []
