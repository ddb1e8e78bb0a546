"""Seeded faults of the two backends: does the suite see them?

`python -m tests.conformance.mutants` prints the table of what catches which; with `--all` every mutant meets the whole
suite, which takes long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any
from unittest import mock

from gentcp.engine import inspection
from gentcp_conformance.case import Case, load
from gentcp_conformance.matrix import RELEASE
from gentcp_conformance.outcome import Kind, Result
from gentcp_conformance.record import Record, recorded
from gentcp_conformance.run import Runner, among
from gentcp_conformance.verdict import Judgement, judge
from gentcp_inet import _settings as inet_settings
from gentcp_socket import _settings as socket_settings

from ..support.seams import SEAMS, resolved

Original = Callable[..., Any]
"""What a mutant changes."""


@dataclass(frozen=True)
class Mutant:
    """A fault.

    `breaks` says in words what is wrong.  `change` is called in the place of the function or method at `seam` (see
    `tests.support.seams`), with the original in front of its arguments.  `cases` are enough to see it.
    """

    name: str
    breaks: str
    backend: str
    seam: str
    change: Callable[..., Any]
    cases: tuple[str, ...]

    @property
    def id(self) -> str:
        """Unique, for people."""
        return f"{self.name}-{self.backend}"


def mutant(name: str, breaks: str, seam: str, change: Callable[..., Any], *cases: str, only: str = "") -> list[Mutant]:
    """The same fault in `only` that backend, or in all that have such a seam."""
    return [
        Mutant(name, breaks, backend, place, change, cases)
        for backend, place in SEAMS[seam].items()
        if only in ("", backend)
    ]


@contextmanager
def alive(mutant: Mutant) -> Generator[list[None]]:
    """The fault is there as long as this lasts.  Yields a list that grows with each call of what was changed."""
    owner, name = resolved(mutant.seam)
    original = getattr(owner, name)
    calls: list[None] = []

    def changed(*arguments: Any, **details: Any) -> Any:
        calls.append(None)
        return mutant.change(original, *arguments, **details)

    with mock.patch.object(owner, name, changed):
        _forget_settings()
        try:
            yield calls
        finally:
            _forget_settings()


def _forget_settings() -> None:
    for initial in (inet_settings.INITIAL, socket_settings.INITIAL):
        inspection.forget_settings(initial)


@cache
def recording() -> Record:
    """What OTP was recorded to do."""
    return recorded(RELEASE)


def cases_of(mutant: Mutant) -> list[Case]:
    """The cases that are to see it.  KeyError for one that does not exist."""
    registry = load()
    found = {id: registry.get(id) for id in mutant.cases}
    if missing := [id for id, case in found.items() if case is None]:
        raise KeyError(f"{mutant.id}: no case {missing[0]!r}")
    return [case for case in found.values() if case is not None]


def caught(mutant: Mutant, cases: Iterable[Case], *, reruns: int = 0, workers: int = 1) -> list[Result]:
    """The results that are not as recorded of OTP."""
    results = Runner(among(recording().expected), reruns=reruns, workers=workers).run(cases, [mutant.backend])
    return [result for result in results if _fails(result)]


def _fails(result: Result) -> bool:
    verdict = judge(result, recording().expected(result.case, result.subject))
    return verdict.judgement not in {Judgement.SAME, Judgement.UNSUPPORTED}


def only_crashed(result: Result) -> bool:
    """Whether no run came to an outcome of its own: the mutant may have broken just the machinery."""
    return {outcome.kind for outcome, _ in result.outcomes} == {Kind.CRASH}


def everything() -> list[Mutant]:
    """All mutants."""
    from . import mutants_control, mutants_receiving, mutants_sending

    return [*mutants_sending.MUTANTS, *mutants_receiving.MUTANTS, *mutants_control.MUTANTS]


def table(rows: Iterable[tuple[Mutant, list[Result]]]) -> Generator[str]:
    """Markdown, line by line."""
    yield "| mutant | what it breaks | backend | caught by |"
    yield "|---|---|---|---|"
    for each, results in rows:
        by = ", ".join(f"`{result.case}`" for result in results) or "**nothing**"
        yield f"| {each.name} | {each.breaks} | {each.backend} | {by} |"


def _meet(mutant: Mutant, *, whole_suite: bool) -> list[Result]:
    cases = load().select() if whole_suite else cases_of(mutant)
    workers = 8 if whole_suite else 1
    unsound = {result.case for result in caught(mutant, cases, reruns=2, workers=workers)}
    with alive(mutant):
        return caught(mutant, [case for case in cases if case.id not in unsound], workers=workers)


def main(arguments: list[str]) -> None:
    """Print the table."""
    rows = ((each, _meet(each, whole_suite="--all" in arguments)) for each in everything())
    for line in table(rows):
        print(line, flush=True)  # noqa: T201  what it is there for


if __name__ == "__main__":
    # As the modules of mutants import it, not as __main__.
    import_module("tests.conformance.mutants").main(sys.argv[1:])
