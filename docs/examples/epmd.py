"""Ask a running epmd which Erlang nodes are registered with it: `python epmd.py --backend socket`.

The request is a packet with a two-byte length, so `{packet, 2}` frames it.  The answer is not framed at all: four bytes
with epmd's port number, then text until epmd closes the connection.  So the socket is switched to raw in between.
Protocol: the section "EPMD Protocol" of the Erlang Distribution Protocol in the ERTS manual.
"""

from __future__ import annotations

import argparse

import gentcp
from gentcp.erl import gen_tcp, inet

NAMES_REQ = b"n"
TIMEOUT = 5000


def names(host: str, port: int, backend: str) -> tuple[int, str]:
    """The port that epmd says it listens on, and its list of nodes, one a line."""
    options = [("inet_backend", backend), "binary", ("packet", 2), ("active", False), ("send_timeout", TIMEOUT)]
    sock = expect(gen_tcp.connect(host, port, options, TIMEOUT), "connect")
    try:
        expect(gen_tcp.send(sock, NAMES_REQ), "send")
        expect(inet.setopts(sock, [("packet", "raw")]), "setopts")
        number = expect(gen_tcp.recv(sock, 4, TIMEOUT), "recv")
        text = b"".join(rest(sock))
    finally:
        gen_tcp.close(sock)
    return int.from_bytes(number, "big"), text.decode()


def rest(sock: gentcp.Socket) -> list[bytes]:
    """Everything up to the end of the stream."""
    pieces: list[bytes] = []
    while (result := gen_tcp.recv(sock, 0, TIMEOUT)) != ("error", "closed"):
        pieces.append(expect(result, "recv"))
    return pieces


def expect(result: object, call: str) -> object:
    """What Erlang's `ok = ...` and `{ok, Value} = ...` do: the value, or the end of the program."""
    match result:
        case "ok":
            return None
        case ("ok", value):
            return value
        case _:
            raise SystemExit(f"{call}: {result}")


def main() -> None:
    """Print what epmd knows."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=4369)
    parser.add_argument("--backend", default="inet", choices=list(gentcp.available_backends()))
    arguments = parser.parse_args()
    port, text = names(arguments.host, arguments.port, arguments.backend)
    print(f"epmd: up and running on port {port} with data:")
    print(text, end="")


if __name__ == "__main__":
    main()
