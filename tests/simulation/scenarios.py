"""Scripts of system calls, to be run on the simulated kernel and on the real one.

Each is given a `Host` and returns what it has seen: results, errors by name, events by name.  How much a buffer takes
is the system's business, so amounts are only compared where they do not depend on that.
"""

from __future__ import annotations

import errno
import os as real_os
import select as real_select
import socket as real_socket
import time
from collections.abc import Callable
from typing import Any

from . import sockets
from .scheduler import monotonic

DONTWAIT = real_socket.MSG_DONTWAIT
LINGER = (real_socket.SOL_SOCKET, real_socket.SO_LINGER)
ERROR = (real_socket.SOL_SOCKET, real_socket.SO_ERROR)
RECEIVE_TIME = (real_socket.SOL_SOCKET, real_socket.SO_RCVTIMEO)
RD, WR, RDWR = real_socket.SHUT_RD, real_socket.SHUT_WR, real_socket.SHUT_RDWR
_NAMES = {1: "in", 4: "out", 8: "err", 16: "hup", 32: "nval", 0x2000: "rdhup"}
_ALL = 1 | 4 | 0x2000
_CHUNK = bytes(4096)


class Host:
    """A kernel, real or not."""

    def __init__(self, *, simulated: bool) -> None:
        self.socket: Any = sockets.SocketModule() if simulated else real_socket
        self.select: Any = sockets.SelectModule() if simulated else real_select
        self.os: Any = sockets.OsModule() if simulated else real_os
        self.monotonic: Callable[[], float] = monotonic if simulated else time.monotonic
        self._opened: list[Any] = []

    def new(self) -> Any:
        sock = self.socket.socket(real_socket.AF_INET, real_socket.SOCK_STREAM)
        self._opened.append(sock)
        return sock

    def listener(self, backlog: int = 8) -> Any:
        sock = self.new()
        sock.bind(("127.0.0.1", 0))
        sock.listen(backlog)
        sock.setblocking(False)
        return sock

    def connecting(self, listener: Any) -> Any:
        """Its connect has said EINPROGRESS."""
        sock = self.new()
        sock.setblocking(False)
        assert said(lambda: sock.connect(listener.getsockname())) == "EINPROGRESS"
        return sock

    def accepted(self, listener: Any) -> Any:
        sock, _ = listener.accept()
        sock.setblocking(False)
        self._opened.append(sock)
        return sock

    def pair(self) -> tuple[Any, Any]:
        listener = self.listener()
        here = self.connecting(listener)
        there = self.accepted(listener)
        listener.close()
        return here, there

    def events(self, *files: Any) -> Any:
        """What poll says of each, at this moment."""
        poll = self.select.poll()
        numbers = [file if isinstance(file, int) else file.fileno() for file in files]
        for number in numbers:
            poll.register(number, _ALL)
        found = dict(poll.poll(0))
        named = [names(found.get(number, 0)) for number in numbers]
        return named[0] if len(named) == 1 else named

    def close(self) -> None:
        for sock in self._opened:
            sock.close()


def names(mask: int) -> str:
    """Events as text."""
    return " ".join(name for bit, name in _NAMES.items() if mask & bit)


def said(call: Callable[[], Any]) -> Any:
    """The result, or the name of the error."""
    try:
        return call()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))


def fill(sock: Any) -> int:
    """As much as the system takes."""
    total = 0
    while True:
        written = said(lambda: sock.send(_CHUNK, DONTWAIT))
        if written == "EAGAIN":
            return total
        total += written


def drain(sock: Any) -> int:
    """All that is there."""
    total = 0
    while True:
        data = said(lambda: sock.recv(65536, DONTWAIT))
        if data == "EAGAIN" or not data:
            return total
        total += len(data)


def reset(sock: Any) -> None:
    """Close with a reset."""
    sock.setsockopt(*LINGER, bytes((1, 0, 0, 0, 0, 0, 0, 0)))
    sock.close()


Scenario = Callable[[Host], Any]
SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    SCENARIOS[function.__name__] = function
    return function


# ---- without a connection


@scenario
def a_new_socket(host: Host) -> Any:
    sock = host.new()
    return [
        host.events(sock), said(lambda: sock.recv(1)), said(lambda: sock.send(b"x", real_socket.MSG_NOSIGNAL)),
        said(sock.getpeername), said(lambda: sock.shutdown(WR)), sock.getsockopt(*ERROR), said(sock.accept),
    ]  # fmt: skip


@scenario
def a_listener(host: Host) -> Any:
    listener = host.listener()
    before = host.events(listener), said(listener.accept), said(lambda: listener.recv(1)), said(listener.getpeername)
    host.connecting(listener)
    there = host.events(listener)
    host.accepted(listener)
    return [before, there, host.events(listener), said(listener.accept)]


@scenario
def shutdown_of_a_listener(host: Host) -> Any:
    listener = host.listener()
    listener.shutdown(RD)
    return [said(listener.accept), host.events(listener)]


@scenario
def writing_to_a_listener(host: Host) -> Any:
    return said(lambda: host.listener().send(b"x", real_socket.MSG_NOSIGNAL))


@scenario
def closed_sockets(host: Host) -> Any:
    sock = host.new()
    sock.close()
    return [
        said(lambda: sock.recv(1)), said(lambda: sock.send(b"x")), said(sock.getsockname),
        said(lambda: sock.shutdown(RDWR)), said(lambda: sock.getsockopt(*ERROR)), sock.fileno(),
    ]  # fmt: skip


# ---- connecting


@scenario
def refused(host: Host) -> Any:
    listener = host.listener()
    name = listener.getsockname()
    listener.close()
    sock = host.new()
    sock.setblocking(False)
    return [
        said(lambda: sock.connect(name)), host.events(sock), sock.getsockopt(*ERROR), sock.getsockopt(*ERROR),
        host.events(sock), said(sock.getpeername), said(lambda: sock.recv(1)),
    ]  # fmt: skip


@scenario
def refused_and_read(host: Host) -> Any:
    listener = host.listener()
    name = listener.getsockname()
    listener.close()
    sock = host.new()
    sock.setblocking(False)
    return [said(lambda: sock.connect(name)), said(lambda: sock.recv(1)), said(lambda: sock.recv(1))]


@scenario
def connected_at_once(host: Host) -> Any:
    listener = host.listener()
    sock = host.connecting(listener)
    return [
        host.events(sock), sock.getsockopt(*ERROR), sock.getpeername() == listener.getsockname(),
        said(lambda: sock.connect(listener.getsockname())),
    ]  # fmt: skip


@scenario
def sent_before_accept(host: Host) -> Any:
    listener = host.listener()
    sock = host.connecting(listener)
    sock.send(b"early")
    there = host.accepted(listener)
    return [host.events(there), there.recv(10)]


@scenario
def a_full_queue(host: Host) -> Any:
    listener = host.listener(0)
    first = host.connecting(listener)
    second = host.connecting(listener)
    return [
        host.events(first, second), second.getsockopt(*ERROR), said(second.getpeername),
        said(lambda: second.send(b"x", DONTWAIT)), said(lambda: second.recv(1, DONTWAIT)),
        said(lambda: second.connect(listener.getsockname())), said(lambda: second.shutdown(WR)) in (None, "ENOTCONN"),
    ]  # fmt: skip


@scenario
def a_listener_closed_with_one_in_its_queue(host: Host) -> Any:
    listener = host.listener()
    sock = host.connecting(listener)
    listener.close()
    return [host.events(sock), said(lambda: sock.recv(1)), said(lambda: sock.recv(1))]


@scenario
def a_peer_gone_before_accept(host: Host) -> Any:
    listener = host.listener()
    sock = host.connecting(listener)
    sock.send(b"x")
    sock.close()
    there = host.accepted(listener)
    return [host.events(there), there.recv(10), there.recv(10)]


@scenario
def reset_before_accept(host: Host) -> Any:
    listener = host.listener()
    reset(host.connecting(listener))
    events = host.events(listener)
    there = host.accepted(listener)
    return [events, said(lambda: there.recv(10)), said(lambda: there.recv(10))]


# ---- data


@scenario
def data(host: Host) -> Any:
    here, there = host.pair()
    before = host.events(here, there)
    here.send(b"hello")
    return [
        before, host.events(here, there), there.recv(2), there.recv(10, real_socket.MSG_PEEK), there.recv(10),
        host.events(there), said(lambda: there.recv(1)),
    ]  # fmt: skip


@scenario
def several_parts(host: Host) -> Any:
    here, there = host.pair()
    return [here.sendmsg([b"a", b"", memoryview(b"bcd")[1:]], (), DONTWAIT), there.recv(10), here.send(b"")]


@scenario
def filled(host: Host) -> Any:
    here, there = host.pair()
    total = fill(here)
    events = host.events(here)
    came = drain(there)
    came += drain(there)
    return [total > 0, events, host.events(here), came == total, said(lambda: here.send(b"", DONTWAIT))]


@scenario
def writable_from_a_threshold_on(host: Host) -> Any:
    """A little room is not enough, and the system takes data before it says so."""
    here, there = host.pair()
    taken_early = False
    fill(here)
    for _ in range(10_000):
        if host.events(here):
            break
        if not drain_some(there):
            break
        before = host.events(here)
        if isinstance(said(lambda: here.send(b"x", DONTWAIT)), int):
            taken_early = taken_early or not before
    return [taken_early, host.events(here)]


def drain_some(sock: Any) -> int:
    found = said(lambda: sock.recv(2048, DONTWAIT))
    return 0 if isinstance(found, str) else len(found)


@scenario
def a_recv_with_a_time(host: Host) -> Any:
    here, _there = host.pair()
    here.setblocking(True)
    here.setsockopt(*RECEIVE_TIME, (0).to_bytes(8, "little") + (50_000).to_bytes(8, "little"))
    began = host.monotonic()
    return [said(lambda: here.recv(1)), host.monotonic() - began >= 0.045, said(lambda: here.recv(1, DONTWAIT))]


# ---- the end of a stream


@scenario
def fin(host: Host) -> Any:
    here, there = host.pair()
    here.close()
    return [host.events(there), there.recv(1), there.recv(1), said(lambda: there.send(b"x")), there.getsockopt(*ERROR)]


@scenario
def data_and_fin(host: Host) -> Any:
    here, there = host.pair()
    here.send(b"last")
    here.shutdown(WR)
    return [host.events(there), there.recv(10), host.events(there), there.recv(10), host.events(here)]


@scenario
def half_closed(host: Host) -> Any:
    here, there = host.pair()
    here.shutdown(WR)
    there.send(b"answer")
    return [
        said(lambda: here.send(b"x", real_socket.MSG_NOSIGNAL)), host.events(here), here.recv(10),
        said(lambda: here.recv(1)), said(lambda: here.shutdown(WR)), host.events(there),
    ]  # fmt: skip


@scenario
def closed_on_both_sides(host: Host) -> Any:
    here, there = host.pair()
    here.shutdown(WR)
    there.send(b"x")
    there.shutdown(WR)
    return [
        host.events(here, there), here.recv(10), here.recv(10), said(lambda: here.shutdown(WR)),
        said(here.getpeername), said(lambda: here.send(b"x", real_socket.MSG_NOSIGNAL)), here.getsockopt(*ERROR),
    ]  # fmt: skip


@scenario
def the_reading_side_shut(host: Host) -> Any:
    here, there = host.pair()
    there.send(b"before")
    here.shutdown(RD)
    first = host.events(here), here.recv(10), here.recv(10)
    sent = said(lambda: there.send(b"after"))
    return [first, sent, host.events(here, there), here.recv(10), here.recv(10), said(lambda: here.send(b"x"))]


@scenario
def both_shut_and_data_comes(host: Host) -> Any:
    here, there = host.pair()
    here.shutdown(RDWR)
    first = host.events(here, there), here.recv(1), said(lambda: here.shutdown(RDWR)), there.recv(1)
    sent = said(lambda: there.send(b"x"))
    return [
        first, sent, host.events(here, there), said(lambda: there.send(b"x", real_socket.MSG_NOSIGNAL)),
        said(lambda: there.recv(1)), said(lambda: here.recv(1)), said(here.getpeername),
    ]  # fmt: skip


@scenario
def shut_in_two_steps(host: Host) -> Any:
    here, there = host.pair()
    here.shutdown(RD)
    here.shutdown(WR)
    return [host.events(here, there), there.recv(1), host.events(there)]


@scenario
def closed_with_data_under_way(host: Host) -> Any:
    here, there = host.pair()
    total = fill(here)
    here.close()
    came = drain(there)
    came += drain(there)
    return [came == total, there.recv(1), host.events(there)]


@scenario
def shut_with_data_under_way(host: Host) -> Any:
    here, there = host.pair()
    total = fill(here)
    here.shutdown(WR)
    first = host.events(here, there)
    came = drain(there)
    came += drain(there)
    return [first, came == total, there.recv(1), host.events(here, there)]


# ---- resets


@scenario
def closed_with_data_unread(host: Host) -> Any:
    here, there = host.pair()
    there.send(b"unread")
    here.close()
    return [
        host.events(there), said(lambda: there.recv(1)), said(lambda: there.recv(1)), host.events(there),
        said(lambda: there.send(b"x", real_socket.MSG_NOSIGNAL)), said(there.getpeername),
        said(lambda: there.shutdown(WR)),
    ]  # fmt: skip


@scenario
def reset_with_data_unread_here(host: Host) -> Any:
    here, there = host.pair()
    here.send(b"unread")
    reset(here)
    return [host.events(there), there.recv(3), there.recv(10), said(lambda: there.recv(1)), said(lambda: there.recv(1))]


@scenario
def a_reset_as_an_error(host: Host) -> Any:
    here, there = host.pair()
    reset(here)
    return [
        host.events(there), there.getsockopt(*ERROR), there.getsockopt(*ERROR), host.events(there),
        said(lambda: there.recv(1)), said(lambda: there.send(b"x", real_socket.MSG_NOSIGNAL)),
    ]  # fmt: skip


@scenario
def writing_after_a_reset(host: Host) -> Any:
    here, there = host.pair()
    reset(here)
    return [said(lambda: there.send(b"x", real_socket.MSG_NOSIGNAL)) for _ in range(2)] + [said(lambda: there.recv(1))]


@scenario
def writing_to_one_that_has_closed(host: Host) -> Any:
    here, there = host.pair()
    here.close()
    return [
        said(lambda: there.send(b"x")), host.events(there), said(lambda: there.send(b"x", real_socket.MSG_NOSIGNAL)),
        said(lambda: there.recv(1)), there.getsockopt(*ERROR),
    ]  # fmt: skip


@scenario
def a_reset_behind_fin(host: Host) -> Any:
    here, there = host.pair()
    here.close()
    there.send(b"x")
    return [there.getsockopt(*ERROR), said(lambda: there.recv(1)), said(lambda: there.recv(1))]


@scenario
def reset_by_one_that_was_filled(host: Host) -> Any:
    here, there = host.pair()
    fill(here)
    reset(there)
    return [host.events(here), said(lambda: here.send(b"x", DONTWAIT | real_socket.MSG_NOSIGNAL)), host.events(here)]


@scenario
def reset_with_data_under_way(host: Host) -> Any:
    here, there = host.pair()
    total = fill(here)
    reset(here)
    came = 0
    while isinstance(found := said(lambda: there.recv(65536)), bytes) and found:
        came += len(found)
    return [0 < came < total, found, there.recv(1)]


# ---- descriptors


@scenario
def the_lowest_number(host: Host) -> Any:
    first, second, third = host.new(), host.new(), host.new()
    numbers = [second.fileno(), first.fileno()]
    second.close()
    first.close()
    again = host.new(), host.new()
    return [sorted(numbers) == [each.fileno() for each in again], third.fileno() > max(numbers)]


@scenario
def two_descriptors(host: Host) -> Any:
    here, there = host.pair()
    other = host.socket.socket(fileno=host.os.dup(here.fileno()))
    here.close()
    first = host.events(there)
    other.send(b"x")
    other.close()
    return [first, there.recv(10), there.recv(10)]


@scenario
def no_such_descriptor(host: Host) -> Any:
    epoll = host.select.epoll()
    sock = host.new()
    number = sock.fileno()
    sock.close()
    itself = epoll.fileno()
    try:
        return [
            host.events(number), said(lambda: epoll.register(number, 1)), said(lambda: epoll.unregister(number)),
            said(lambda: epoll.register(itself, 1)),
        ]  # fmt: skip
    finally:
        epoll.close()


# ---- epoll and eventfd


@scenario
def epoll_is_level_triggered(host: Host) -> Any:
    here, there = host.pair()
    epoll = host.select.epoll()
    epoll.register(there.fileno(), 1)
    first = epoll.poll(0)
    here.send(b"xy")
    seen = [[(fd == there.fileno(), events) for fd, events in epoll.poll(0)] for _ in range(2)]
    there.recv(10)
    last = epoll.poll(0)
    epoll.modify(there.fileno(), 4)
    changed = [events for _, events in epoll.poll(0)]
    errors = said(lambda: epoll.register(there.fileno(), 1)), said(lambda: epoll.modify(here.fileno(), 1))
    epoll.unregister(there.fileno())
    gone = said(lambda: epoll.unregister(there.fileno())), epoll.poll(0)
    epoll.close()
    return [first, seen, last, changed, errors, gone, said_value(lambda: epoll.poll(0))]


def said_value(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ValueError:
        return "closed"


@scenario
def epoll_forgets_what_is_closed(host: Host) -> Any:
    here, there = host.pair()
    epoll = host.select.epoll()
    epoll.register(there.fileno(), 1)
    here.send(b"x")
    number = there.fileno()
    other = host.os.dup(number)
    there.close()
    still = [(fd == number, events) for fd, events in epoll.poll(0)]
    host.os.close(other)
    found = [still, epoll.poll(0)]
    epoll.close()
    return found


@scenario
def epoll_in_epoll(host: Host) -> Any:
    here, there = host.pair()
    inner, outer = host.select.epoll(), host.select.epoll()
    inner.register(there.fileno(), 1)
    outer.register(inner.fileno(), 1)
    first = outer.poll(0)
    here.send(b"x")
    second = [(fd == inner.fileno(), events) for fd, events in outer.poll(0)]
    there.recv(1)
    third = outer.poll(0)
    number = inner.fileno()
    here.send(b"x")
    inner.close()
    found = [first, second, third, outer.poll(0), said(lambda: outer.unregister(number))]
    outer.close()
    return found


@scenario
def an_eventfd(host: Host) -> Any:
    fd = host.os.eventfd(0, real_os.EFD_NONBLOCK | real_os.EFD_CLOEXEC)
    first = host.events(fd), said(lambda: host.os.read(fd, 8))
    host.os.write(fd, (1).to_bytes(8, "little"))
    host.os.write(fd, (2).to_bytes(8, "little"))
    second = host.events(fd), host.os.read(fd, 4096), host.events(fd)
    host.os.close(fd)
    return [first, second, host.events(fd), said(lambda: host.os.read(fd, 8))]


@scenario
def several_at_once(host: Host) -> Any:
    here, there = host.pair()
    other, _ = host.pair()
    there.send(b"x")
    return host.events(here, there, other)


# ---- lingering


@scenario
def close_waits(host: Host) -> Any:
    """As long as the peer has not taken everything, up to the time of linger."""
    here, there = host.pair()
    total = fill(here)
    here.setblocking(True)
    here.setsockopt(*LINGER, bytes((1, 0, 0, 0, 1, 0, 0, 0)))
    began = host.monotonic()
    here.close()
    waited = host.monotonic() - began
    came = drain(there)
    came += drain(there)
    return [0.9 < waited < 1.5, came == total, there.recv(1)]


@scenario
def close_has_nothing_to_wait_for(host: Host) -> Any:
    here, there = host.pair()
    here.send(b"x")
    here.setsockopt(*LINGER, bytes((1, 0, 0, 0, 9, 0, 0, 0)))
    began = host.monotonic()
    here.close()
    return [host.monotonic() - began < 1, there.recv(2), there.recv(2)]


@scenario
def linger_as_it_is_read(host: Host) -> Any:
    sock = host.new()
    first = sock.getsockopt(*LINGER, 8)
    sock.setsockopt(*LINGER, bytes((1, 0, 0, 0, 5, 0, 0, 0)))
    return [first, sock.getsockopt(*LINGER, 8)]
