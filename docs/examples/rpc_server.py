"""A program of ONC RPC that can only be pinged: `python rpc_server.py`, and `rpcinfo -a ADDRESS -T tcp 536870913`.

Over TCP a record is one or more fragments, each with its length in four bytes, the highest bit of which says that it
is the last.  With `{packet, sunrm}` a fragment arrives whole and with those four bytes, so that we can look at the bit.
Every program has procedure 0, which does nothing; rpcinfo calls it, first with a version that cannot be, and learns
from the refusal which versions there are.  ADDRESS is what this prints.  Protocol: RFC 5531.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Iterator
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

PROGRAM = 0x20000001
VERSIONS = (2, 4)
"""The first and the last."""
LAST = 0x80000000
LONGEST = 65536
"""Bytes: where to stop gathering."""
TIMEOUT = 30_000
CALL, REPLY, ACCEPTED, DENIED = 0, 1, 0, 1
SUCCESS, NO_PROGRAM, NO_VERSION, NO_PROCEDURE = 0, 1, 2, 3
NOBODY = (0, 0)
"""AUTH_NONE, with no bytes behind it."""


def serve(port: int, backend: str) -> None:
    """Accept for ever, with a process for each connection."""
    options: list[Any] = [
        ("inet_backend", backend),
        "binary",
        ("packet", "sunrm"),
        ("packet_size", LONGEST),
        ("active", False),
    ]
    options += [("ip", "loopback"), ("reuseaddr", True), ("send_timeout", TIMEOUT), ("send_timeout_close", True)]
    result, listener = gen_tcp.listen(port, options)
    if result != "ok":
        raise SystemExit(f"listen: {listener}")
    _, number = inet.port(listener)
    print(f"universal address 127.0.0.1.{number >> 8}.{number & 255}", flush=True)
    while True:
        result, sock = gen_tcp.accept(listener)
        if result != "ok":
            raise SystemExit(f"accept: {sock}")
        process = gentcp.spawn(converse)
        gen_tcp.controlling_process(sock, process)
        process.post(sock)


def converse() -> None:
    """Answer every call of one client; the socket goes with its owner."""
    sock = gentcp.receive()
    for record in records(sock):
        words = reply(record)
        if not words:
            return
        fields = struct.pack(f">{len(words)}I", *words)
        if gen_tcp.send(sock, [struct.pack(">I", LAST | len(fields)), fields]) != "ok":
            return


def records(sock: gentcp.Socket) -> Iterator[bytes]:
    """Fragments joined, as long as there are any."""
    record = b""
    while True:
        match gen_tcp.recv(sock, 0, TIMEOUT):
            case ("ok", fragment) if len(record) < LONGEST:
                record += fragment[4:]
                if fragment[0] & LAST >> 24:
                    yield record
                    record = b""
            case _:
                return


def reply(record: bytes) -> tuple[int, ...]:
    """The words of the answer to a call; none to what is no call."""
    if len(record) < 6 * 4:
        return ()
    number, kind, protocol, program, version, procedure = struct.unpack_from(">6I", record)
    if kind != CALL:
        return ()
    if protocol != 2:
        return (number, REPLY, DENIED, 0, 2, 2)
    accepted = (number, REPLY, ACCEPTED, *NOBODY)
    if program != PROGRAM:
        return (*accepted, NO_PROGRAM)
    if not VERSIONS[0] <= version <= VERSIONS[1]:
        return (*accepted, NO_VERSION, *VERSIONS)
    return (*accepted, NO_PROCEDURE if procedure else SUCCESS)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    given = parser.parse_args()
    try:
        serve(given.port, given.backend)
    except KeyboardInterrupt:
        print("bye")


if __name__ == "__main__":
    main()
