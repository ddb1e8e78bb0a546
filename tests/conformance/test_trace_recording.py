"""Tracing toy cases on gentcp's own backends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp_conformance.data import MB, payload
from gentcp_conformance.outcome import Kind as Ended
from gentcp_conformance.peer import Peer
from gentcp_conformance.record import RecordError
from gentcp_conformance.subject import CaseError, Subject
from gentcp_conformance.task import Job
from gentcp_conformance.traces import store
from gentcp_conformance.traces.__main__ import main
from gentcp_conformance.traces.events import Kind, Point, State, Trace, Traces
from gentcp_conformance.traces.merging import VARIES, agreed, common
from gentcp_conformance.traces.recording import record_traces
from gentcp_conformance.traces.tracing import DISTURBED, OTHER, trace, traced

from .toys import make

if TYPE_CHECKING:
    from pathlib import Path


def stalled_sender(t: Subject) -> Any:
    sock, peer = t.stalled()
    sender = t.spawn(gen_tcp.send, sock, payload())
    t.wait_until(lambda: peer.pending() > 0, what="bytes")
    seen = sender.outcome(0.1)
    return (seen, len(peer.take(4 * MB)[0]), sender.outcome(5.0))


def points(function: Any, backend: str, **details: Any) -> list[Point]:
    outcome, found = traced(make(function, **details), backend, backend)
    assert outcome.kind is Ended.TERM, outcome
    return list(found.points)


def by_verb(found: list[Point], verb: str) -> list[Point]:
    return [point for point in found if point.verb == verb]


def state(point: Point) -> State:
    assert point.state is not None
    return point.state


def test_a_send_that_is_queued_and_one_that_blocks() -> None:
    (queued,) = by_verb(points(stalled_sender, "inet"), "gen_tcp:send")
    assert (queued.lane, queued.result, queued.args) == (2, "ok", ("S", "Data(4194304)"))
    assert (state(queued).queue, state(queued).out) == ("~4 MB", "full")
    blocked, released = by_verb(points(stalled_sender, "socket"), "gen_tcp:send")
    assert (blocked.ends, released.begins, released.result) == (False, False, "ok")
    assert (state(blocked).queue, state(blocked).out) == ("", "full")


def test_the_peer_s_reading_empties_queue_and_kernel() -> None:
    found = points(stalled_sender, "inet")
    (taken,) = by_verb(found, "take")
    assert taken.result == "4 MB, done"
    assert (state(taken).queue, state(taken).out) == ("", "")
    assert [point.verb for point in found] == [
        "listen", "gen_tcp:connect", "accept", "close_listener", "spawn", "gen_tcp:send", "bytes", "look", "take",
        "look",
    ]  # fmt: skip


def test_jobs_and_looks_name_their_process() -> None:
    def two_jobs(t: Subject) -> Any:
        task = t.spawn(lambda: "first")
        results = (task.outcome(5.0), task.call(inet.getopts, t.pair()[0], ["active"]))
        task.end()
        return results

    found = points(two_jobs, "socket")
    assert [(p.verb, p.other, p.other_job) for p in found if p.other] == [
        ("spawn", 2, 1), ("look", 2, 1), ("call", 2, 2), ("end", 2, 1),
    ]  # fmt: skip
    (asked,) = by_verb(found, "inet:getopts")
    assert (asked.lane, asked.job) == (2, 2)


def test_messages_are_told_and_one_that_is_put_back_was_only_awaited() -> None:
    def closed(t: Subject) -> Any:
        sock, peer = t.pair()
        inet.setopts(sock, [("active", True)])
        peer.send(b"a")
        peer.close()
        message = gentcp.receive(lambda found: found[0] == "tcp_closed", timeout=5.0)
        gentcp.current_process().post(message)
        return t.messages(2)

    found = [(point.verb, point.messages) for point in points(closed, "inet") if point.kind is Kind.MESSAGES]
    assert found == [("await", ("{tcp_closed,S}",)), ("flush", ('{tcp,S,<<"a">>}', "{tcp_closed,S}"))]


def test_exceptions_are_results() -> None:
    found = points(lambda t: t.catch(gen_tcp.send, "foo", b""), "inet")
    assert [point.result for point in found] == ["** error: function_clause"]


def test_a_call_of_a_killed_process_does_not_return() -> None:
    def kill(t: Subject) -> Any:
        sock, _ = t.pair()
        receiver = t.spawn(gen_tcp.recv, sock, 0, 5000)
        receiver.outcome(0.05)
        receiver.kill()
        return "done"

    found = points(kill, "inet")
    assert [point.ends for point in by_verb(found, "gen_tcp:recv")] == [False]
    assert [(point.verb, point.other) for point in found if point.kind is Kind.END] == [("kill", 2)]


def test_everything_is_as_before_afterwards() -> None:
    owners = (gen_tcp, inet, gentcp, Subject, Peer, Job, gentcp.Process, type(gentcp.get_backend("inet")))
    before = [dict(vars(owner)) for owner in owners]
    points(stalled_sender, "inet")
    assert [dict(vars(owner)) for owner in owners] == before


def test_a_case_that_fails_is_still_taken_down_and_has_what_happened() -> None:
    def fail(t: Subject) -> Any:
        t.pair()
        raise CaseError("no stage")

    outcome, found = traced(make(fail), "inet", "inet")
    assert outcome.kind is Ended.CRASH
    assert "gen_tcp:connect" in [point.verb for point in found.points]


def test_a_case_that_being_looked_at_disturbs_is_traced_without() -> None:
    looks: list[str] = []

    def curious(t: Subject) -> Any:
        t.pair()
        looks.append("again")
        return "disturbed" if len(looks) == 1 else "as recorded"

    found = trace(make(curious), "inet", "inet", ("'as recorded'",))
    assert found.notes == (DISTURBED,)
    assert all(point.state is None for point in found.points)


def test_an_outcome_that_is_not_the_recorded_one_is_noted() -> None:
    assert trace(make(lambda _: "other"), "inet", "inet", ("expected",)).notes == (OTHER,)


def test_two_runs_that_agree_are_enough_and_recordings_repeat() -> None:
    case = make(stalled_sender)
    first, second = (record_traces([case], ("inet", "socket")) for _ in range(2))
    assert first.traces == second.traces
    assert [found.notes for found in first.traces.values()] == [(), ()]


def a_trace(*points: Point) -> Trace:
    return Trace("area/topic/name", "inet", points)


def test_what_runs_differ_in_is_left_open() -> None:
    one = Point(
        1, 1, Kind.CALL, "gen_tcp:recv", ("S",), result="{ok,<<17 bytes>>}", took="50 ms", state=State(out="5 B")
    )
    other = replace(one, result="{ok,<<19 bytes>>}", took="", state=State(out="7 B"))
    (found,) = common([a_trace(one), a_trace(one), a_trace(other)]).points
    assert (found.result, found.took, found.state) == ("{ok,<<... bytes>>}", "50 ms", State(out="some"))


def test_runs_agree_that_did_and_saw_the_same_even_if_one_looked_too_late() -> None:
    send = Point(1, 1, Kind.CALL, "gen_tcp:close", ("S",), result="ok", state=State(wire=("FIN>",)))
    look = Point(2, 1, Kind.PEER, "recv", ("Peer",), result="{error,closed}")
    late = (replace(send, state=None), replace(look, state=State(wire=("FIN>",))))
    found = agreed(a_trace(send, look), a_trace(*late))
    assert found is not None
    assert found.points == (send, replace(look, state=State()))
    assert agreed(a_trace(send), a_trace(replace(send, result="{error,closed}"))) is None
    assert agreed(a_trace(send), a_trace(replace(send, state=State(out="1 B")))) is None


def test_runs_that_do_different_things_are_noted() -> None:
    one = Point(1, 1, Kind.CALL, "gen_tcp:recv")
    assert common([a_trace(one), a_trace(one, one)]).notes == (VARIES,)


def test_the_command_writes_a_file_that_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "traces.jsonl"
    chosen = ["--case", "send/data/not-the-owner", "--backends", "inet", "socket", "--jobs", "1"]
    main(["--output", str(file), *chosen])
    found = store.read(file.read_text())
    assert list(found.traces) == [("send/data/not-the-owner", name) for name in ("inet", "socket")]
    assert capsys.readouterr().err == "2 traces of 1 cases\n"


def test_traces_are_read_as_they_were_written(tmp_path: Path) -> None:
    case = make(stalled_sender)
    traces = record_traces([case], ("inet", "socket"))
    odd = Trace("a/b/c", "inet", (Point(1, 1, Kind.CALL, "x:y", count=0, messages=("é",)),), ("a note",))
    whole = Traces({"release": "29"}, {**traces.traces, (odd.case, odd.subject): odd})
    file = tmp_path / "traces.jsonl"
    with file.open("w", encoding="utf-8") as out:
        store.write(whole, out)
    assert store.read(file.read_text(encoding="utf-8")) == whole


@pytest.mark.parametrize(
    "cut", [lambda lines: lines[:-1], lambda lines: lines[1:], lambda lines: [*lines[:1], *lines[2:]]]
)
def test_a_file_that_was_cut_short_is_refused(cut: Any, tmp_path: Path) -> None:
    file = tmp_path / "traces.jsonl"
    with file.open("w", encoding="utf-8") as out:
        store.write(Traces({}, {("a/b/c", "inet"): Trace("a/b/c", "inet")}), out)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    with pytest.raises(RecordError):
        store.read("".join(cut(lines)))
