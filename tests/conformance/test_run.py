from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp_conformance.outcome import Kind, Outcome
from gentcp_conformance.run import Quiet, Runner, among, run_once
from gentcp_conformance.subject import CaseError, Subject

from .toys import Overlap, make

if TYPE_CHECKING:
    import pytest

    from gentcp_conformance.case import Case
    from gentcp_conformance.outcome import Result


def outcome_of(function: Any, **details: Any) -> Outcome:
    return run_once(make(function, **details), Subject("inet"))


def test_the_term_of_a_case_is_its_outcome() -> None:
    assert outcome_of(lambda t: ("ok", t.backend)) == Outcome(Kind.TERM, "{ok,inet}")


def test_each_run_has_a_process_and_a_mailbox_of_its_own() -> None:
    processes: list[gentcp.Process] = []

    def leave_a_message(t: Subject) -> Any:
        me = gentcp.current_process()
        processes.append(me)
        found = t.messages(idle=0)
        me.post("left behind")
        return found

    toy = make(leave_a_message)
    outcomes = [run_once(toy, Subject("inet")) for _ in range(2)]
    assert outcomes == [Outcome(Kind.TERM, "[]")] * 2
    assert len({*processes, gentcp.current_process()}) == 3


def test_a_case_that_hangs_is_killed_at_its_limit() -> None:
    ended = threading.Event()

    def hang(_: Subject) -> Any:
        try:
            return gentcp.receive()
        finally:
            ended.set()

    assert outcome_of(hang, limit=0.1) == Outcome(Kind.TIMEOUT, "no outcome within 0.1 s")
    assert ended.is_set()


def test_an_exception_is_an_outcome_that_says_where() -> None:
    def fail(_: Subject) -> Any:
        raise ValueError("odd")

    outcome = outcome_of(fail)
    assert outcome.kind is Kind.CRASH
    assert outcome.text.startswith("ValueError: odd at test_run.py:")


def test_a_result_that_is_no_term_is_a_crash() -> None:
    assert outcome_of(lambda _: None).kind is Kind.CRASH


def test_a_stage_that_does_not_come_about_is_said_so() -> None:
    def fail(_: Subject) -> Any:
        raise CaseError("nobody connected")

    assert outcome_of(fail) == Outcome(Kind.CRASH, "the stage did not come about: nobody connected")


def test_a_case_can_find_itself_unsupported() -> None:
    def give_up(t: Subject) -> Any:
        raise t.unsupported("no such option")

    assert outcome_of(give_up) == Outcome(Kind.UNSUPPORTED, "no such option")


def test_a_case_is_not_run_where_the_machine_lacks_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gentcp_conformance.capabilities.missing", list)
    ran: list[str] = []
    outcome = outcome_of(lambda _: ran.append("ran"), needs=["inet6", "local"])
    assert outcome == Outcome(Kind.UNSUPPORTED, "this machine has no inet6 and no local")
    assert not ran


def test_what_a_case_made_is_taken_down_also_when_it_fails() -> None:
    made: list[Any] = []

    def fail(t: Subject) -> Any:
        made.extend([t.raw_listener(), t.spawn(gentcp.receive)])
        raise ValueError

    outcome_of(fail)
    listener, task = made
    assert listener.raw.fileno() == -1
    assert not task.process.alive


class Log(Quiet):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def started(self, case: Case, backend: str) -> None:
        self.lines.append(f"{case.name} {backend}")

    def finished(self, result: Result) -> None:
        self.lines.append(f"{result.runs}")


def counting(*terms: str) -> Any:
    left = list(terms)
    return lambda _: left.pop(0)


def run(function: Any, expected: str, **how: Any) -> Result:
    (result,) = Runner(among(lambda _case, _subject: (expected,)), **how).run([make(function)], ["inet"])
    return result


def test_the_expected_outcome_is_not_asked_for_twice() -> None:
    assert run(counting("ok"), "ok").outcomes == ((Outcome(Kind.TERM, "ok"), 1),)


def test_another_outcome_is_run_again_twice() -> None:
    result = run(counting("no", "ok", "no"), "ok")
    assert dict(result.outcomes) == {Outcome(Kind.TERM, "no"): 2, Outcome(Kind.TERM, "ok"): 1}


def test_where_cases_overlap_another_outcome_is_forgotten_and_the_case_run_alone() -> None:
    result = run(counting("no", "ok"), "ok", workers=2)
    assert result.outcomes == ((Outcome(Kind.TERM, "ok"), 1),)
    assert result.retried
    result = run(counting("odd", "no", "ok", "no"), "ok", workers=2)
    assert dict(result.outcomes) == {Outcome(Kind.TERM, "no"): 2, Outcome(Kind.TERM, "ok"): 1}
    assert not run(counting("ok"), "ok", workers=2).retried


def test_a_case_that_was_run_alone_is_not_forgotten() -> None:
    toy = make(counting("no", "ok", "no"), alone=True)
    (result,) = Runner(among(lambda _case, _subject: ("ok",)), workers=2).run([toy], ["inet"])
    assert dict(result.outcomes) == {Outcome(Kind.TERM, "no"): 2, Outcome(Kind.TERM, "ok"): 1}
    assert not result.retried


def test_what_is_run_again_has_nothing_beside_it() -> None:
    overlap = Overlap()

    def next_one(_: Subject) -> Any:
        """What the worker goes on with that has run `one`."""
        overlap.decided.set()
        return "ok"

    functions = {"other": overlap.other, "one": overlap.one, "next": next_one}
    cases = [make(function, f"area/topic/{name}") for name, function in functions.items()]
    Runner(among(lambda _case, _subject: ("ok",)), workers=2).run(cases, ["inet"])
    assert overlap.again.is_set()
    assert overlap.beside == [False]


def test_without_an_expectation_there_is_nothing_to_run_again_for() -> None:
    (result,) = Runner(among(lambda _case, _subject: ())).run([make(counting("ok"))], ["inet"])
    assert result.runs == 1


def test_an_unsupported_case_is_not_run_again() -> None:
    def give_up(t: Subject) -> Any:
        raise t.unsupported("no such option")

    assert run(give_up, "ok").runs == 1


def test_results_come_in_the_order_of_cases_and_backends_with_several_workers_too() -> None:
    gate = threading.Barrier(2)

    def meet(t: Subject) -> Any:
        gate.wait(5)
        return t.backend

    cases = [make(meet, "area/topic/one"), make(meet, "area/topic/two")]
    runner = Runner(among(lambda _case, subject: (subject,)), workers=2)
    results = runner.run(cases, ["inet", "socket"])
    assert [(each.case[11:], each.text) for each in results] == [
        ("one", "inet"), ("one", "socket"), ("two", "inet"), ("two", "socket"),
    ]  # fmt: skip


def test_progress_is_told_of_every_run() -> None:
    log = Log()
    run(counting("no", "no", "ok"), "ok", progress=log)
    assert log.lines == ["topic/name inet", "1", "topic/name inet", "2", "topic/name inet", "3"]
