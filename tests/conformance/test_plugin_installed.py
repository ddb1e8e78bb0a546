"""The pytest plugin as others have it: in interpreters of their own, with the kit's real cases."""

from __future__ import annotations

import os
import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from ..gentcp.test_toy_backend import installed as installed

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

ABOUT_NOBODY_ELSE = """
import sys

def test_the_kit_is_not_there():
    assert [name for name in sys.modules if name.startswith("gentcp")] == ["gentcp_pytest"]
"""

RAN = re.compile(r"\[(?P<worker>gw\d)\].* PASSED gentcp_conformance/suite\.py::inet::(?P<case>[^@\s]+)(?P<group>@\S+)?")


def python(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.run(sys.executable, "-m", "pytest", "--strict-markers", "-W", "error", *arguments)


def test_where_nobody_asks_for_the_suite_nothing_of_it_is_loaded(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ABOUT_NOBODY_ELSE)
    done = python(pytester)
    done.assert_outcomes(passed=1)
    done.stdout.no_fnmatch_line("*gentcp conformance*")


def test_files_may_be_called_otherwise(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\npython_files = ["check_*.py"]\ntestpaths = ["checks"]')
    python(pytester, "--pyargs", "gentcp_conformance", "--inet-backend=inet", "-k", "send/data/empty").assert_outcomes(
        passed=1, deselected=None
    )


def test_a_third_partys_backend_is_run(
    pytester: pytest.Pytester, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(installed), os.environ.get("PYTHONPATH")])))
    cases = ["recv/listener/refused", "connect/port/values"]
    chosen = [f"gentcp_conformance.suite::null:socket::{case}" for case in cases]
    done = python(pytester, "--pyargs", *chosen, "--inet-backend=null:socket")
    done.assert_outcomes(failed=2)
    done.stdout.fnmatch_lines(["DIFFERENT: null is not as OTP 29's socket", "null:socket: 2 DIFFERENT"])


@pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_with_xdist_one_worker_has_all_timed_cases(pytester: pytest.Pytester) -> None:
    timed = ["recv/timeout/not-a-timeout", "recv/pending/own-close", "recv/active/once-and-after"]
    others = ["send/data/empty", "send/data/header-wraps", "recv/mode/default-is-list"]
    chosen = [f"gentcp_conformance.suite::inet::{case}" for case in [*timed, *others]]
    done = python(pytester, "--pyargs", *chosen, "--inet-backend=inet", "-v", "-n", "4", "--dist", "loadgroup")
    done.assert_outcomes(passed=6)
    ran = [match for line in done.outlines if (match := RAN.match(line))]
    grouped = {match["case"]: match["worker"] for match in ran if match["group"] == "@gentcp_timing"}
    assert sorted(grouped) == sorted(timed)
    assert len(set(grouped.values())) == 1
    assert sorted(match["case"] for match in ran) == sorted([*timed, *others])
