"""One program sends, another gathers: `python transfer.py server`, and then `python transfer.py client PORT TEXT...`.

The client connects, sends, and closes; the server takes what comes until the connection ends.  TCP has no messages:
what was sent in three calls may be received in one piece or in thirty, so the server joins the pieces.
transfer_erl.py is the same in Erlang's words.
"""

from __future__ import annotations

import argparse

import gentcp

TIMEOUT = 30.0


def client(port: int, backend: str, pieces: list[str]) -> None:
    """Send every piece and close, which delivers what was sent before the connection ends."""
    with gentcp.connect("localhost", port, inet_backend=backend, packet=0, timeout=TIMEOUT) as sock:
        for piece in pieces:
            sock.send(piece.encode())


def server(port: int, backend: str) -> bytes:
    """All that one client sends."""
    with gentcp.listen(port, inet_backend=backend, packet=0) as listener:
        print(f"listening on port {listener.port}", flush=True)
        with listener.accept(timeout=TIMEOUT) as sock:
            return do_recv(sock)


def do_recv(sock: gentcp.Socket) -> bytes:
    """Receive until the peer has closed.  `b"".join(sock)` does the same."""
    pieces: list[bytes] = []
    while True:
        try:
            pieces.append(sock.recv(timeout=TIMEOUT))
        except gentcp.Closed:
            return b"".join(pieces)


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
    try:
        if given.role == "client":
            client(given.port, given.backend, given.text)
            print("sent")
        else:
            print(server(given.port, given.backend))
    except gentcp.Error as error:
        raise SystemExit(f"{given.role}: {error}") from None


if __name__ == "__main__":
    main()
