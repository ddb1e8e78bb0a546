"""Several workers, each an interpreter of its own, on one port: `python reuseport_workers.py --port 4000 --workers 4`.

One interpreter has the work of one CPU.  So every worker listens for itself, all on the same port: with `reuseport`
Linux chooses one of the listeners for each new connection, and the workers share nothing.  (`reuseport_lb` is the same
switch on `inet`; on `socket` it is refused on Linux, as in OTP.)

The supervisor starts a worker in the place of one that died, gives up when they die too often, and on Ctrl-C or SIGTERM
lets them finish: a worker takes what waits in its listener's queue, closes the listener, and serves until its clients
have closed.  Workers stop in the same way when the supervisor itself is gone: their standard input ends.

A connection that is made after the worker has looked into the queue for the last time, or that waits in the queue of a
worker that is killed, is reset, unless the system gives it to another worker (sysctl net.ipv4.tcp_migrate_req=1).

Exit codes: 0 after a planned stop, 1 when workers died too often, 3 when clients had to be cut off.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterator
from time import monotonic

import gentcp

STOPPING = (signal.SIGINT, signal.SIGTERM)
GAVE_UP, CUT_OFF = 1, 3


# ---- a worker


def work(port: int, backend: str) -> None:
    """Serve each client in a process of gentcp, that is a thread; return when the last one is done."""
    serving: set[gentcp.Process] = set()
    with gentcp.listen(port, inet_backend=backend, reuseport=True, backlog=1024, packet=4) as listener:
        print("ready", flush=True)
        for sock in connections(listener):
            process = gentcp.spawn(echo, serving)
            serving.add(process)
            sock.controlling_process(process)
            process.post(sock)
    for process in list(serving):
        process.join()


def connections(listener: gentcp.Listener) -> Iterator[gentcp.Socket]:
    """What comes until standard input ends, and then what is in the queue."""
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        yield listener.accept()
    while select.select([listener], [], [], 0)[0]:
        yield listener.accept()


def echo(serving: set[gentcp.Process]) -> None:
    """Send back every packet of one client, saying who we are."""
    with contextlib.suppress(gentcp.Error), gentcp.receive() as sock:  # the client may go at any time
        for data in sock:
            sock.send(b"%d: %s" % (os.getpid(), data))
    serving.discard(gentcp.current_process())


# ---- the supervisor


class Worker:
    """A child whose standard input ends when it is to stop, and whose standard output ends when it has."""

    def __init__(self, number: int, port: int, backend: str) -> None:
        self.number = number
        self.ready = False
        command = [sys.executable, __file__, "--work", "--port", str(port), "--backend", backend]
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # children inherit it: their stop is planned by us alone
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def __str__(self) -> str:
        return f"worker {self.number} ({self.process.pid})"

    def wait(self) -> int:
        """Its exit code, minus a signal; its standard output has ended."""
        self.stdin.close()
        self.stdout.close()
        return self.process.wait()


class Supervisor:
    """Keeps so many workers running until `stop` is readable."""

    def __init__(self, port: int, stop: socket.socket, given: argparse.Namespace) -> None:
        self.port, self.stop, self.given = port, stop, given
        self.workers: set[Worker] = set()
        self.selector = selectors.DefaultSelector()
        self.deaths: deque[float] = deque(maxlen=given.restarts + 1)
        self.listening = False

    def run(self) -> int:
        """The exit code."""
        self.selector.register(self.stop, selectors.EVENT_READ)
        for number in range(1, self.given.workers + 1):
            self.start(number)
        while (worker := self.next()) is not None:
            if worker.stdout.readline():
                self.is_ready(worker)
            elif not self.replace(worker):
                say(f"more than {self.given.restarts} deaths in {self.given.within:g} s, giving up")
                self.finish()
                return GAVE_UP
        say("stopping")
        return self.finish()

    def next(self, deadline: float | None = None) -> Worker | None:
        """The next worker that says something or has ended; None for a signal, or at the deadline."""
        ready = self.selector.select(None if deadline is None else max(0.0, deadline - monotonic()))
        workers: list[Worker | None] = [key.data for key, _ in ready]
        return None if None in workers or not workers else workers[0]

    def start(self, number: int) -> None:
        worker = Worker(number, self.port, self.given.backend)
        self.workers.add(worker)
        self.selector.register(worker.stdout, selectors.EVENT_READ, worker)

    def is_ready(self, worker: Worker) -> None:
        worker.ready = True
        say(f"{worker} is ready")
        if not self.listening and all(one.ready for one in self.workers):
            self.listening = True
            say(f"listening on port {self.port}")

    def replace(self, worker: Worker) -> bool:
        """Start another one in its place; False when that has been necessary too often."""
        say(f"{worker} died: {reason(self.ended(worker))}")
        self.deaths.append(monotonic())
        if len(self.deaths) > self.given.restarts and self.deaths[-1] - self.deaths[0] < self.given.within:
            return False
        self.start(worker.number)
        return True

    def ended(self, worker: Worker) -> int:
        self.selector.unregister(worker.stdout)
        self.workers.discard(worker)
        return worker.wait()

    def finish(self) -> int:
        """Let all workers finish, kill those that take too long, and tell the exit code."""
        self.selector.unregister(self.stop)
        deadline, status = monotonic() + self.given.grace, 0
        for worker in self.workers:
            worker.stdin.close()
        while self.workers and (ended := self.next(deadline)) is not None:
            if not ended.stdout.readline() and (code := self.ended(ended)):
                say(f"{ended} died: {reason(code)}")
                status = CUT_OFF
        for worker in list(self.workers):
            worker.process.kill()
            self.ended(worker)
            say(f"{worker} was killed after {self.given.grace:g} s")
            status = CUT_OFF
        self.selector.close()
        say("bye")
        return status


def reason(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def reserved(port: int) -> Generator[int]:
    """A port that stays ours while no worker listens: this socket is bound to it, and never listens."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(("", port))
        yield sock.getsockname()[1]


@contextlib.contextmanager
def signals() -> Generator[socket.socket]:
    """A socket that is readable once a signal to stop has come."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        signal.set_wakeup_fd(theirs.fileno())
        for number in STOPPING:
            signal.signal(number, lambda *_: None)
        yield ours
        signal.set_wakeup_fd(-1)


def main() -> int:
    """Be the supervisor, or one of its workers."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default="inet", choices=["inet", "socket"])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--restarts", type=int, default=3, help="more deaths of workers than that ...")
    parser.add_argument("--within", type=float, default=5.0, metavar="SECONDS", help="... in this time, and it stops")
    parser.add_argument("--grace", type=float, default=30.0, metavar="SECONDS", help="for the clients, when it stops")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.port, given.backend)
        return 0
    try:
        with reserved(given.port) as port, signals() as stop:
            return Supervisor(port, stop, given).run()
    except OSError as error:
        raise SystemExit(f"reuseport_workers: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
