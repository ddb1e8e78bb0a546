"""A pool of processes that accept on one listener: `python workers_erl.py --workers 3`, and `--ask PORT TEXT`.

The same as workers.py in Erlang's words.  The listener's options are those of every socket that is accepted from it.
"""

from __future__ import annotations

import argparse

import gentcp
from gentcp.erl import gen_tcp, inet

TIMEOUT = 30_000


def serve(count: int, port: int, backend: str) -> None:
    """Listen, and let so many processes accept, until Ctrl-C."""
    options = [("inet_backend", backend), "binary", ("active", False), ("packet", 2)]
    result, listener = gen_tcp.listen(port, options)
    if result != "ok":
        raise SystemExit(f"listen: {listener}")
    workers = [gentcp.spawn(server, listener, number) for number in range(1, count + 1)]
    try:
        print(f"listening on port {inet.port(listener)[1]}", flush=True)
        gentcp.receive()  # nobody writes to us
    except KeyboardInterrupt:
        print("bye")
    gen_tcp.close(listener)  # those in accept get closed, and end
    for worker in workers:
        worker.kill()
        worker.join(5.0)


def server(listener: gentcp.Listener, number: int) -> None:
    """Serve one client after the other, until the listener is closed."""
    while True:
        match gen_tcp.accept(listener):
            case ("ok", sock):
                loop(sock, number)
            case _:  # {error, closed}
                return


def loop(sock: gentcp.Socket, number: int) -> None:
    """Answer every packet of one client."""
    while True:
        inet.setopts(sock, [("active", "once")])
        match gentcp.receive(lambda message: message[1] is sock):
            case ("tcp", _, data):
                gen_tcp.send(sock, [b"worker %d: " % number, data.upper()])
            case _:  # tcp_closed
                return


def ask(port: int, backend: str, text: str) -> None:
    """One question, one answer."""
    options = [("inet_backend", backend), "binary", ("active", False), ("packet", 2)]
    match gen_tcp.connect("localhost", port, options, TIMEOUT):
        case ("ok", sock):
            gen_tcp.send(sock, text.encode())
            match gen_tcp.recv(sock, 0, TIMEOUT):
                case ("ok", answer):
                    print(answer.decode())
                case other:
                    print(other)
            gen_tcp.close(sock)
        case other:
            raise SystemExit(f"connect: {other}")


def main() -> None:
    """Serve until interrupted, or ask a server."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--ask", nargs=2, metavar=("PORT", "TEXT"))
    given = parser.parse_args()
    if given.ask:
        ask(int(given.ask[0]), given.backend, given.ask[1])
    else:
        serve(given.workers, given.port, given.backend)


if __name__ == "__main__":
    main()
