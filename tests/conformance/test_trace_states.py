from __future__ import annotations

import socket
from contextlib import closing

from gentcp_conformance.traces.events import Kind, State
from gentcp_conformance.traces.kernel import End, Name, end
from gentcp_conformance.traces.observer import Seen
from gentcp_conformance.traces.recorder import Act
from gentcp_conformance.traces.states import Wire

ESTABLISHED, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE_WAIT, LAST_ACK = 1, 4, 5, 6, 8, 9
OPEN = End(ESTABLISHED, 0, 0)


def seen(subject: End | None, peer: End | None, queue: int | None = 0, *, peer_open: bool = True) -> Seen:
    return Seen(1, subject, peer, queue, peer_open)


def acts(*verbs: str, kind: Kind = Kind.CALL) -> list[Act]:
    return [Act(number, 1, 0, kind, verb, (), 0.0) for number, verb in enumerate(verbs, 1)]


def state(wire: Wire, found: Seen, *done: Act) -> State:
    made = wire.state(found, done)
    assert made is not None
    return made


def test_nothing_new_is_no_state() -> None:
    wire = Wire()
    assert wire.state(seen(OPEN, OPEN), []) is None
    assert wire.state(seen(OPEN, End(ESTABLISHED, 0, 3)), []) == State(1, out="3 B")
    assert wire.state(seen(OPEN, End(ESTABLISHED, 0, 3)), []) is None


def test_bytes_that_have_arrived_and_are_not_acknowledged_yet_count_once() -> None:
    assert state(Wire(), seen(End(ESTABLISHED, 3, 0), End(ESTABLISHED, 0, 3))).out == "3 B"
    assert Wire().state(seen(End(ESTABLISHED, 36285, 0), OPEN), []) is None


def test_a_stalled_connection_is_full_and_the_rest_in_the_queue() -> None:
    found = state(Wire(), seen(End(ESTABLISHED, 142251, 0), End(ESTABLISHED, 0, 127575), 3924478))
    assert (found.queue, found.out) == ("~4 MB", "full")


def test_what_the_peer_sent_is_on_its_way_in() -> None:
    assert state(Wire(), seen(End(ESTABLISHED, 0, 5), OPEN)).into == "5 B"


def test_an_end_of_file_is_on_the_wire_once_and_is_no_data() -> None:
    wire = Wire()
    wire.state(seen(OPEN, OPEN), [])
    assert state(wire, seen(End(FIN_WAIT2, 0, 0), End(CLOSE_WAIT, 0, 1))) == State(1, wire=("FIN>",))
    assert wire.state(seen(End(FIN_WAIT2, 0, 0), End(CLOSE_WAIT, 0, 1)), []) is None
    assert state(wire, seen(End(TIME_WAIT, 0, 0), None)).wire == ("<FIN",)


def test_of_two_ends_of_file_the_one_comes_first_that_was_asked_for() -> None:
    both = seen(None, End(TIME_WAIT, 0, 0))
    for done, signs in ((acts("close", kind=Kind.PEER), ("<FIN", "FIN>")), (acts("gen_tcp:close"), ("FIN>", "<FIN"))):
        wire = Wire()
        wire.state(seen(OPEN, OPEN), [])
        assert state(wire, both, *done).wire == signs


def test_a_socket_that_vanishes_was_reset_by_whoever_could() -> None:
    for done, peer_open, sign in (
        (acts("reset", kind=Kind.PEER), False, "<RST"),
        (acts("gen_tcp:send"), False, "<RST"),
        (acts("gen_tcp:close"), True, "RST>"),
    ):
        wire = Wire()
        wire.state(seen(OPEN, OPEN), [])
        assert state(wire, seen(None, None, None, peer_open=peer_open), *done).wire == (sign,)


def test_a_driver_that_can_not_be_asked_any_more_keeps_its_queue_while_the_connection_stands() -> None:
    wire = Wire()
    full = (End(ESTABLISHED, 142251, 0), End(ESTABLISHED, 0, 127575))
    wire.state(seen(*full, 4_000_000), [])
    assert wire.state(seen(*full, None), []) is None
    assert state(wire, seen(End(FIN_WAIT2, 0, 0), End(CLOSE_WAIT, 0, 1), None)) == State(1, wire=("FIN>",))


def test_the_kernel_is_asked_for_either_end_by_name() -> None:
    host = bytes([127, 0, 0, 1])
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        here, there = Name(host, client.getsockname()[1]), Name(host, listener.getsockname()[1])
        with client, server:
            client.sendall(b"abc")
            server.recv(3, socket.MSG_PEEK)
            assert end(there, here) == End(ESTABLISHED, 0, 3)
            server.recv(3)
            assert end(here, Name(host, 1)) is None
        assert end(here, there) != OPEN
