"""What is noted of cases while they run."""

from __future__ import annotations

import threading
from typing import Any

import gentcp
from gentcp.erl import erlang, gen_tcp, inet
from gentcp_conformance.case import Case
from gentcp_conformance.coverage.index import Index
from gentcp_conformance.coverage.inventory import load
from gentcp_conformance.coverage.survey import Surveyor
from gentcp_conformance.coverage.watching import Watch
from gentcp_conformance.differences import Differences
from gentcp_conformance.matrix import ORACLE_COLUMNS, Oracle
from gentcp_conformance.run import Quiet, run_trials
from gentcp_conformance.subject import Subject

from .toys import make, record, result


def watch(*cases: Case, workers: int = 1) -> dict[str, frozenset[str]]:
    """What each of `cases` uses on inet."""
    watching = Watch(load(), ["inet"])
    with watching.watching():
        run_trials([(watching.watched(case), "inet") for case in cases], Quiet(), workers)
    return {case.id: watching.found[case.id, "inet"] for case in cases}


def uses(function: Any) -> frozenset[str]:
    return watch(make(function))["area/topic/name"]


def refused(t: Subject) -> Any:
    return t.catch(gen_tcp.connect, (127, 0, 0, 1), t.closed_port(), t.options(("nodelay", True)))


def test_a_case_uses_what_it_calls_gives_and_gets() -> None:
    assert uses(refused) == {
        "gen_tcp:connect/3", "address/IPv4 tuple", "option/inet_backend@connect", "option/nodelay@connect"
    }  # fmt: skip


def test_what_the_inventory_does_not_have_is_not_noted() -> None:
    assert uses(lambda t: t.catch(inet.setopts, t.pair()[0], [("no_option", 1)])) >= {"inet:setopts/2"}
    assert not any("no_option" in use for use in uses(lambda t: inet.setopts(t.pair()[0], [("no_option", 1)])))


def test_messages_and_exceptions_are_noted() -> None:
    def active(t: Subject) -> Any:
        sock, peer = t.pair(("active", True))
        peer.send(b"x")
        peer.close()
        return t.messages(2), t.catch(gen_tcp.listen, 0, t.options("no_such_option")), sock

    found = uses(active)
    assert {"message/tcp", "message/tcp_closed", "exception/badarg", "gen_tcp:listen/2"} <= found
    assert "message/tcp_error" not in found


def test_processes_of_the_case_belong_to_it() -> None:
    def spawned(t: Subject) -> Any:
        listener = t.listen(("active", False))
        return t.spawn(t.catch, gen_tcp.accept, listener, 1).outcome(5.0)

    assert {"gen_tcp:accept/2", "reason/timeout"} <= uses(spawned)


def test_what_the_face_calls_itself_is_not_the_case_s_doing() -> None:
    def monitors(t: Subject) -> Any:
        return erlang.demonitor(erlang.monitor("port", t.pair()[0]))

    found = uses(monitors)
    assert {"erlang:monitor/2", "erlang:demonitor/1"} <= found
    assert not {"inet:monitor/1", "inet:cancel_monitor/1"} & found


def test_functions_of_otp_that_a_case_asks_the_backend_for_are_noted() -> None:
    found = uses(lambda t: gentcp.get_backend(t.backend).apply("erlang", "decode_packet", ["line", b"x\ny", []]))
    assert found == {"erlang:decode_packet/3", "packet/line@decode"}


def test_cases_that_overlap_are_told_apart() -> None:
    def one(t: Subject) -> Any:
        sock, _ = t.pair()
        return gen_tcp.recv(sock, 0, 200)

    def other(t: Subject) -> Any:
        sock, _ = t.pair(("packet", 2))
        return [inet.getopts(sock, ["packet"]) for _ in range(50)]

    cases = [make(one, "area/topic/one"), make(other, "area/topic/other")]
    found = watch(*cases, workers=2)
    assert found == {id: each for case in cases for id, each in watch(case).items()}
    assert "gen_tcp:recv/3" in found["area/topic/one"] - found["area/topic/other"]
    assert "packet/2@stream" in found["area/topic/other"] - found["area/topic/one"]


def test_everything_is_as_it_was_afterwards() -> None:
    before = [vars(module).copy() for module in (gen_tcp, inet, erlang, gentcp)]
    applies = [vars(type(gentcp.get_backend(name))).copy() for name in ORACLE_COLUMNS]
    uses(refused)
    assert before == [vars(module) for module in (gen_tcp, inet, erlang, gentcp)]
    assert applies == [vars(type(gentcp.get_backend(name))) for name in ORACLE_COLUMNS]


def survey(case: Case, old: Index, *recorded: str) -> Any:
    results = [result(case.id, name, *recorded) for name in ORACLE_COLUMNS] if recorded else []
    oracle = Oracle({"29": record(*results)}, Differences(), "29")
    return Surveyor(oracle).survey([case], old)


def test_a_survey_has_both_backends_and_says_what_is_new() -> None:
    def diverging(t: Subject) -> Any:
        return inet.getstat(t.pair()[0], ["send_pend"])

    case = make(diverging)
    found = survey(case, Index())
    assert found.stale == (case.id,)
    assert found.index.of(case.id, "inet") - found.index.of(case.id, "socket") == {"stat/send_pend"}
    assert survey(case, found.index).stale == ()


def test_only_what_a_case_always_uses_counts() -> None:
    runs: list[str] = []

    def unsteady(t: Subject) -> Any:
        runs.append(t.backend)
        if runs.count(t.backend) == 1:
            inet.format_error("einval")
        return refused(t)

    found = survey(make(unsteady), Index())
    assert len(runs) == 6
    assert not any("text/" in use for use in found.index.used)
    assert "gen_tcp:connect/3" in found.index.used


def test_what_a_case_is_noted_for_anew_is_from_runs_with_nothing_beside_them() -> None:
    together = threading.Barrier(2)

    def disturbed(t: Subject) -> Any:
        try:
            together.wait(0.2)
            inet.format_error("einval")
        except threading.BrokenBarrierError:
            pass
        return refused(t)

    found = Surveyor(Oracle({"29": record()}, Differences(), "29"), workers=2).survey([make(disturbed)], Index())
    assert "gen_tcp:connect/3" in found.index.used
    assert not any("text/" in use for use in found.index.used)


def test_a_run_that_does_as_noted_is_enough() -> None:
    runs: list[str] = []

    def unsteady(t: Subject) -> Any:
        runs.append(t.backend)
        if runs.count(t.backend) == 2:
            inet.format_error("einval")
        return "ok"

    case = make(unsteady)
    noted = Index({case.id: {name: frozenset({"inet:format_error/1", "text/einval"}) for name in ORACLE_COLUMNS}})
    assert survey(case, noted).stale == ()


def test_a_case_that_cannot_be_run_here_keeps_what_is_noted() -> None:
    def unsupported(t: Subject) -> Any:
        raise t.unsupported("no such thing here")

    case = make(unsupported)
    noted = Index({case.id: {name: frozenset({"gen_tcp:send/2"}) for name in ORACLE_COLUMNS}})
    found = survey(case, noted)
    assert found.stale == ()
    assert found.index.cases == noted.cases


def test_an_outcome_that_is_not_as_recorded_is_odd() -> None:
    case = make(lambda t: "ok" if t.backend == "inet" else "other")
    assert [(each.subject, str(verdict)) for each, verdict in survey(case, Index(), "ok").odd] == [
        ("socket", "DIFFERENT")
    ]
    assert survey(case, Index()).odd == ()
