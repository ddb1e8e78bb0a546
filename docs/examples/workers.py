"""A pool of processes that accept on one listener: `python workers.py --workers 3`, and `--ask PORT TEXT`.

Nobody hands connections out: every worker is in accept, the next connection wakes one of them, and when all are busy it
waits in the system's queue.  A worker asks for one packet at a time (`active="once"`), so a client cannot flood it, and
yet it is in `receive`, where messages of other processes reach it too.  workers_erl.py is the same in Erlang's words.
"""

from __future__ import annotations

import argparse

import gentcp

TIMEOUT = 30.0


def serve(count: int, port: int, backend: str) -> None:
    """Listen, and let so many processes accept, until Ctrl-C."""
    with gentcp.listen(port, inet_backend=backend, packet=2) as listener:
        workers = [gentcp.spawn(work, listener, number) for number in range(1, count + 1)]
        try:
            print(f"listening on port {listener.port}", flush=True)
            gentcp.receive()  # nobody writes to us
        except KeyboardInterrupt:
            print("bye")
    for worker in workers:  # the listener is closed, so those in accept have ended
        worker.kill()
        worker.join(5.0)


def work(listener: gentcp.Listener, number: int) -> None:
    """Serve one client after the other, until the listener is closed."""
    for sock in listener:
        with sock:
            loop(sock, number)


def loop(sock: gentcp.Socket, number: int) -> None:
    """Answer every packet of one client."""
    try:
        while True:
            sock.setopts(active="once")
            match gentcp.receive():
                case ("tcp", _, data):
                    sock.send(b"worker %d: %s" % (number, data.upper()))
                case _:  # tcp_closed; tcp_error, behind which it comes
                    return
    except gentcp.Error:
        return  # the client has gone in between


def ask(port: int, backend: str, text: str) -> str:
    """One question, one answer."""
    with gentcp.connect("localhost", port, inet_backend=backend, packet=2, timeout=TIMEOUT) as sock:
        sock.send(text.encode())
        return sock.recv(timeout=TIMEOUT).decode()


def main() -> None:
    """Serve until interrupted, or ask a server."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--ask", nargs=2, metavar=("PORT", "TEXT"))
    given = parser.parse_args()
    try:
        if given.ask:
            print(ask(int(given.ask[0]), given.backend, given.ask[1]))
        else:
            serve(given.workers, given.port, given.backend)
    except gentcp.Error as error:
        raise SystemExit(f"workers: {error}") from None


if __name__ == "__main__":
    main()
