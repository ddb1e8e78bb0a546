"""Talk to a redis-server: `python redis_ping.py --backend socket`.

Redis takes commands as plain lines and answers with a header line; for a value the header is its length, and as many
raw bytes follow.  So `packet="line"` reads the headers and raw mode the values.  All requests go out before the first
answer is read: when the socket is switched to raw, the value and the next header are as a rule in the buffer already,
and the switch applies to them.  Protocol: "Redis serialization protocol specification", inline commands.
"""

from __future__ import annotations

import argparse

import gentcp

TIMEOUT = 5.0


class Redis:
    """A connection to a server that needs no password."""

    def __init__(self, sock: gentcp.Socket) -> None:
        self.sock = sock

    def request(self, *commands: str) -> None:
        """Send commands, as many as you like, before reading the answers."""
        self.sock.send([[command.encode(), b"\r\n"] for command in commands])

    def reply(self) -> bytes | None:
        """The next answer: a status, or a value; None for a key that is not there."""
        header = self.sock.recv(timeout=TIMEOUT)
        kind, text = header[:1], header[1:].removesuffix(b"\r\n")
        if kind == b"+":
            return text
        if kind != b"$":
            raise SystemExit(f"redis: {header!r}")
        return self._value(int(text)) if int(text) >= 0 else None

    def _value(self, length: int) -> bytes:
        self.sock.setopts(packet="raw")
        value = self.sock.recv(length + 2, timeout=TIMEOUT)
        self.sock.setopts(packet="line")
        return value[:length]


def main() -> None:
    """PING, SET and GET."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=6379)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    given = parser.parse_args()
    try:
        with gentcp.connect(
            given.host, given.port, inet_backend=given.backend, packet="line", timeout=TIMEOUT, send_timeout=TIMEOUT
        ) as sock:
            redis = Redis(sock)
            redis.request("PING", r'SET gentcp:example "two\nlines"', "GET gentcp:example", "GET gentcp:nothing")
            for command in ("PING", "SET", "GET", "GET"):
                print(command, redis.reply())
    except gentcp.Error as error:
        raise SystemExit(f"redis: {error}") from None


if __name__ == "__main__":
    main()
