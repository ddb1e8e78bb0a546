"""Programs: drawn from a seed, the same everywhere, and the same again after JSON."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gentcp_conformance.explore import program as programs
from gentcp_conformance.explore.areas import AREAS, generate
from gentcp_conformance.explore.draw import Draw
from gentcp_conformance.explore.kinds import KINDS
from gentcp_conformance.explore.program import Program, Step, Zeros
from gentcp_conformance.explore.running import run
from gentcp_conformance.explore.scene import Scene

from .explorers import QUICK

SEVERAL = 150

DIGEST = "5737d42aadd266df3846f8b5f07031c8d3c95e73ee9239e327222e3041a6b338"
"""Of programs as they are on every machine.  It changes when the drawing does, and with it what a seed means."""


def drawn() -> list[Program]:
    return [generate(7, number, area) for area in AREAS for number in range(SEVERAL)]


def test_a_seed_gives_the_same_programs_on_every_machine() -> None:
    text = "\n".join(programs.dumps(each) for each in drawn())
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_seed_number_and_area_each_make_another_program() -> None:
    first = generate(1, 2, "plain")
    assert generate(1, 2, "plain") == first
    assert first not in (generate(2, 2, "plain"), generate(1, 3, "plain"))
    assert generate(1, 2, "processes").area != first.area


def test_programs_go_through_json() -> None:
    assert all(programs.loads(programs.dumps(each)) == each for each in drawn())


TERMS: st.SearchStrategy[Any] = st.recursive(
    st.text("abc") | st.integers() | st.booleans() | st.binary() | st.builds(Zeros, st.integers(0, 99)),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


@settings(max_examples=40)
@given(st.lists(TERMS, max_size=4).map(tuple))
def test_any_argument_goes_through_json(args: tuple[Any, ...]) -> None:
    made = Program("plain", "connected", args, (Step("recv", args, by="A", waits=False, to="x"),), args, rcvbuf=1)
    assert programs.loads(programs.dumps(made)) == made


@pytest.mark.parametrize("raw", ["[]", "{}", '{"area": "plain"}', '{"steps": [{"what": 1}]}', "1"])
def test_what_is_no_program_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="not a program"):
        programs.loads(raw)


def test_every_kind_of_step_is_drawn_somewhere() -> None:
    found = {step.kind for each in drawn() for step in each.steps}
    other_draws_of_the_same = {"send_much", "go_active"}
    assert found == set(KINDS) - other_draws_of_the_same


def test_areas_name_kinds_that_there_are() -> None:
    assert {kind for area in AREAS.values() for kind, _ in area.weights} <= set(KINDS)


def simple(kind: str) -> Program:
    """A program with one step of a kind, and whom it needs."""
    listening = kind in {"accept", "async_accept", "peer_connects"}
    scene = Scene(Draw(1, 1, kind), listeners=["l"] if listening else [])
    scene.processes, scene.references = ["A"], ["m1"]
    if listening:
        scene.sockets, scene.peers = ["l"], []
    step = KINDS[kind].draw(scene)
    assert step is not None
    before: tuple[Step, ...] = (Step("getopts", (["active"],), "l" if listening else "s", by="A"),)
    if kind == "cancel_monitor":
        before = (*before, Step("monitor", on="s", to="m1"))
    options = ("binary", ("active", False))
    return Program("plain", "listening" if listening else "connected", options, (*before, step))


@pytest.mark.parametrize("backend", ["inet", "socket"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_step_runs(kind: str, backend: str) -> None:
    log = run(simple(kind), backend, QUICK)
    assert log[-1].startswith("end "), log
    assert "?" not in "".join(log), "something is no term"
    assert "python" not in "".join(log), "gentcp raised an exception of its own"


@pytest.mark.parametrize("area", AREAS)
def test_programs_of_each_area_run(area: str) -> None:
    for backend in ("inet", "socket"):
        program = generate(3, 5, area)
        log = run(program, backend, QUICK)
        assert log
        assert not [line for line in log if "python" in line or "?" in line]


def test_every_opening_and_family_runs() -> None:
    for opening in ("connected", "accepted", "both", "listening"):
        for family in ("inet", "inet6", "local"):
            log = run(Program("plain", opening, ("binary",), (), ("binary",), family), "inet", QUICK)
            assert log[0] == "end messages: []", (opening, family, log)


def test_what_is_refused_ends_the_program() -> None:
    made = Program("plain", "connected", (("packet", 3),), (Step("close"),))
    assert run(made, "inet") == ["connect: {exception,exit,badarg}"]


def test_a_call_that_blocks_leaves_its_process_busy() -> None:
    steps = (Step("recv", (0,), by="A", waits=False), Step("close", by="A"), Step("peer_closes", on="p"))
    log = run(Program("plain", "connected", (("active", False),), steps), "socket", QUICK)
    assert log[:2] == ["A close: busy", "end A recv: {error,closed}"]


def test_who_is_killed_answers_no_more() -> None:
    steps = (Step("recv", (0,), by="A", waits=False), Step("kill", ("A",), on=""), Step("close", by="A"))
    log = run(Program("plain", "connected", (("active", False),), steps), "inet", QUICK)
    assert log[:2] == ["kill: ok", "A close: ended"]


def test_a_step_on_what_is_not_there_is_left_out() -> None:
    steps = (Step("close", on="a7"), Step("peer_sends", (b"x",), on="p9"), Step("kill", ("C",), on=""))
    made = Program("plain", "connected", (("active", False),), steps)
    assert run(made, "inet", QUICK) == run(replace(made, steps=()), "inet", QUICK)


def test_messages_stand_socket_by_socket() -> None:
    steps = (Step("monitor", to="m1"), Step("shutdown", ("read_write",), on="t"))
    log = run(Program("both", "both", (), steps), "inet", QUICK)
    (found,) = [line for line in log if line.startswith("end messages")]
    assert found.index("{tcp_closed,'S'}") < found.index("{tcp_closed,'T'}")
    assert "DOWN" not in found or found.index("DOWN") < found.index("'T'")
