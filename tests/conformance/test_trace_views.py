"""Pictures and code."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

import gentcp
from gentcp.abc import Backend
from gentcp_conformance.case import load
from gentcp_conformance.traces import load_traces
from gentcp_conformance.traces.diagram import diagram
from gentcp_conformance.traces.events import Kind, Point, State, Trace, Traces
from gentcp_conformance.traces.rows import first_difference, rows
from gentcp_conformance.traces.transcript import transcript
from gentcp_conformance.traces.views import PICTURED, Views

CONNECT = Point(
    1, 1, Kind.CALL, "gen_tcp:connect", ("{127,0,0,1}", "Port", "[{inet_backend,Backend},{packet,4}]", "5000"),
    result="{ok,S}", bound="S",
)  # fmt: skip
SEND = Point(2, 1, Kind.CALL, "gen_tcp:send", ("S", "Data(4194304)"), result="ok")
QUEUED = replace(SEND, state=State(queue="~4 MB", out="full"))
TIMED_OUT = replace(SEND, result="{error,{timeout,<<...>>}}", took="200 ms", state=State(out="full"))
TAKEN = Point(3, 1, Kind.PEER, "take", ("Peer", "4194304"), result="4 MB, done", state=State())
SVG = "{http://www.w3.org/2000/svg}"


def trace(subject: str, *points: Point) -> Trace:
    return Trace("send/a/b", subject, points)


def pictures(left: Trace, right: Trace) -> list[ET.Element]:
    box = ET.fromstring(diagram(left, right))
    assert box.get("class") == "sq"
    return list(box)


def texts(picture: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter("text")]


def paths(picture: ET.Element, kind: str) -> list[str]:
    return [path.get("d", "") for path in picture.iter("path") if path.get("class") == kind]


def test_steps_are_matched_by_what_is_done() -> None:
    found = rows([CONNECT, SEND, TAKEN], [CONNECT, TIMED_OUT, replace(TAKEN, args=("Peer", "263000"))])
    assert [(row.left, row.right) is not None and row.differs for row in found] == [False, True, False]
    assert first_difference(found) == 1


def test_a_step_that_only_one_has_is_a_difference() -> None:
    only = rows([CONNECT, SEND], [CONNECT])
    assert (only[1].right, first_difference(only)) == (None, 1)


def test_what_is_in_queue_and_kernel_is_no_difference_that_a_program_sees() -> None:
    assert first_difference(rows([QUEUED], [SEND])) is None


def test_both_pictures_mark_the_same_step_as_the_first_difference() -> None:
    left, right = pictures(trace("inet", CONNECT, QUEUED, TAKEN), trace("socket", CONNECT, TIMED_OUT, TAKEN))
    assert paths(left, "d") == paths(right, "d")
    assert len(paths(left, "d")[0].split("M")) == 2
    assert ("send(S,<<4 MB>>) → ok" in texts(left), "first difference" in texts(right)) == (True, True)
    assert "send(S,<<4 MB>>) → {error,{timeout,<<...>>}} after 200 ms" in texts(right)


def test_pictures_that_are_alike_have_no_mark_and_say_so() -> None:
    left, _ = pictures(trace("inet", CONNECT, SEND), trace("socket", CONNECT, SEND))
    assert "first difference" not in texts(left)
    assert left.findtext("desc") == "2 steps, alike on both."


def test_the_description_tells_the_difference_in_words() -> None:
    blocked = replace(SEND, ends=False, result="")
    left, _ = pictures(trace("inet", SEND), trace("socket", blocked))
    assert left.findtext("desc") == (
        "1 steps. First difference in step 1: inet: send(S,<<4 MB>>) ok; socket: send(S,<<4 MB>>) blocks."
    )
    assert left.findtext("title") == "inet: send/a/b"


def test_only_inet_has_a_queue() -> None:
    left, right = pictures(trace("inet", QUEUED, TAKEN), trace("socket", TIMED_OUT, TAKEN))
    assert ("driver queue" in texts(left), "no queue" in texts(right)) == (True, True)
    assert ("~4 MB" in texts(left), "~4 MB" in texts(right)) == (True, False)
    assert (len(paths(left, "q")), len(paths(right, "q"))) == (1, 0)


def test_a_call_that_blocks_has_a_bar_until_it_returns() -> None:
    begin, end = replace(SEND, ends=False, result=""), replace(SEND, begins=False)
    left, right = pictures(trace("inet", begin, TAKEN, end), trace("socket", begin, TAKEN))
    bars = [float(paths(each, "b")[0].rpartition("V")[2]) for each in (left, right)]
    bottom = float(right.get("viewBox", "").split()[3]) - 4
    assert bars[0] < bars[1] == bottom


def test_markup_in_terms_is_escaped() -> None:
    odd = replace(SEND, args=("S", '<<"<script>">>'))
    text = diagram(trace("inet", odd), trace("socket", odd))
    assert "<script" not in text
    assert 'send(S,<<"<script>">>) → ok' in texts(pictures(trace("inet", odd), trace("socket", odd))[0])


def test_resets_and_ends_of_file_are_arrows_with_a_name() -> None:
    close = Point(2, 1, Kind.CALL, "gen_tcp:close", ("S",), result="ok", state=State(wire=("FIN>",)))
    reset = Point(3, 1, Kind.PEER, "reset", ("Peer",), state=State(wire=("<RST",)))
    left, _ = pictures(trace("inet", close, reset), trace("socket", close, reset))
    assert {"FIN", "RST"} <= set(texts(left))


def code(*points: Point, other: tuple[Point, ...] | None = None) -> str:
    right = points if other is None else other
    return transcript(trace("inet", *points), trace("socket", *right), "29").partition("\n\n")[2]


def test_what_is_made_is_bound_and_other_results_stand_behind() -> None:
    getopts = Point(2, 1, Kind.CALL, "inet:getopts", ("S", "[active]"), result="{ok,[{active,true}]}")
    assert code(CONNECT, getopts) == (
        "{ok, S} = gen_tcp:connect({127,0,0,1}, Port, [{inet_backend,Backend},{packet,4}], 5000).\n"
        "inet:getopts(S, [active]).  % {ok,[{active,true}]}\n"
    )


def test_results_that_differ_stand_below_each_with_its_backend() -> None:
    assert code(QUEUED, other=(TIMED_OUT,)) == (
        "gen_tcp:send(S, Data4MB).\n%   inet:   ok\n%   socket: {error,{timeout,<<...>>}}, after 200 ms\n"
    )


def test_what_only_one_does_is_asked_for_its_backend() -> None:
    assert code(other=(SEND,)) == "Backend =:= socket andalso gen_tcp:send(S, Data4MB).  % socket: ok\n"


def test_large_data_is_made_before_it_is_needed() -> None:
    head = transcript(trace("inet", SEND), trace("socket", SEND), "29").partition("\n\n")[0]
    assert "Data = fun(N)" in head
    assert head.endswith("Data4MB = Data(4194304).")


def test_a_job_that_goes_another_way_on_one_backend_has_both() -> None:
    spawn = Point(1, 1, Kind.SPAWN, "spawn", other=2, other_job=1)
    first = replace(SEND, lane=2, job=1, args=("S", "a"))
    second = replace(first, act=3, args=("S", "b"))
    look = Point(4, 1, Kind.LOOK, "look", ("0.3",), result="ok", other=2, other_job=1)
    assert code(spawn, first, second, look, other=(spawn, first, look)) == (
        "P2 = Spawn(fun() ->\n  case Backend of\n    inet ->\n      gen_tcp:send(S, a),\n      gen_tcp:send(S, b);\n"
        "    socket ->\n      gen_tcp:send(S, a)\n  end\nend).\nLook(P2, 300).  % ok\n"
    )


def test_an_exception_does_not_end_the_shell() -> None:
    wrong = replace(SEND, args=("foo", "<<>>"), result="** error: function_clause")
    assert code(wrong) == "catch gen_tcp:send(foo, <<>>).  % ** error: function_clause\n"


def test_views_have_nothing_of_a_case_without_traces_or_with_one() -> None:
    views = Views(Traces({}, {("send/a/b", "inet"): trace("inet", SEND)}))
    assert (views.diagram("send/a/b"), views.erlang("send/a/b"), views.erlang("send/x/y")) == (None, None, None)


def test_pictures_are_of_the_areas_where_it_matters() -> None:
    traces = {
        (case, name): Trace(case, name, (SEND,)) for case in ("send/a/b", "recv/a/b") for name in ("inet", "socket")
    }
    views = Views(Traces({}, traces))
    assert (views.diagram("send/a/b") is None, views.diagram("recv/a/b") is None) == (False, True)
    assert views.erlang("recv/a/b") is not None


CASES = load().select()


def test_every_case_has_its_code_and_those_of_the_three_areas_their_pictures() -> None:
    views = load_traces()
    assert [case.id for case in CASES if views.erlang(case.id) is None] == []
    assert [case.id for case in CASES if case.area in PICTURED and views.diagram(case.id) is None] == []


def test_the_pictures_that_come_with_the_kit_are_sound_and_small() -> None:
    views = load_traces()
    found = [text for case in CASES if (text := views.diagram(case.id))]
    for text in found:
        for picture in ET.fromstring(text):
            assert len(picture.findall("title")) == 1
    assert sum(len(text) for text in found) < 6000 * len(found)


@pytest.fixture(scope="module")
def vm() -> Backend:
    try:
        backend = gentcp.get_backend("otp_inet")
        backend.about()
    except gentcp.NoBackend as missing:
        pytest.skip(str(missing))
    return backend


def test_a_vm_can_parse_all_the_code_that_comes_with_the_kit(vm: Backend) -> None:
    views = load_traces()
    for case in CASES:
        text = views.erlang(case.id) or ""
        scanned, tokens, _ = vm.apply("erl_scan", "string", [[ord(character) for character in text]])
        # One expression after the other, so that it is one call.
        joined = [(",", token[1]) if token[0] == "dot" else token for token in tokens[:-1]]
        parsed = vm.apply("erl_parse", "parse_exprs", [[*joined, tokens[-1]]])
        assert (scanned, parsed[0]) == ("ok", "ok"), (case.id, parsed)


@pytest.mark.parametrize("pattern", [r"Data\(\d{6,}\)[^.]", r"\.\.\.\)"])
def test_code_that_comes_with_the_kit_can_be_evaluated(pattern: str) -> None:
    views = load_traces()
    for case in CASES:
        lines = [line for line in (views.erlang(case.id) or "").splitlines() if not line.startswith("%")]
        assert [line for line in lines if re.search(pattern, line.partition("  % ")[0])] == [], case.id
