from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gentcp_conformance.differences import Difference
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.verdict import Divergence, Judgement, alike, divergence, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

OK = Outcome(Kind.TERM, "ok")
NO = Outcome(Kind.TERM, "no")
LATE = Outcome(Kind.TIMEOUT, "no outcome within 20 s")
CRASH = Outcome(Kind.CRASH, "ValueError")
LACKS = Outcome(Kind.UNSUPPORTED, "this machine has no inet6")


def runs(*outcomes: Outcome) -> Result:
    first, *others = outcomes
    result = Result("a/b", "inet", ((first, 1),))
    for outcome in others:
        result = result.plus(outcome)
    return result


def difference(verdict: str) -> Difference:
    return Difference("a/b", "inet", "29", verdict, "for a reason", "https://example.org")


@pytest.mark.parametrize(
    ("outcomes", "expected", "verdict"),
    [
        ([OK], ["ok"], "SAME"),
        ([OK], ["other", "ok"], "SAME"),
        ([OK, NO], ["no", "ok"], "SAME"),
        ([NO], ["ok"], "DIFFERENT"),
        ([NO, NO, NO], ["ok"], "DIFFERENT"),
        ([NO, OK, NO], ["ok"], "FLAKY 1/3"),
        ([NO, OK, OK], ["ok"], "FLAKY 2/3"),
        ([LATE, OK, OK], ["ok"], "FLAKY 2/3"),
        ([LATE, LATE], ["ok"], "UNKNOWN"),
        ([LATE, NO], ["ok"], "DIFFERENT"),
        ([CRASH], ["ok"], "DIFFERENT"),
        ([Outcome(Kind.CRASH, "ok")], ["ok"], "DIFFERENT"),
        ([LACKS], ["ok"], "UNSUPPORTED"),
        ([LACKS], [], "UNSUPPORTED"),
        ([OK], [], "UNKNOWN"),
    ],
)
def test_verdicts(outcomes: Sequence[Outcome], expected: Sequence[str], verdict: str) -> None:
    assert str(judge(runs(*outcomes), tuple(expected))) == verdict


@pytest.mark.parametrize(
    ("outcomes", "listed", "judgement"),
    [
        ([NO], "DIFFERENT", Judgement.ACCEPTED),
        ([NO], "UNKNOWN", Judgement.DIFFERENT),
        ([CRASH], "DIFFERENT", Judgement.DIFFERENT),
        ([NO, CRASH], "DIFFERENT", Judgement.DIFFERENT),
        ([LATE], "UNKNOWN", Judgement.ACCEPTED),
        ([NO, OK], "FLAKY", Judgement.ACCEPTED),
        ([OK], "DIFFERENT", Judgement.SAME),
    ],
)
def test_a_listed_difference_is_accepted_if_it_is_the_one_listed(
    outcomes: Sequence[Outcome], listed: str, judgement: Judgement
) -> None:
    verdict = judge(runs(*outcomes), ("ok",), difference(listed))
    assert verdict.judgement is judgement
    assert (verdict.note == "for a reason") is (judgement is Judgement.ACCEPTED)


def test_what_fails_a_run() -> None:
    failing = {"DIFFERENT", "UNKNOWN"}
    verdicts = [judge(runs(*each), ("ok",)) for each in ([OK], [NO], [NO, OK], [LATE], [LACKS])]
    assert {str(verdict.judgement) for verdict in verdicts if verdict.failed} == failing


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (("ok",), ("ok",), True),
        (("ok",), ("no",), False),
        (("ok", "no"), ("no",), True),
        (("ok", "no"), ("no", "bad"), True),
        (("ok", "no"), ("bad",), False),
        ((), ("ok",), False),
    ],
)
def test_outcomes_that_vary_are_alike_when_they_meet(
    left: tuple[str, ...], right: tuple[str, ...], expected: bool
) -> None:
    assert alike(left, right) is expected
    assert alike(right, left) is expected


@pytest.mark.parametrize(
    ("left", "right", "documented", "expected"),
    [
        (("ok",), ("ok",), False, Divergence.NONE),
        (("ok",), ("ok",), True, Divergence.NONE),
        (("ok",), ("no",), False, Divergence.UNDOCUMENTED),
        (("ok",), ("no",), True, Divergence.DOCUMENTED),
        (("ok", "no"), ("no", "ok"), False, Divergence.NONE),
        (("ok", "no"), ("ok",), False, Divergence.NONE),
        (("ok", "no"), ("yes",), False, Divergence.UNDOCUMENTED),
        ((), ("ok",), False, Divergence.UNKNOWN),
    ],
)
def test_divergence_of_two_columns(
    left: tuple[str, ...], right: tuple[str, ...], documented: bool, expected: Divergence
) -> None:
    assert divergence(left, right, documented=documented) is expected
    assert divergence(right, left, documented=documented) is expected
