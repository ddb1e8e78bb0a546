"""A backend over real descriptors, as small as the engine allows: `python plain_backend.py`.

It has one way to end (closed, whatever happened), takes options only when a socket is made, and blocks in send until
the system has everything.  Receiving, active mode, packet types, owners and monitors are the engine's.
"""

from __future__ import annotations

import socket
import threading
from functools import partial
from time import monotonic
from typing import ClassVar

import gentcp
from gentcp import engine
from gentcp.abc import Backend, Result, Term, Time
from gentcp.erl import gen_tcp, inet
from gentcp.errors import reason_of
from gentcp.options import defaults
from gentcp.process import Process, current_process
from gentcp.terms import iodata_to_bytes

ANY: dict[int, tuple[int, ...]] = {socket.AF_INET: (0, 0, 0, 0), socket.AF_INET6: (0,) * 8}
LISTENING = engine.State("listening", "accepts connections", engine.answers(send="enotconn", recv="enotconn"))
OPEN = engine.State("open", "data flows", engine.answers(accept="einval"), flows=True)
OVER = engine.State("over", "closed", engine.answers(accept="closed", send="closed", recv="closed", name="closed"))
HOW = {"read": socket.SHUT_RD, "write": socket.SHUT_WR, "read_write": socket.SHUT_RDWR}
DEFAULTS = engine.Settings(defaults("inet"))


class PlainSocket(engine.Endpoint):
    """Connected or listening."""

    over, monitored_as = (OVER,), ("plain", "noproc")
    inherited: ClassVar[dict[int, tuple[str, ...]]] = dict.fromkeys(ANY, ())

    # ---- what the engine asks, with the lock held

    def refuse_recv(self, length: int) -> Result:
        if (refused := self.answer("recv")) is not None:
            return refused
        if self.active is not False:
            return ("error", "einval")
        return ("error", "ealready") if self.receiver else None

    def on_fin(self) -> None:
        self._end("closed")

    def on_broken(self, reason: str) -> None:
        self._end(reason)

    def on_misframed(self) -> None:
        self._end("emsgsize")

    def _end(self, reason: str) -> None:
        """Tell whoever waits, and the owner of an active socket, and let go of the descriptor."""
        self.become(OVER)
        engine.complete_receivers(self, ("error", reason))
        if self.active is not False:
            self.tell("tcp_closed")
        self.disarm()
        self.owner.disown(self)
        self.unplug()
        self.fire_monitors(reason)
        self.pin(False)

    # ---- the contract

    def begin_accept(self, process: Process, timeout: Time) -> Result | engine.Operation:
        with self.lock:
            if (refused := self.answer("accept")) is not None:
                return refused
            assert self.acceptors is not None
            return self.acceptors.accept(process, seconds(timeout), partial(self.take_in, process))

    def take_in(self, owner: Process, sock: socket.socket) -> Result:
        """A connection, as a socket like this one."""
        return made(self.backend, owner, sock, self.settings, self.active)

    def send(self, data: Term) -> Result:
        found = self.begin_send(current_process(), data)
        return engine.wait(found) if isinstance(found, engine.Operation) else found

    def begin_send(self, process: Process, data: Term) -> Result | engine.Operation:
        if (refused := self.answer("send")) is not None:
            return refused
        op = Sending(process, self, self.settings.framed(iodata_to_bytes(data)))
        with self.lock:
            op.attempt()
        return op

    def recv_arguments(self, length: Term, timeout: Time) -> tuple[int, float | None]:
        return length, seconds(timeout)

    def shutdown_steps(self, process: Process, how: Term) -> engine.Steps:
        yield from ()  # nothing to wait for
        try:
            self.sock.shutdown(HOW[how])
        except OSError as error:
            return ("error", reason_of(error))
        return "ok"

    def close_steps(self, process: Process) -> engine.Steps:
        yield from ()
        with self.lock:
            self.close_now(process)
        return "ok"

    def close_now(self, by: Process | None) -> None:
        if self.state is not OVER:
            if self.acceptors is not None:
                self.acceptors.close()
            self.active = False
            self._end("closed")

    def orphan(self, reason: Term) -> None:
        self.close_now(None)

    def controlling_process(self, process: Process) -> Result:
        with self.lock:
            if current_process() is not self.owner:
                return ("error", "not_owner")
            self.hand_over(process)
        process.own(self)
        return "ok"

    def setopts(self, options: Term) -> Result:
        with self.lock:
            for option in options:
                if option[0] != "active" or not self.set_active(option[1]):
                    return ("error", "einval")
            if self.active is not False and self.state is OPEN:
                self.start_active()
        return "ok"

    def getopts(self, names: Term) -> Result:
        return ("ok", [("active", self.active) for name in names if name == "active"])

    def sockname(self) -> Result:
        return engine.name_of(self, "name", "getsockname")

    def peername(self) -> Result:
        return engine.name_of(self, "name", "getpeername")

    def getstat(self, names: Term) -> Result:
        return ("ok", [])


class Sending(engine.Operation):
    """A send, until the system has everything."""

    def __init__(self, process: Process, handle: PlainSocket, frame: bytes) -> None:
        super().__init__(process)
        self.handle = handle
        self.left_over = memoryview(frame)

    @property
    def lock(self) -> threading.RLock:
        return self.handle.lock

    def wants(self) -> engine.Wanted:
        return self.handle.fd, engine.WRITE

    def attempt(self) -> None:
        try:
            self.left_over = self.left_over[self.handle.sock.send(self.left_over, engine.DONTWAIT) :]
        except BlockingIOError:
            return
        except OSError as error:
            self.result = ("error", reason_of(error))
            return
        if not self.left_over:
            self.result = "ok"

    def give_up(self) -> None:
        self.result = ("error", "aborted")


class PlainBackend(engine.SteppingBackend):
    """`{inet_backend, plain}`."""

    name = "plain"
    description = "as small as the engine allows; for the documentation"

    def connect_steps(
        self, process: Process, address: Term, port: Term, options: list[Term], timeout: Time
    ) -> engine.Steps:
        wait = seconds(timeout)
        deadline = None if wait is None else monotonic() + wait
        family, rest = engine.pick_family(options, address)
        addresses, reason = yield from engine.resolve(address, family)
        opening = engine.connect_options(rest, family)
        for ip in addresses:
            sock = engine.new_socket(engine.open_socket(family, opening))
            reason = yield from engine.connect_socket(process, sock, engine.sockaddr(ip, port, family), deadline)
            if not reason:
                return made(self, process, sock, *chosen(opening))
            sock.close()
        return ("error", reason)

    def listen_for(self, process: Process, port: Term, options: list[Term]) -> Result:
        family, rest = engine.pick_family(options)
        opening = engine.listen_options(rest, family)
        sock = engine.new_socket(engine.open_socket(family, opening))
        try:
            sock.bind(engine.sockaddr(opening.ifaddr or ANY[family], port, family))
            sock.listen(opening.backlog)
        except OSError as error:
            sock.close()
            return ("error", reason_of(error))
        return made(self, process, sock, *chosen(opening), listening=True)


def chosen(opening: engine.Opening) -> tuple[engine.Settings, Term]:
    """The settings and the mode that the options make; options unknown to `DEFAULTS` are forgotten."""
    settings, active = DEFAULTS, True
    for name, value in opening.options:
        if name == "active":
            active = value
        elif name in settings:
            settings = settings.changed(name, value)
    return settings, active


def made(
    backend: Backend,
    owner: Process,
    sock: socket.socket,
    settings: engine.Settings,
    active: Term,
    *,
    listening: bool = False,
) -> Result:
    """A socket of `owner`; its messages may come from here on."""
    handle = PlainSocket(backend, sock, owner, settings, LISTENING if listening else OPEN, listening=listening)
    handle.acceptors = engine.Acceptors(sock, handle.lock) if listening else None
    handle.active = active
    handle.start()
    return ("ok", handle)


def seconds(time: Time) -> float | None:
    """Milliseconds or "infinity" as the engine takes them."""
    return None if time == "infinity" else time / 1000


backend = PlainBackend()


def main() -> None:
    """Send a line to ourselves."""
    gentcp.register(backend)
    options = [("inet_backend", "plain"), "binary", ("packet", "line"), ("active", "once")]
    _, listener = gen_tcp.listen(0, options)
    _, client = gen_tcp.connect("localhost", inet.port(listener)[1], options)
    _, server = gen_tcp.accept(listener)
    gen_tcp.send(client, [b"hello ", b"plain\n"])
    print(gentcp.receive(lambda message: message[1] is server, timeout=5.0)[2].decode(), end="")
    gen_tcp.close(client)
    print(gen_tcp.recv(server, 0, 5000))
    gen_tcp.close(listener)


if __name__ == "__main__":
    main()
