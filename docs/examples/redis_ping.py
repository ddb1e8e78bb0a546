"""Talk to a redis-server: `python redis_ping.py --backend socket`.

Redis takes commands as plain lines and answers with a header line; for a value the header is its length, and as many
raw bytes follow.  So `{packet, line}` reads the headers and raw mode the values.  All requests go out before the first
answer is read: when the socket is switched to raw, the value and the next header are as a rule in the buffer already,
and the switch applies to them.  Protocol: "Redis serialization protocol specification", inline commands.
"""

from __future__ import annotations

import argparse
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

TIMEOUT = 5000


class Redis:
    """A connection to a server that needs no password."""

    def __init__(self, host: str, port: int, backend: str) -> None:
        options = [
            ("inet_backend", backend),
            "binary",
            ("packet", "line"),
            ("active", False),
            ("send_timeout", TIMEOUT),
        ]
        self.sock = value_of(gen_tcp.connect(host, port, options, TIMEOUT))

    def request(self, *commands: str) -> None:
        """Send commands, as many as you like, before reading the answers."""
        done(gen_tcp.send(self.sock, [[command, b"\r\n"] for command in map(str.encode, commands)]))

    def reply(self) -> bytes | None:
        """The next answer: a status, or a value; None for a key that is not there."""
        header: bytes = value_of(gen_tcp.recv(self.sock, 0, TIMEOUT))
        kind, text = header[:1], header[1:].removesuffix(b"\r\n")
        if kind == b"+":
            return text
        if kind != b"$":
            raise SystemExit(f"redis: {header!r}")
        return self._value(int(text)) if int(text) >= 0 else None

    def _value(self, length: int) -> bytes:
        done(inet.setopts(self.sock, [("packet", "raw")]))
        value: bytes = value_of(gen_tcp.recv(self.sock, length + 2, TIMEOUT))
        done(inet.setopts(self.sock, [("packet", "line")]))
        return value[:length]

    def close(self) -> None:
        """End the connection."""
        done(gen_tcp.close(self.sock))


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
    """PING, SET and GET."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=6379)
    parser.add_argument("--backend", default="inet", choices=list(gentcp.available_backends()))
    arguments = parser.parse_args()
    redis = Redis(arguments.host, arguments.port, arguments.backend)
    redis.request("PING", r'SET gentcp:example "two\nlines"', "GET gentcp:example", "GET gentcp:nothing")
    for command in ("PING", "SET", "GET", "GET"):
        print(command, redis.reply())
    redis.close()


if __name__ == "__main__":
    main()
