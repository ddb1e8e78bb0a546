from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.matrix import Column, Oracle, recorded_columns
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.verdict import Divergence, Judgement

from .toys import BOTH, make, matrix, record, result

if TYPE_CHECKING:
    from gentcp_conformance.record import Record

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


def test_what_is_recorded_is_as_expected() -> None:
    oracle = Oracle({"29": DIVERGING}, Differences(), "29")
    assert oracle.as_expected(result("send/x/y", "inet", "ok"), BOTH[0])
    assert not oracle.as_expected(result("send/x/y", "inet", "no"), BOTH[0])


def test_where_a_difference_is_accepted_what_is_recorded_is_not_expected() -> None:
    oracle = Oracle({"29": DIVERGING}, accepted(), "29")
    assert oracle.as_expected(result("send/x/y", "socket", "ok"), BOTH[1])
    assert not oracle.as_expected(result("send/x/y", "socket", "no"), BOTH[1])
    assert oracle.as_expected(result("send/x/y", "inet", "ok"), BOTH[0])


def test_a_crash_is_not_expected_even_where_a_difference_is_accepted() -> None:
    crashed = Result("send/x/y", "socket", ((Outcome(Kind.CRASH, "odd"), 1),))
    assert not Oracle({"29": DIVERGING}, accepted(), "29").as_expected(crashed, BOTH[1])


@pytest.mark.parametrize("text", ["no", "other"])
def test_what_is_accepted_as_flaky_is_repeated(text: str) -> None:
    flaky = Differences((Difference("send/x/y", "socket", "29", "FLAKY", "a reason", "a link"),))
    assert not Oracle({"29": DIVERGING}, flaky, "29").as_expected(result("send/x/y", "socket", text), BOTH[1])


def test_where_nothing_is_recorded_or_can_be_run_anything_is_expected() -> None:
    oracle = Oracle({"29": DIVERGING}, accepted(), "29")
    lacks = Result("send/x/y", "socket", ((Outcome(Kind.UNSUPPORTED, "no inet6"), 1),))
    assert oracle.as_expected(lacks, BOTH[1])
    assert oracle.as_expected(result("send/x/other", "inet", "ok"), BOTH[0])


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


LIVE_25 = Column("otp_inet", "inet", "25")


def recordings(**columns: str) -> dict[str, Record]:
    """Recordings of one case by release, from outcomes of `inet`, "ok/no" for one that is not stable."""
    return {
        key.removeprefix("otp"): record(
            result("send/x/y", "inet", *texts.split("/")), result("send/x/y", "socket", "ok")
        )
        for key, texts in columns.items()
    }


@pytest.mark.parametrize(
    ("column", "label", "key"),
    [
        (Column("inet", "inet", "29"), "inet", "inet"),
        (Column("mine.v2", "socket", "29"), "mine.v2", "mine-v2"),
        (Column("otp_socket", "socket", "25"), "otp_socket (live OTP 25)", "otp_socket"),
        (Column("socket", "socket", "27", recorded=True), "OTP 27 socket", "otp-27-socket"),
    ],
)
def test_columns_have_a_label_for_people_and_a_key_for_machines(column: Column, label: str, key: str) -> None:
    assert (column.label, column.key) == (label, key)


def test_recorded_columns_are_shown_and_not_judged() -> None:
    columns = (*BOTH, *recorded_columns(["29"]))
    made = matrix([CASE], AGREED, DIVERGING, columns=columns)
    cells = made.rows[0].cells
    assert [cell.result.text for cell in cells] == ["ok", "ok", "ok", "no"]
    assert [cell.verdict.judgement for cell in cells][2:] == [Judgement.RECORDED] * 2
    assert made.run == BOTH
    assert made.rows[0].run == cells[:2]
    assert not made.rows[0].differs
    assert made.verdicts().keys() == {("send/x/y", "inet"), ("send/x/y", "socket")}


def test_a_case_that_is_not_recorded_has_a_cell_that_says_so() -> None:
    made = matrix([CASE], AGREED, record(), columns=(*BOTH, *recorded_columns(["29"])))
    assert made.rows[0].cells[2].result.text == "unsupported: nothing recorded"
    assert made.rows[0].recorded == {("29", "inet"): (), ("29", "socket"): ()}
    assert made.judgements(BOTH[0]) == {Judgement.UNKNOWN: 1}


def test_each_column_is_judged_by_its_own_release() -> None:
    run = record(*AGREED.results.values(), result("send/x/y", "otp_inet", "old"))
    made = matrix([CASE], run, recordings(otp25="old", otp29="ok"), columns=(*BOTH, LIVE_25))
    assert [cell.verdict.judgement for cell in made.rows[0].cells] == [Judgement.SAME] * 3
    assert [cell.expected for cell in made.rows[0].cells] == [("ok",), ("ok",), ("old",)]
    assert made.rows[0].differs


def test_a_vm_of_a_release_that_is_not_recorded_is_not_judged() -> None:
    run = record(*AGREED.results.values(), result("send/x/y", "otp_inet", "old"))
    made = matrix([CASE], run, recordings(otp29="ok"), columns=(*BOTH, LIVE_25))
    assert made.judgements(LIVE_25) == {Judgement.UNJUDGED: 1}
    assert not made.failed


def test_differences_are_those_of_the_columns_own_release() -> None:
    run = record(*AGREED.results.values(), result("send/x/y", "otp_inet", "odd"))
    entry = Difference("send/x/y", "otp_inet", "25", "DIFFERENT", "a reason", "a link")
    known = recordings(otp25="old", otp29="ok")
    assert not matrix([CASE], run, known, Differences((entry,)), columns=(*BOTH, LIVE_25)).failed
    other = replace(entry, release="29")
    assert matrix([CASE], run, known, Differences((other,)), columns=(*BOTH, LIVE_25)).failed


def test_the_same_outcomes_by_chance_do_not_make_a_difference() -> None:
    unstable = record(result("send/x/y", "inet", "ok", "no"), result("send/x/y", "socket", "ok", "no"))
    run = record(result("send/x/y", "inet", "ok"), result("send/x/y", "socket", "no"))
    assert not matrix([CASE], run, unstable).rows[0].differs


@pytest.mark.parametrize(
    ("known", "changed", "words"),
    [
        ({"otp25": "a", "otp27": "a", "otp29": "a"}, (), ""),
        ({"otp25": "a", "otp27": "b", "otp29": "b"}, ("27",), "differs before OTP 27 (inet)"),
        ({"otp25": "a", "otp27": "a", "otp29": "b"}, ("29",), "differs before OTP 29 (inet)"),
        ({"otp25": "a", "otp27": "b", "otp29": "a"}, ("27", "29"), "changed with OTP 27 and OTP 29 (inet)"),
        ({"otp25": "a/b", "otp27": "b", "otp29": "b/c"}, (), ""),
        ({"otp25": "a/b", "otp27": "c", "otp29": "c"}, ("27",), "differs before OTP 27 (inet)"),
        ({"otp9": "a", "otp29": "b"}, ("29",), "differs before OTP 29 (inet)"),
        ({"otp29": "a"}, (), ""),
    ],
)
def test_since_when_a_case_is_as_it_is(known: dict[str, str], changed: tuple[str, ...], words: str) -> None:
    (row,) = matrix([CASE], AGREED, recordings(**known)).rows
    assert row.changes.get("inet", ()) == changed
    assert row.since == words


def test_a_change_of_both_backends_is_told_once() -> None:
    old = record(result("send/x/y", "inet", "old"), result("send/x/y", "socket", "old"))
    assert matrix([CASE], AGREED, {"27": old, "29": AGREED}).rows[0].since == "differs before OTP 29 (inet, socket)"
    third = record(result("send/x/y", "inet", "older"), result("send/x/y", "socket", "old"))
    made = matrix([CASE], AGREED, {"25": third, "27": old, "29": AGREED})
    assert made.rows[0].since == "changed with OTP 27 and OTP 29 (inet); differs before OTP 29 (socket)"


def test_a_release_that_has_no_recording_of_the_case_is_passed_over() -> None:
    made = matrix([CASE], AGREED, {"25": DIVERGING, "27": record(), "29": DIVERGING})
    assert made.rows[0].since == ""
