"""System calls, exactly: the data is there before it is asked for, so the numbers do not depend on time."""

from __future__ import annotations

import pytest

from . import strace
from .paths import FACES, offered
from .runs import traced
from .streams import PIECE, PIECES, TALKS

BACKENDS = ("inet", "socket")

# Whoever changes what a path costs, changes its line here.  What memory takes is left out, see below.
STEPS = {
    "packet 4": "recvfrom, sendto",
    "packet 4, timeout": "poll, recvfrom, sendto",
    "raw": "recvfrom, sendto",
    "line": "recvfrom, sendto",
    "send packet 4": "sendto",
    "send raw": "sendto",
    "packet 4, buffered": "",
    "line, buffered": "",
    "recv_many": "recvfrom",
    "recv_many, buffered": "",
    "active": "epoll_wait, 100 recvfrom, 100 sendto",
    "active once": "epoll_wait, 100 recvfrom, 100 sendto",
    "active, batch": "epoll_wait, recvfrom",
    "mailbox": "",
    "connect": "socket, 2 ioctl, connect, poll, getsockopt, getpeername, ioctl",
    "connection": "accept4, getsockname, recvfrom, sendto, close",
    "connection, active": "accept4, getsockname, epoll_ctl, epoll_wait, recvfrom, sendto, recvfrom, epoll_ctl, close",
    "connection, ended by the peer": "accept4, getsockname, recvfrom, sendto, recvfrom, close",
    "connection, ended by the peer, active":
        "accept4, getsockname, epoll_ctl, epoll_wait, recvfrom, sendto, epoll_wait, recvfrom, epoll_ctl, close",
}  # fmt: skip
SENDING = ("sendto", "sendmsg", "write", "writev")
TICK = 0.01


def all_steps(backend: str, face: str, name: str) -> list[strace.Section]:
    rounds, sections = traced("system-calls", backend)
    found, wanted = sections[f"{face} {name}"], rounds[f"{face} {name}"]
    assert len(found) == wanted, wanted
    return found


@pytest.mark.parametrize(("face", "name"), [(face, name) for face in FACES for name in offered(face)])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_makes_these_calls_and_no_others(backend: str, face: str, name: str) -> None:
    assert {section.plain() for section in all_steps(backend, face, name)} == {STEPS[name]}


@pytest.mark.parametrize("name", offered("python"))
@pytest.mark.parametrize("backend", BACKENDS)
def test_memory_is_not_mapped_for_each_message(backend: str, name: str) -> None:
    calls = [call for section in all_steps(backend, "python", name) for call in section.own]
    memory = [call for call in calls if call.name in strace.MEMORY]
    assert len(memory) <= 2 + len(calls) // 20, memory


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("side", ["post", "receive"])
def test_a_message_between_threads_makes_no_call_while_the_receiver_is_away(backend: str, side: str) -> None:
    _, sections = traced("streams", backend)
    assert len(sections[side]) == 5
    assert "" in {section.plain() for section in sections[side]}  # what the others have is the interpreter's lock


# ---- streams


def written(backend: str, name: str, part: str) -> tuple[list[strace.Call], strace.Section]:
    """The calls that wrote to the stream's socket, on whichever thread."""
    found, sections = traced("streams", backend)
    (section,) = sections[name]
    calls = [call for call in (*section.own, *section.others) if call.fd == found[part] and call.name in SENDING]
    return calls, section


def test_a_queue_is_written_in_large_pieces_and_no_byte_twice() -> None:
    calls, _section = written("inet", "slow reader", "to_slow_reader")
    assert sum(call.result for call in calls if call.result > 0) == PIECE * PIECES
    assert len(calls) <= 2 * PIECES, calls  # a call for each 32 KiB; the kernel says so when a third of 256 KiB is free


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_stream_takes_one_attempt_a_send_one_wait_and_the_rest(backend: str) -> None:
    calls, section = written(backend, "fast reader", "to_fast_reader")
    assert sum(call.result for call in calls if call.result > 0) == PIECE * PIECES
    waits = [call for call in section.own if call.name == "poll"]
    assert len(calls) + len(waits) <= 3 * PIECES


# ---- the driver's thread


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_driver_only_ticks_while_the_owner_receives(backend: str) -> None:
    found, sections = traced("ticks", backend)
    (section,) = sections["ticks"]
    looks = [call for call in section.others if call.name == "epoll_wait"]
    moves = [call for call in section.others if call.name == "epoll_ctl"]  # none, unless the owner was held up
    assert len(looks) <= found["seconds"] / TICK + 2 + 2 * len(moves)
    both = [call.name for call in (*section.own, *section.others) if call.fd == found["fd"]]
    assert (both.count("recvfrom"), both.count("sendto")) == (TALKS, TALKS)
    locks = [call for call in section.own if call.name == "futex"]
    assert len(locks) <= 4 * (len(looks) + 1)
    own = {call.name for call in section.own if call.fd != found["peer"] and call.name not in strace.MEMORY}
    assert moves or own <= {"epoll_wait", "recvfrom", "sendto", "futex"}
