from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gentcp_conformance.case import load
from gentcp_conformance.record import recordings
from gentcp_conformance.timing import is_timed

from .toys import make

if TYPE_CHECKING:
    from gentcp_conformance.subject import Subject

DURATION = re.compile(r"\bimmediate\b|\{blocked,|\bstill_blocked\b")


def looks_after_a_grace(t: Subject) -> Any:
    return t.spawn(lambda: "ok").outcome(0.1)


def asks_directly(t: Subject) -> Any:
    return t.timed(lambda: "ok")


def sends(t: Subject) -> Any:
    sock, peer = t.pair()
    return peer.recv_exact(sock)


def test_measuring_and_looking_after_a_grace_are_timed() -> None:
    assert is_timed(make(looks_after_a_grace))
    assert is_timed(make(asks_directly))
    assert not is_timed(make(sends))


def test_helpers_of_a_case_count_too() -> None:
    case = load().get("send/non-blocking/first-send")
    assert case is not None
    assert is_timed(case)


def test_every_case_with_a_duration_in_its_outcome_is_timed() -> None:
    recorded = [result for recording in recordings().values() for result in recording.results.values()]
    durations = {result.case for result in recorded if any(DURATION.search(text) for text in result.terms)}
    assert len(durations) > 30
    assert durations <= {case.id for case in load().select() if is_timed(case)}


def test_most_cases_need_no_quiet_machine() -> None:
    cases = load().select()
    assert sum(map(is_timed, cases)) < len(cases) / 2
