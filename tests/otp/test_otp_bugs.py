"""The scripts of docs/otp-bugs show on the VM at hand what docs/otp-bugs.md says of its release."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

import gentcp
import gentcp_otp
from gentcp_conformance import differences
from gentcp_conformance.case import load

DOCS = Path(__file__).parents[2] / "docs"
SCRIPTS = sorted((DOCS / "otp-bugs").glob("*.escript"))
RELEASES = ("25", "27", "29")
COPIED, OWN = "the same", "does not"

# The first test waits for all scripts.
pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Bug:
    """A row of the page."""

    releases: tuple[str, ...]
    cases: tuple[str, ...]
    gentcp: str


def rows() -> Iterator[tuple[str, Bug]]:
    for line in (DOCS / "otp-bugs.md").read_text().splitlines():
        if found := re.match(r"\| `([a-z0-9-]+)` \|", line):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            yield found[1], Bug(tuple(cells[3].split(", ")), tuple(re.findall("`(.*?)`", cells[5])), cells[6])


BUGS = dict(rows())


def shown(script: Path) -> tuple[int, str]:
    """The exit status of a script on the VM at hand, and what it printed."""
    command = [*(gentcp_otp.find() or ()), "-noshell", "-run", "escript", "start", "-extra", str(script)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "no end within 30 s"
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def release() -> str:
    found: str = gentcp.get_backend("otp_inet").about()["release"]
    if found not in RELEASES:
        pytest.skip(f"docs/otp-bugs.md says nothing of OTP {found}")
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VM that runs in a root of its own sees no folders but those for temporary files."""
    return Path(shutil.copytree(DOCS / "otp-bugs", tmp_path_factory.mktemp("bugs") / "scripts"))


@pytest.fixture(scope="module")
def results(release: str, folder: Path) -> dict[str, tuple[int, str]]:
    """By script.  They mostly wait, so several run at a time; what is not as expected then is run again, alone."""
    with ThreadPoolExecutor(6) as pool:
        found = dict(zip(BUGS, pool.map(lambda name: shown(folder / f"{name}.escript"), BUGS), strict=True))
    for name, bug in BUGS.items():
        if found[name][0] != int(release in bug.releases):
            found[name] = shown(folder / f"{name}.escript")
    return found


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_shows_where_the_page_says_so(name: str, release: str, results: dict[str, tuple[int, str]]) -> None:
    status, text = results[name]
    assert status == int(release in BUGS[name].releases), text
    assert text.endswith("\n")
    assert text.count("\n") == 1


def test_the_page_has_each_script_once() -> None:
    assert sorted(BUGS) == [script.stem for script in SCRIPTS]
    assert len(list(rows())) == len(BUGS)
    assert {release for bug in BUGS.values() for release in bug.releases} == set(RELEASES)


def test_the_page_has_each_accepted_difference() -> None:
    ids = load().ids()
    accepted = {entry.case for entry in differences.load(ids).entries}
    named = {case for bug in BUGS.values() for case in bug.cases}
    assert named <= set(ids)
    assert accepted <= named
    assert {bug.gentcp for bug in BUGS.values()} == {COPIED, OWN}
    assert [name for name, bug in BUGS.items() if accepted & set(bug.cases) and bug.gentcp != OWN] == []
