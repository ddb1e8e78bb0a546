"""A program whose signal handler uses the socket that the main thread is busy with, at moments chosen at random.

Arguments: the backend, what the main thread does (stream, echo, full), the seconds that it does it, and a seed.  Both
send packets with numbers; the peer looks at each.  It prints "ok", or what went wrong.
"""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from typing import Any

import gentcp

PATIENCE = 30.0
LARGE, SMALL = 30_000, 20


class Peer:
    """Reads all packets, checks them, and acknowledges those of the main thread if it waits for that."""

    def __init__(self, sock: socket.socket, acknowledges: bool) -> None:
        self.sock = sock
        self.acknowledges = acknowledges
        self.got: dict[bytes, int] = {b"m": 0, b"h": 0}
        """How many packets have come of the main thread, and of the handler."""
        self.wrong = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            stream = self.sock.makefile("rb")
            while head := stream.read(4):
                self._look(stream.read(struct.unpack(">I", head)[0]))
        except Exception:  # noqa: BLE001  whatever it is, the test is to see it
            self.wrong = traceback.format_exc()

    def _look(self, packet: bytes) -> None:
        who, number, filling = packet[:1], int(packet[1:10]), packet[10:]
        assert number == self.got[who], (who, number, self.got)
        assert filling == who * len(filling)
        self.got[who] += 1
        if self.acknowledges and who == b"m":
            self.sock.sendall(struct.pack(">I", 3) + b"ack")

    def join(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the end of the stream has not come"


class Main:
    """The main thread, and the handler that comes in between."""

    def __init__(self, backend: str, kind: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.size = LARGE if kind == "full" else SMALL
        self.waits = kind == "echo"
        self.sent = {b"m": 0, b"h": 0}
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.sock = gentcp.connect("127.0.0.1", port, inet_backend=backend, packet=4, sndbuf=65536)
            self.peer = Peer(server.accept()[0], self.waits)

    def send(self, who: bytes) -> None:
        self.sock.send(who + b"%09d" % self.sent[who] + who * self.size)
        self.sent[who] += 1

    def handle(self, *_: Any) -> None:
        """One of what a handler may do."""
        sock, chosen = self.sock, self.random.randrange(8)
        if chosen < 4:
            self.send(b"h")
        elif chosen == 4:
            sock.getstat()
        elif chosen == 5:
            sock.setopts(nodelay=bool(self.random.getrandbits(1)))
        elif chosen == 6:
            sock.getopts("active", "packet")
        else:
            repr(sock)
        self.soon()

    def soon(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self.random.uniform(0.00003, 0.0006))

    def run(self, seconds: float) -> None:
        signal.signal(signal.SIGALRM, self.handle)
        self.soon()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.send(b"m")
            if self.waits:
                assert self.sock.recv(timeout=PATIENCE) == b"ack"
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        self.send(b"m")  # behind what the handler has left
        self.sock.close()
        self.peer.join()


def main(backend: str, kind: str, seconds: str, seed: str) -> None:
    faulthandler.dump_traceback_later(float(seconds) + PATIENCE, exit=True)
    made = Main(backend, kind, int(seed))
    made.run(float(seconds))
    right = made.peer.got == made.sent and made.sent[b"h"] > 0
    sys.stdout.write("ok" if right else f"{made.peer.wrong} sent {made.sent}, got {made.peer.got}")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
