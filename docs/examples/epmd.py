"""Ask a running epmd which Erlang nodes are registered with it: `python epmd.py --backend socket`.

The request is a packet with a two-byte length, so `{packet, 2}` frames it.  The answer is not framed at all: four bytes
with epmd's port number, then text until epmd closes the connection.  So the socket is switched to raw in between.
Protocol: the section "EPMD Protocol" of the Erlang Distribution Protocol in the ERTS manual.
"""

from __future__ import annotations

import argparse
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

NAMES_REQ = b"n"
TIMEOUT = 5000


def names(host: str, port: int, backend: str) -> tuple[int, str]:
    """The port that epmd says it listens on, and its list of nodes, one a line."""
    options = [("inet_backend", backend), "binary", ("packet", 2), ("active", False), ("send_timeout", TIMEOUT)]
    sock = value_of(gen_tcp.connect(host, port, options, TIMEOUT))
    try:
        done(gen_tcp.send(sock, NAMES_REQ))
        done(inet.setopts(sock, [("packet", "raw")]))
        number: bytes = value_of(gen_tcp.recv(sock, 4, TIMEOUT))
        text = b"".join(rest(sock))
    finally:
        gen_tcp.close(sock)
    return int.from_bytes(number, "big"), text.decode()


def rest(sock: gentcp.Socket) -> list[bytes]:
    """Everything up to the end of the stream."""
    pieces: list[bytes] = []
    while (result := gen_tcp.recv(sock, 0, TIMEOUT)) != ("error", "closed"):
        pieces.append(value_of(result))
    return pieces


def value_of(result: Any) -> Any:
    """Erlang's `{ok, Value} = Result`; the end of the program when it is anything else."""
    match result:
        case ("ok", value):
            return value
        case _:
            raise SystemExit(f"gen_tcp: {result}")


def done(result: Any) -> None:
    """Erlang's `ok = Result`."""
    if result != "ok":
        raise SystemExit(f"gen_tcp: {result}")


def main() -> None:
    """Print what epmd knows."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=4369)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    arguments = parser.parse_args()
    port, text = names(arguments.host, arguments.port, arguments.backend)
    print(f"epmd: up and running on port {port} with data:")
    print(text, end="")


if __name__ == "__main__":
    main()
