"""The tables of states, and that nothing but the transitions changes a state."""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.abc import SocketHandle
from gentcp.erl import gen_tcp, inet

from ..support import Net, inspection, seams

MODES = ("active", "passive", "waiting")
THEN = ("exit", "stay")
MESSAGES = ("tcp_error", "tcp_closed")
EVENTS = {
    "inet": {"fin", "broken", "unsendable", "overdue", "activate", "close"},
    "socket": {"unreadable", "misframed", "unsendable", "activate", "close", "abandon"},
}


def happened(event: str) -> str:
    """What the code calls an event that leads into a close(2) that lingers, or out of it."""
    return event.removesuffix(" lingers").removesuffix(" lingered")


@pytest.fixture(params=seams.BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def states(backend: str) -> Any:
    return seams.states(backend)


def sources(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every file of these packages, parsed."""
    for name in packages:
        for path in sorted(seams.folder(name).glob("*.py")):
            yield path, ast.parse(path.read_text(), str(path))


# ---- the table


def test_every_transition_leads_from_a_declared_state_to_a_declared_state(states: Any) -> None:
    for (state, _event, mode, then), step in states.TRANSITIONS.items():
        assert state in states.STATES
        assert step.next in states.STATES
        assert mode in MODES
        assert then in THEN


def test_states_have_names_and_say_what_they_are(states: Any) -> None:
    names = [state.name for state in states.STATES]
    assert len(set(names)) == len(names)
    assert all(state.doc for state in states.STATES)
    assert [repr(state) for state in states.STATES] == names


def test_the_owner_is_told_what_the_manual_knows_in_its_order(states: Any) -> None:
    for step in states.TRANSITIONS.values():
        assert list(step.tell) == [message for message in MESSAGES if message in step.tell]


def test_every_state_can_be_left_but_the_last(backend: str, states: Any) -> None:
    """Whatever happened to a socket, close ends it, in every mode."""
    last = states.STATES[-1]
    waiting = {"waiting"} if backend == "socket" else set[str]()
    for state, mode, then in itertools.product(states.STATES[:-1], {"active", "passive"} | waiting, THEN):
        if state.name != "closing":  # that is over when close(2) is
            assert states.TRANSITIONS[state, "close", mode, then].next is last
    assert not any(key[0] is last for key in states.TRANSITIONS)


def test_a_close_that_lingers_is_over_in_a_state_that_is_over(backend: str, states: Any) -> None:
    """Whatever led into it, in every mode, and wherever that is possible."""
    over = seams.handle_class(backend).over
    for state, event, mode, then in [key for key in states.TRANSITIONS if key[1].endswith(" lingers")]:
        assert states.TRANSITIONS[state, event, mode, then].next is states.CLOSING
        eoc = then == "exit"
        if states.step(state, happened(event), mode=mode, exit_on_close=eoc) is not None:
            left = states.step(states.CLOSING, f"{happened(event)} lingered", mode=mode, exit_on_close=eoc)
            if eoc or happened(event) != "unreadable":
                assert left.next in over


def test_every_combination_has_an_answer(backend: str, states: Any) -> None:
    """A step into a declared state, or None: nothing happens."""
    for state, event, mode, eoc in itertools.product(states.STATES, EVENTS[backend], MODES, (True, False)):
        if backend == "inet":
            step = states.step(state, event, active=mode == "active", exit_on_close=eoc)
        else:
            step = states.step(state, event, mode=mode, exit_on_close=eoc)
        assert step is None or step.next in states.STATES


def test_what_connections_do_is_decided_for_a_connected_socket(backend: str, states: Any) -> None:
    """Only `activate` means nothing there: setopts delivers what is buffered."""
    for event, mode, eoc in itertools.product(EVENTS[backend] - {"activate"}, ("active", "passive"), (True, False)):
        mode_argument = {"active": mode == "active"} if backend == "inet" else {"mode": mode}
        assert states.step(states.CONNECTED, event, exit_on_close=eoc, **mode_argument) is not None


def test_answers_name_operations_and_reasons(backend: str, states: Any) -> None:
    handle_class = seams.handle_class(backend)
    for state in states.STATES:
        for operation, reason in state.answers.items():
            assert callable(getattr(handle_class, operation)), f"{state}: {operation}"
            assert reason in {"closed", "enotconn", "einval", "ebadf"}


def test_a_socket_that_is_over_answers_every_operation(states: Any) -> None:
    last = states.STATES[-1]
    assert {"send", "recv", "shutdown", "accept", "controlling_process", "setopts", "getopts", "getstat"} <= set(
        last.answers
    )


# ---- the code around it


def calls(tree: ast.AST, method: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node


def test_the_events_in_the_code_are_those_of_the_table(backend: str, states: Any) -> None:
    raised = {
        call.args[0].value
        for _path, tree in sources(f"gentcp_{backend}")
        for call in calls(tree, seams.TRANSITS)
        if isinstance(call.args[0], ast.Constant)
    }
    assert raised == EVENTS[backend] == {happened(event) for _state, event, _mode, _then in states.TRANSITIONS}
    assert all(
        isinstance(call.args[0], ast.Constant)
        for _path, tree in sources(f"gentcp_{backend}")
        for call in calls(tree, seams.TRANSITS)
    )


def functions_that_set(tree: ast.Module, attribute: str) -> Iterator[str]:
    """The functions in which `something.attribute` is assigned or deleted, by statement or by setattr."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and node.attr == attribute and not isinstance(node.ctx, ast.Load):
                yield function.name
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
                yield function.name


def test_only_the_transition_changes_the_state() -> None:
    where = {
        (path.parent.name, name)
        for path, tree in sources(*seams.STATEFUL)
        for name in functions_that_set(tree, "state")
    }
    assert where == seams.SET_THE_STATE


def test_only_transit_enters_a_state() -> None:
    for _path, tree in sources(*seams.ENTERED):
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and any(calls(function, seams.ENTERS)):
                assert function.name == seams.TRANSITS


def test_the_check_above_sees_an_assignment() -> None:
    tree = ast.parse(
        "def f(x):\n    x.state = 1\ndef g(x):\n    setattr(x, 'state', 1)\ndef h(x):\n    return x.state\n"
    )
    assert set(functions_that_set(tree, "state")) == {"f", "g"}


# ---- at run time


@pytest.fixture
def _transitions_are_locked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Wrap both transition functions: they are called with the socket's lock held, and end in a declared state."""
    seen: list[str] = []
    for backend in seams.BACKENDS:
        original, states = seams.found("transition", backend), seams.states(backend)

        def checked(
            self: Any, event: str, *args: Any, original: Any = original, states: Any = states, **more: Any
        ) -> None:
            assert inspection.holds_lock(self)
            before = inspection.state(self)
            original(self, event, *args, **more)
            assert inspection.state(self) in states.STATES
            seen.append(f"{before} {event} {inspection.state(self)}")

        monkeypatch.setattr(*seams.seam("transition", backend), checked)
    return seen


def test_a_life(net: Net, _transitions_are_locked: list[str]) -> None:  # noqa: PT019  its value is used
    sock, peer = net.pair()
    peer.finish()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")
    assert gen_tcp.close(sock) == "ok"
    listener = net.listen()
    assert gen_tcp.close(listener) == "ok"
    if net.backend == "inet":
        expected = ["connected fin unplugged", "unplugged close closed", "listening close closed"]
    else:
        expected = ["connected unreadable gone", "listening close gone"]
    assert _transitions_are_locked == expected


def test_the_end_of_an_owner_is_a_transition_too(net: Net, _transitions_are_locked: list[str]) -> None:  # noqa: PT019
    owner = net.spawn(gentcp.receive)
    sock, _peer = net.pair()
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    owner.end()
    assert len(_transitions_are_locked) == 1
    assert inspection.state(sock).name in ("closed", "gone")
    assert inet.getopts(sock, ["active"]) == ("error", "einval")


def test_handles_keep_the_contract() -> None:
    """Every method of the contract is there, with the parameters that the contract has."""
    for backend in seams.BACKENDS:
        handle_class = seams.handle_class(backend)
        assert issubclass(handle_class, SocketHandle)
        assert not inspect.isabstract(handle_class)
        for method, contract in inspect.getmembers(SocketHandle, inspect.isfunction):
            if not method.startswith("_"):
                own = inspect.signature(getattr(handle_class, method))
                assert list(own.parameters) == list(inspect.signature(contract).parameters), method
