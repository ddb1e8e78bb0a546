"""The suite as pytest tests: the hooks, once `gentcp_pytest` has been told of a backend."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gentcp

from . import wanted
from .ahead import Ahead
from .case import load
from .differences import DifferencesError, merged, parse
from .differences import load as load_differences
from .matrix import LIVE, RELEASE, Column, Oracle
from .record import RecordError, recordings, releases
from .run import JOBS, MOST_JOBS
from .suite import NODE, TIMING, CaseItem, Suite, Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .wanted import Wanted

_SUITE = Path(__file__).with_name("suite.py")


class Conformance:
    """The hooks.  UsageError for options that make no sense."""

    def __init__(self, config: pytest.Config) -> None:
        options = config.option
        self._wanted = {spec: _wanted(spec) for spec in options.inet_backends}
        self._release: str | None = options.otp_release
        if self._release is not None:
            _check_release(self._release)
        self._files: list[str] = options.inet_differences
        self._oracle = _oracle(self._files)
        self._reruns: int = options.inet_reruns
        self._jobs = _jobs(JOBS if options.inet_jobs is None else options.inet_jobs)
        self._ahead = Ahead(self._jobs)
        config.addinivalue_line("markers", f"{TIMING}: a case of gentcp's conformance suite that depends on the clock")

    def pytest_report_header(self) -> str:
        """Who is judged as what."""
        judged = ", ".join(f"{each.name} as OTP's {each.follows}" for each in self._wanted.values())
        return f"gentcp conformance: {judged}"

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The suite, in the place of its file."""
        if file_path.name != _SUITE.name or not file_path.samefile(_SUITE):
            return None
        suite: Suite = Suite.from_parent(parent, path=file_path, nodeid=NODE)
        suite.targets = tuple(self._target(spec) for spec in self._wanted)
        return suite

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Help pytest-xdist to group: 3.8 puts the name of the group where pytest 9.2 no longer looks."""
        if not config.getoption("loadgroup", False):
            return
        for number, item in enumerate(items):
            if isinstance(item, CaseItem) and item.get_closest_marker(TIMING) and "@" not in item.nodeid:
                items[number] = item.in_group()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Plan to run ahead what pytest will; which tests a worker of pytest-xdist will get is not known."""
        if self._jobs > 1 and not hasattr(session.config, "workerinput"):
            self._ahead.plan({item.nodeid: item.trial for item in session.items if isinstance(item, CaseItem)})

    def pytest_sessionfinish(self) -> None:
        """After -x, or Ctrl-C, there may be something left."""
        self._ahead.stop()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """How many there are of each verdict, for each backend."""
        counts = _count(report for reports in terminalreporter.stats.values() for report in reports)
        if counts:
            terminalreporter.section("gentcp conformance")
        for spec, verdicts in counts.items():
            terminalreporter.line(f"{spec}: {', '.join(f'{count} {word}' for word, count in sorted(verdicts.items()))}")

    def _target(self, spec: str) -> Target:
        backend = self._wanted[spec]
        column = Column(backend.name, backend.follows, self._release or _release_of(backend.name))
        options = [f"--inet-differences={path}" for path in self._files]
        if self._release:
            options.append(f"--otp-release={self._release}")
        return Target(spec, column, self._oracle, self._reruns, tuple(options), self._ahead)


def _wanted(spec: str) -> Wanted:
    try:
        return wanted.parse(spec)
    except ValueError as error:
        raise pytest.UsageError(f"--inet-backend: {error}") from None


def _jobs(wanted: int) -> int:
    if not 1 <= wanted <= MOST_JOBS:
        raise pytest.UsageError(f"--inet-jobs: from 1 to {MOST_JOBS} cases can run at a time, not {wanted}")
    return wanted


def _release_of(name: str) -> str:
    """The release that a backend is; a VM starts for it."""
    if name not in LIVE.values():
        return RELEASE
    try:
        release = gentcp.get_backend(name).about()["release"]
    except gentcp.NoBackend as error:
        raise pytest.UsageError(f"--inet-backend: {error}") from None
    _check_release(release)
    return release


def _check_release(release: str) -> None:
    if release not in releases():
        raise pytest.UsageError(f"--otp-release: nothing is recorded of OTP {release}, but of {', '.join(releases())}")


def _oracle(paths: list[str]) -> Oracle:
    ids = load().ids()
    try:
        lists = [*(parse(Path(path).read_text(encoding="utf-8"), ids) for path in paths), load_differences(ids)]
        return Oracle(recordings(), merged(lists), RELEASE)
    except (DifferencesError, RecordError, OSError, UnicodeError) as error:
        raise pytest.UsageError(str(error)) from None


def _count(reports: Iterable[Any]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for report in reports:
        said = dict(getattr(report, "user_properties", ()))
        if getattr(report, "when", "") == "call" and {"inet_backend", "verdict"} <= said.keys():
            word = said["verdict"].partition(" ")[0]
            counts.setdefault(said["inet_backend"], Counter())[word] += 1
    return counts
