"""An echo server with flow control by `active`: `python echo_server.py --backend inet --active 10`.

With `once` the socket sends one packet as a message and turns passive; with a number it sends so many, then
`tcp_passive`.  Either way the server asks for more only when it has sent its echo, so a client that sends without
reading is held up by TCP instead of filling the mailbox, which `true` would do.
"""

from __future__ import annotations

import argparse

import gentcp
from gentcp.erl import gen_tcp, inet

SEND_TIMEOUT = 30_000


def serve(port: int, backend: str, active: str | int, packet: str | int) -> None:
    """Accept for ever, with a process for each connection."""
    options = [("inet_backend", backend), "binary", ("packet", packet), ("active", False), ("reuseaddr", True)]
    # A client that does not read for so long loses its connection; without, it would hold its process for ever.
    options += [("send_timeout", SEND_TIMEOUT), ("send_timeout_close", True)]
    result, listener = gen_tcp.listen(port, options)
    if result != "ok":
        raise SystemExit(f"listen: {listener}")
    print(f"listening on port {inet.port(listener)[1]}", flush=True)
    while True:
        result, sock = gen_tcp.accept(listener)
        if result != "ok":
            raise SystemExit(f"accept: {sock}")
        process = gentcp.spawn(echo, active)
        gen_tcp.controlling_process(sock, process)
        process.post(("yours", sock))  # only now: tcp_passive would not move to a new owner, tcp does


def echo(active: str | int) -> None:
    """Send back what comes, until the connection ends; the socket goes with its owner."""
    _, sock = gentcp.receive()
    if inet.setopts(sock, [("active", active)]) != "ok":
        return
    while True:
        match gentcp.receive():
            case ("tcp", _, data):
                if gen_tcp.send(sock, data) != "ok":
                    return
                if active == "once":
                    inet.setopts(sock, [("active", "once")])
            case ("tcp_passive", _):
                inet.setopts(sock, [("active", active)])
            case _:  # tcp_closed, or tcp_error and then tcp_closed
                return


def mode(text: str) -> str | int:
    """`--active`: once, or how many packets at a time."""
    if text == "once":
        return text
    if text.isdecimal() and 0 < int(text) <= 32767:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither once nor a number from 1 to 32767")


def framing(text: str) -> str | int:
    """`--packet`: raw, line, 1, 2 or 4."""
    return int(text) if text.isdecimal() else text


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--active", type=mode, default="once", metavar="once|N")
    parser.add_argument("--packet", type=framing, default="raw", choices=["raw", "line", 1, 2, 4])
    arguments = parser.parse_args()
    try:
        serve(arguments.port, arguments.backend, arguments.active, arguments.packet)
    except KeyboardInterrupt:
        print("bye")


if __name__ == "__main__":
    main()
