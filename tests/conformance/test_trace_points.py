"""Order, durations and loops, on logs made by hand."""

from __future__ import annotations

from typing import Any

import gentcp
from gentcp_conformance.traces.canonical import points, renumbered
from gentcp_conformance.traces.events import Kind, Point
from gentcp_conformance.traces.kernel import End
from gentcp_conformance.traces.naming import Names
from gentcp_conformance.traces.observer import Seen
from gentcp_conformance.traces.recorder import Act, Recorder

FULL = Seen(1, End(1, 142251, 0), End(1, 0, 127575), 0, peer_open=True)
EMPTY = Seen(1, End(1, 0, 0), End(1, 0, 0), 0, peer_open=True)


class Script:
    """A log: acts of a lane that begin and end at times in milliseconds; `saw` says what is seen after so many."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self._times: list[tuple[float, int, bool, Act]] = []
        self._saw: list[tuple[float, Seen]] = []

    def act(
        self, lane: int, verb: str, begin: float, end: float | None, value: Any = "ok",
        kind: Kind = Kind.CALL, args: tuple[Any, ...] = (), job: int = 0,
    ) -> None:  # fmt: skip
        acts = self.recorder.log.acts
        act = Act(len(acts) + 1, lane, job, kind, verb, args, begin / 1000)
        act.value = value
        acts.append(act)
        self._times.append((begin, len(acts), False, act))
        if end is not None:
            act.ended = end / 1000
            self._times.append((end, len(acts), True, act))

    def saw(self, when: float, seen: Seen) -> None:
        self._saw.append((when, seen))

    def points(self) -> list[Point]:
        log = self.recorder.log
        for when, _, is_end, act in sorted(self._times, key=lambda entry: entry[:3]):
            log.entries.append((act, is_end, when / 1000))
        for when, seen in self._saw:
            log.seen[sum(time <= when / 1000 for _, _, time in log.entries)] = seen
        return list(renumbered(points(self.recorder, Names("inet", {gentcp.current_process(): 1}))))


def steps(found: list[Point]) -> list[str]:
    return [f"{point.verb}{'' if point.begins else ' returns'}{'' if point.ends else ' blocks'}" for point in found]


def test_a_call_that_nothing_happens_in_is_one_point() -> None:
    script = Script()
    script.act(1, "inet:setopts", 0, 1)
    script.act(1, "gen_tcp:send", 10, 11)
    assert steps(script.points()) == ["inet:setopts", "gen_tcp:send"]


def test_a_call_that_is_released_by_another_is_two_and_has_no_duration() -> None:
    script = Script()
    script.act(2, "gen_tcp:recv", 0, 302, ("ok", b"a"))
    script.act(1, "send", 300, 301, None, Kind.PEER)
    found = script.points()
    assert steps(found) == ["gen_tcp:recv blocks", "send", "gen_tcp:recv returns"]
    assert [point.took for point in found] == ["", "", ""]


def test_who_is_released_comes_after_who_released_it_whichever_ended_first() -> None:
    for released in (149.0, 151.0):
        script = Script()
        script.act(2, "gen_tcp:send", 0, released, ("error", "closed"))
        script.act(1, "gen_tcp:close", 148, 150)
        assert steps(script.points()) == ["gen_tcp:send blocks", "gen_tcp:close", "gen_tcp:send returns"]


def test_of_two_that_end_at_once_the_younger_was_waited_for() -> None:
    script = Script()
    script.act(2, "gen_tcp:send", 0, 1201, ("error", "closed"))
    script.act(1, "spawn", 199, 199.5, type("T", (), {"process": None})(), Kind.SPAWN)
    script.act(3, "gen_tcp:close", 200, 1202, args=([("linger", (True, 1))],))
    took = {point.verb: point.took for point in script.points() if point.ends}
    assert (took["gen_tcp:send"], took["gen_tcp:close"]) == ("", "1 s")


def test_durations_are_those_that_were_asked_for() -> None:
    timeout = ("error", "timeout")
    for options, took, shown in (
        ([("send_timeout", 200)], 204, "200 ms"),
        ([("send_timeout", 200)], 340, "200 ms"),
        ([("send_timeout", 400)], 703, "700 ms"),
        ([], 5010, "5 s"),
    ):
        script = Script()
        script.act(1, "gen_tcp:connect", 0, 1, args=(options,))
        script.act(1, "gen_tcp:send", 10, 10 + took, timeout)
        assert script.points()[-1].took == shown


def test_a_call_that_only_took_its_time_has_no_duration() -> None:
    script = Script()
    script.act(1, "gen_tcp:send", 0, 120, "ok")
    assert script.points()[0].took == ""


def test_a_state_that_a_look_shows_belongs_to_what_was_done_before() -> None:
    script = Script()
    script.act(1, "gen_tcp:send", 0, 1)
    script.act(1, "full buffers", 10, 60, None, Kind.UNTIL)
    script.saw(70, FULL)
    send, until = script.points()
    assert send.state is not None
    assert send.state.out == "full"
    assert until.state is None


def test_calls_that_are_the_same_in_a_row_are_counted() -> None:
    script = Script()
    for number in range(3):
        script.act(1, "gen_tcp:recv", number * 10, number * 10 + 1, ("error", "closed"), args=(0, 50))
    script.act(1, "gen_tcp:recv", 90, 91, ("error", "enotconn"), args=(0, 50))
    assert [(point.result, point.count) for point in script.points()] == [
        ("{error,closed}", 3),
        ("{error,enotconn}", 1),
    ]


def test_sends_that_go_on_until_one_blocks_are_many() -> None:
    for sends in (30, 40):
        script = Script()
        for number in range(sends):
            script.act(1, "gen_tcp:send", number, number + 0.5, args=(b"a",))
        script.act(1, "gen_tcp:send", 50, None, args=(b"a",))
        found = script.points()
        assert [(point.count, point.ends, point.act) for point in found] == [(0, True, 1), (1, False, 2)]


def test_a_loop_with_other_data_each_time_is_one_point() -> None:
    script = Script()
    for number in range(50):
        script.act(1, "gen_tcp:send", number, number + 0.5, args=(bytes([number]),))
    assert [(point.count, point.args) for point in script.points()] == [(50, ("<<0>>",))]


def test_a_job_that_is_killed_never_returns() -> None:
    script = Script()
    script.act(2, "gen_tcp:send", 0, None)
    script.saw(50, FULL)
    found = script.points()
    assert steps(found) == ["gen_tcp:send blocks"]
    assert found[0].state is not None
