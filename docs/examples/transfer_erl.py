"""One program sends, another gathers: `python transfer_erl.py server`, and then `... client PORT TEXT...`.

The same as transfer.py, as an Erlang program would have it: results are matched instead of errors caught.
GENTCP_INET_BACKEND chooses the backend where no `inet_backend` is given, as {inet_backend, ...} does here.
"""

from __future__ import annotations

import argparse
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

TIMEOUT = 30_000


def client(port: int, backend: str, pieces: list[str]) -> None:
    """Connect, send, close."""
    match gen_tcp.connect("localhost", port, [("inet_backend", backend), "binary", ("packet", 0)], TIMEOUT):
        case ("ok", sock):
            for piece in pieces:
                expect("ok", gen_tcp.send(sock, piece.encode()))
            expect("ok", gen_tcp.close(sock))
        case other:
            raise SystemExit(f"connect: {other}")


def server(port: int, backend: str) -> bytes:
    """Listen, accept one client, gather, close both sockets."""
    match gen_tcp.listen(port, [("inet_backend", backend), "binary", ("packet", 0), ("active", False)]):
        case ("ok", listener):
            print(f"listening on port {inet.port(listener)[1]}", flush=True)
        case other:
            raise SystemExit(f"listen: {other}")
    match gen_tcp.accept(listener, TIMEOUT):
        case ("ok", sock):
            data = do_recv(sock, [])
        case other:
            raise SystemExit(f"accept: {other}")
    expect("ok", gen_tcp.close(sock))
    expect("ok", gen_tcp.close(listener))
    return data


def do_recv(sock: gentcp.Socket, pieces: list[bytes]) -> bytes:
    """Receive until the peer has closed; a call in Erlang, a loop here."""
    while True:
        match gen_tcp.recv(sock, 0, TIMEOUT):
            case ("ok", piece):
                pieces.append(piece)
            case ("error", "closed"):
                return b"".join(pieces)
            case other:
                raise SystemExit(f"recv: {other}")


def expect(wanted: Any, result: Any) -> None:
    """Erlang's `ok = ...`."""
    if result != wanted:
        raise SystemExit(f"{wanted} was expected: {result}")


def main() -> None:
    """Be one of the two."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    roles = parser.add_subparsers(dest="role", required=True)
    gathers = roles.add_parser("server", help="print what one client sends")
    gathers.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    sends = roles.add_parser("client", help="send to the server")
    sends.add_argument("port", type=int)
    sends.add_argument("text", nargs="*", default=["Some ", "Data"])
    given = parser.parse_args()
    if given.role == "client":
        client(given.port, given.backend, given.text)
        print("sent")
    else:
        print(server(given.port, given.backend))


if __name__ == "__main__":
    main()
