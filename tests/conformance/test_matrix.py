from __future__ import annotations

from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.verdict import Divergence, Judgement

from .toys import BOTH, make, matrix, record, result

CASE = make(lambda _: "ok", "send/x/y")
AGREED = record(result("send/x/y", "inet", "ok"), result("send/x/y", "socket", "ok"))
DIVERGING = record(result("send/x/y", "inet", "ok"), result("send/x/y", "socket", "no"))


def accepted(release: str = "29") -> Differences:
    return Differences((Difference("send/x/y", "socket", release, "DIFFERENT", "a reason", "a link"),))


def test_a_row_shows_divergence_of_the_recording_and_difference_of_the_run() -> None:
    (row,) = matrix([CASE], AGREED, DIVERGING).rows
    assert row.divergence is Divergence.UNDOCUMENTED
    assert not row.differs
    assert row.failed
    assert [cell.verdict.judgement for cell in row.cells] == [Judgement.SAME, Judgement.DIFFERENT]


def test_subjects_as_recorded_pass_also_where_they_differ() -> None:
    made = matrix([CASE], DIVERGING, DIVERGING)
    assert made.rows[0].differs
    assert not made.failed
    assert made.judgements(BOTH[1]) == {Judgement.SAME: 1}
    assert made.divergences() == {Divergence.UNDOCUMENTED: 1}


def test_an_accepted_difference_passes() -> None:
    made = matrix([CASE], DIVERGING, AGREED, accepted())
    assert made.judgements(BOTH[1]) == {Judgement.ACCEPTED: 1}
    assert made.rows[0].accepted
    assert not made.failed
    assert not made.stale


def test_a_stale_difference_fails() -> None:
    made = matrix([CASE], AGREED, AGREED, accepted())
    assert made.stale == accepted().entries
    assert made.failed


def test_a_difference_of_another_release_is_not_stale() -> None:
    made = matrix([CASE], AGREED, AGREED, accepted("25-27"))
    assert not made.failed


def test_an_unsupported_subject_does_not_differ() -> None:
    lacks = Result("send/x/y", "socket", ((Outcome(Kind.UNSUPPORTED, "no inet6"), 1),))
    made = matrix([CASE], record(result("send/x/y", "inet", "ok"), lacks), DIVERGING)
    assert not made.rows[0].differs
    assert not made.failed


def test_verdicts_by_case_and_subject() -> None:
    made = matrix([CASE], AGREED, DIVERGING)
    assert made.verdicts() == {("send/x/y", "inet"): "SAME", ("send/x/y", "socket"): "DIFFERENT"}
