"""Keep a value in memcached: `python memcached_get.py --backend socket KEY VALUE...`.

Commands and answers are lines, and a value stands between two of them, its length being in the first.  So the socket
is passive where we know what comes next: `{packet, line}` for the lines, raw for the value and the line end behind it.
Lines come with their end, as in Erlang.  Protocol: memcached's doc/protocol.txt.
"""

from __future__ import annotations

import argparse
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

TIMEOUT = 5000


def store(sock: gentcp.Socket, key: str, value: bytes) -> str:
    """Set, for a minute."""
    done(gen_tcp.send(sock, [f"set {key} 0 60 {len(value)}\r\n".encode(), value, b"\r\n"]))
    return line(sock)


def fetch(sock: gentcp.Socket, keys: list[str]) -> dict[str, bytes]:
    """What is there of these keys."""
    done(gen_tcp.send(sock, f"get {' '.join(keys)}\r\n".encode()))
    found: dict[str, bytes] = {}
    while (header := line(sock)) != "END":
        match header.split():
            case ["VALUE", key, _, length]:
                found[key] = data(sock, int(length))
            case _:
                raise SystemExit(f"memcached: {header}")
    return found


def line(sock: gentcp.Socket) -> str:
    """The next line."""
    text: bytes = value_of(gen_tcp.recv(sock, 0, TIMEOUT))
    return text.decode().removesuffix("\r\n")


def data(sock: gentcp.Socket, length: int) -> bytes:
    """A value, without the line end behind it."""
    done(inet.setopts(sock, [("packet", "raw")]))
    value: bytes = value_of(gen_tcp.recv(sock, length + 2, TIMEOUT))
    done(inet.setopts(sock, [("packet", "line")]))
    return value[:length]


def value_of(result: Any) -> Any:
    """Erlang's `{ok, Value} = Result`; the end of the program when it is anything else."""
    match result:
        case ("ok", value):
            return value
        case _:
            raise SystemExit(f"memcached: {result}")


def done(result: Any) -> None:
    """Erlang's `ok = Result`."""
    if result != "ok":
        raise SystemExit(f"memcached: {result}")


def main() -> None:
    """Store the values under KEY-1, KEY-2 and so on, and get all of them with one request."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=11211)
    parser.add_argument("key", nargs="?", default="gentcp")
    parser.add_argument("value", nargs="*", default=["one", "two\r\nlines"])
    given = parser.parse_args()
    options = [("inet_backend", given.backend), "binary", ("packet", "line"), ("active", False)]
    sock = value_of(gen_tcp.connect(given.host, given.port, [*options, ("send_timeout", TIMEOUT)], TIMEOUT))
    keys = [f"{given.key}-{number}" for number in range(1, len(given.value) + 2)]  # nothing is at the last one
    for key, value in zip(keys, given.value, strict=False):
        print(key, store(sock, key, value.encode()))
    for key, stored in fetch(sock, keys).items():
        print(key, stored)
    done(gen_tcp.close(sock))


if __name__ == "__main__":
    main()
