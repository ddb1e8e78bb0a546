"""Ctrl-C at moments chosen at random: is a lock still held, does a later call hang?

Arguments: the backend, what is interrupted, how often, and a seed.  It prints what went wrong, or nothing.
"""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import gentcp
from gentcp.engine import inspection

PATIENCE = 20.0
LONGEST = 0.002
"""Seconds after which the call is interrupted, at most."""


class Bench:
    """A connection, made anew for each interrupt."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.listener = gentcp.listen(0, inet_backend=backend, backlog=1000)
        self.server = socket.create_server(("127.0.0.1", 0), backlog=100)
        threading.Thread(target=self._serve, daemon=True).start()
        self.sock: Any = None
        self.peer: Any = None

    def _serve(self) -> None:
        while True:
            self.server.accept()[0].close()

    def connect(self, **options: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.sock = gentcp.connect("127.0.0.1", server.getsockname()[1], inet_backend=self.backend, **options)
            self.peer = server.accept()[0]
        self.peer.settimeout(PATIENCE)

    def echo(self, timeout: float | None = None) -> None:
        self.sock.send(b"ten bytes.")
        self.peer.recv(100)
        self.peer.send(b"ten bytes.")
        self.sock.recv(timeout=timeout)

    def timed(self) -> None:
        self.echo(PATIENCE)

    def receive(self) -> None:
        self.peer.send(b"ten bytes.")
        gentcp.receive()

    def once(self) -> None:
        self.sock.setopts(active="once")
        self.receive()

    def full(self) -> None:
        self.sock.send(bytes(30_000))

    def accept(self) -> None:
        with socket.create_connection(("127.0.0.1", self.listener.port)), self.listener.accept() as accepted:
            accepted.send(b"ten bytes.")

    def connecting(self) -> None:
        with gentcp.connect("127.0.0.1", self.server.getsockname()[1], inet_backend=self.backend) as sock:
            sock.getstat()

    # ---- afterwards

    def later(self) -> None:
        """These are to work, or to raise what is documented."""
        if self.sock is not None:
            self.sock.getstat()
            self.sock.setopts(active=False)
            self.sock.close()
        self.accept()


def drain(peer: socket.socket) -> None:
    try:
        while peer.recv(65536):
            pass
    except OSError:
        pass


def prepare(bench: Bench, kind: str) -> None:
    bench.sock = bench.peer = None
    if kind not in ("accept", "connecting"):
        bench.connect(active=kind == "receive")
    if kind == "full":
        threading.Thread(target=drain, args=(bench.peer,), daemon=True).start()


def interrupted(call: Callable[[], None], seconds: float) -> bool:
    """Whether Ctrl-C came out of the call, rather than out of a finaliser, where Python drops it."""
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        for _ in range(1000):
            call()
    except KeyboardInterrupt:
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return False


def check(bench: Bench) -> str:
    """What is wrong now.  The later calls are made in a thread, so that they find the locks of this one."""
    me, end = gentcp.current_process(), time.monotonic() + PATIENCE
    while inspection.in_receive(me):  # the driver may serve it for a moment
        if time.monotonic() > end:
            return "the mailbox is still held"
        time.sleep(0.001)
    raised: list[BaseException] = []

    def later() -> None:
        try:
            bench.later()
        except gentcp.Error as error:
            raised.append(error)

    thread = threading.Thread(target=later, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        faulthandler.dump_traceback()
        return "a later call hangs"
    return f"a later call raised {raised[0]!r}" if raised else ""


def main(backend: str, kind: str, count: str, seed: str) -> None:
    chance = random.Random(int(seed))
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    "".encode("idna")  # as getaddrinfo does: that is an import, and Python keeps the lock of one that is interrupted
    bench, left = Bench(backend), int(count)
    while left:
        faulthandler.dump_traceback_later(2 * PATIENCE, exit=True)
        prepare(bench, kind)
        left -= interrupted(getattr(bench, kind), chance.uniform(0.00005, LONGEST))
        if wrong := check(bench):
            sys.stdout.write(f"{wrong}, {left} to go\n")
            break
        if bench.peer is not None:
            bench.peer.close()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
