"""What the pages say about the code and about the cases is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import gentcp.engine
from gentcp.abc import SocketHandle
from gentcp.engine import Endpoint
from gentcp_conformance.case import load
from gentcp_conformance.differences import load as load_differences
from gentcp_conformance.record import recorded

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("**/*.md"))
PATH = re.compile(r"`((?:gentcp|backends|conformance|docs|tests)/[\w./-]*)`")
CASE = re.compile(r"`([a-z-]+(?:/[a-z0-9-]+){2,})`")


def differences(start: str, end: str) -> list[str]:
    """The cases named between two headings of differences.md."""
    text = (ROOT / "docs" / "differences.md").read_text()
    found = CASE.findall(text[text.index(f"## {start}") : text.index(f"## {end}")])
    assert found
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_paths_on_a_page_are_there(page: Path) -> None:
    assert [path for path in PATH.findall(page.read_text()) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_cases_on_a_page_are_there(page: Path) -> None:
    cases = [case for case in CASE.findall(page.read_text()) if not (ROOT / case).exists()]
    assert [case for case in cases if load().get(case) is None] == []


def test_what_is_said_to_differ_differs() -> None:
    record = recorded("29")
    for case in differences("The documented five", "The same on both"):
        assert record.expected(case, "inet") != record.expected(case, "socket"), case


def test_what_is_said_to_be_the_same_is_the_same() -> None:
    record = recorded("29")
    for case in differences("The same on both", "What gentcp does not copy"):
        assert record.expected(case, "inet") == record.expected(case, "socket") != (), case


def test_every_accepted_difference_is_said() -> None:
    text = (ROOT / "docs" / "differences.md").read_text()
    said = CASE.findall(text[text.index("## What gentcp does not copy") :])
    assert sorted(said) == sorted({entry.case for entry in load_differences(load().ids()).entries})


def test_what_is_said_to_be_undocumented_is() -> None:
    for case in differences("Undocumented", "The same on both"):
        known = load().get(case)
        assert known is not None
        assert not known.documented, case


def test_the_engine_has_what_the_page_for_authors_lists() -> None:
    text = (ROOT / "docs" / "backends.md").read_text()
    rows = [row for row in text[text.index("| From the engine") :].split("\n\n")[0].splitlines()[2:] if row]
    names = [name for row in rows for name in re.findall(r"`(\w+)(?:\(\))?`", row.split("|")[1])]
    assert len(names) > 10
    assert [name for name in names if not hasattr(gentcp.engine, name)] == []


def test_the_engine_asks_what_the_page_for_authors_says() -> None:
    text = (ROOT / "docs" / "backends.md").read_text()
    text = text[text.index("`Endpoint` is a socket") : text.index("Besides, you implement")]
    asked, otherwise = text.split("These have an answer")
    owed = Endpoint.__abstractmethods__ - SocketHandle.__abstractmethods__
    assert set(re.findall(r"^\| `(\w+)\(", asked, re.MULTILINE)) == owed
    names = re.findall(r"^\| `(\w+)\(", otherwise, re.MULTILINE)
    assert len(names) >= 5
    assert [name for name in names if not hasattr(Endpoint, name)] == []


def test_the_backend_on_two_pages_works() -> None:
    command = [sys.executable, "-W", "error", str(ROOT / "docs" / "examples" / "plain_backend.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello plain\n('error', 'closed')\n", "")
