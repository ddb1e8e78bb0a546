"""What mypy tells the author of a backend, seen as the author sees it: against the installed gentcp."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mypy") is None, reason="mypy is not installed here; tox -e typing runs this"
)

SOURCES = Path(__file__).parents[1] / "toy_backend" / "src"

WRONG_SIGNATURE = """
from gentcp.abc import Result
from gentcp_null import NullSocket


class Wrong(NullSocket):
    def recv(self, length: int) -> Result:
        return ("ok", b"")
"""

MISSING_METHOD = """
from gentcp.abc import Backend


class Half(Backend):
    name = "half"


backend = Half()
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the runs of this module, so that gentcp is analysed once."""
    return tmp_path_factory.mktemp("mypy-cache")


def mypy(cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `mypy --strict` outside the checkout, so that its configuration does not apply."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), *arguments]
    environment = {**os.environ, "MYPYPATH": str(SOURCES)}
    return subprocess.run(command, cwd=cache, env=environment, check=False, capture_output=True, text=True)


def test_the_toy_backend_is_accepted(cache: Path) -> None:
    done = mypy(cache, "-p", "gentcp_null")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("source", "code"), [(WRONG_SIGNATURE, "[override]"), (MISSING_METHOD, "[abstract]")])
def test_a_backend_that_breaks_the_contract_is_refused(cache: Path, tmp_path: Path, source: str, code: str) -> None:
    module = tmp_path / "gentcp_wrong.py"
    module.write_text(source)
    done = mypy(cache, str(module))
    assert done.returncode == 1, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if ": error:" in line and code in line]
