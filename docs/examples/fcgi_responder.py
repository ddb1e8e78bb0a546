"""Answer the requests that a web server hands on by FastCGI: `python fcgi_responder.py --backend socket`.

A record has a header of eight bytes, contents and padding.  With `{packet, fcgi}` each arrives whole, with the header
and without the padding, here as a message: the connection's process asks for one record at a time (`{active, once}`),
gathers parameters and body, and when the body has ended sends its answer in as many records as it takes.

    lighttpd: fastcgi.server = ("/" => (("host" => "127.0.0.1", "port" => PORT, "check-local" => "disable")))
    nginx: location / { include fastcgi_params; fastcgi_pass 127.0.0.1:PORT; }

Protocol: FastCGI Specification 1.0.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Iterator
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

HEADER = struct.Struct(">BBHHBx")
VERSION = 1
BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6
KEEP_CONNECTION = 1
LARGEST = 0xFFFF
SEND_TIMEOUT = 30_000


class Request:
    """What has come of a request so far."""

    def __init__(self, number: int, keep: bool) -> None:
        self.number = number
        self.keep = keep
        self.params = b""
        self.body = b""


def serve(port: int, backend: str) -> None:
    """Accept for ever, with a process for each connection of the web server."""
    options: list[Any] = [
        ("inet_backend", backend),
        "binary",
        ("packet", "fcgi"),
        ("active", False),
        ("ip", "loopback"),
    ]
    options += [("reuseaddr", True), ("send_timeout", SEND_TIMEOUT), ("send_timeout_close", True)]
    result, listener = gen_tcp.listen(port, options)
    if result != "ok":
        raise SystemExit(f"listen: {listener}")
    print(f"listening on port {inet.port(listener)[1]}", flush=True)
    while True:
        result, sock = gen_tcp.accept(listener)
        if result != "ok":
            raise SystemExit(f"accept: {sock}")
        process = gentcp.spawn(converse)
        gen_tcp.controlling_process(sock, process)
        process.post(("yours", sock))


def converse() -> None:
    """One record after the other, until either side has had enough; the socket goes with its owner."""
    _, sock = gentcp.receive()
    requests: dict[int, Request] = {}
    while inet.setopts(sock, [("active", "once")]) == "ok":
        match gentcp.receive():
            case ("tcp", _, data):
                if not handle(sock, data, requests):
                    return
            case _:  # tcp_closed, tcp_error
                return


def handle(sock: gentcp.Socket, data: bytes, requests: dict[int, Request]) -> bool:
    """Take a record in; False when the connection is over."""
    _, kind, number, length, _ = HEADER.unpack_from(data)
    contents = data[HEADER.size : HEADER.size + length]
    if kind == BEGIN:
        requests[number] = Request(number, keep=bool(contents[2] & KEEP_CONNECTION))
        return True
    if (request := requests.get(number)) is None:
        return True  # the specification wants it passed over
    if kind == PARAMS:
        request.params += contents
    elif kind == STDIN and contents:
        request.body += contents
    elif kind in (STDIN, ABORT):  # an empty record ends the body
        del requests[number]
        return gen_tcp.send(sock, list(records(request, page(request)))) == "ok" and request.keep
    return True


def page(request: Request) -> bytes:
    """A CGI program's output."""
    params = dict(pairs(request.params))
    lines = [params.get(b"REQUEST_METHOD", b""), params.get(b"REQUEST_URI", b""), b"%d bytes" % len(request.body)]
    return b"Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b" ".join(lines) + b"\n" + request.body


def pairs(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and values; a length is one byte, or four with the highest bit set."""
    while data:
        sizes: list[int] = []
        for _ in range(2):
            width = 4 if data[0] & 0x80 else 1
            sizes.append(int.from_bytes(data[:width], "big") & 0x7FFFFFFF)
            data = data[width:]
        name, value = sizes
        yield data[:name], data[name : name + value]
        data = data[name + value :]


def records(request: Request, output: bytes) -> Iterator[bytes]:
    """The answer: output in pieces, an empty piece, the end of the request."""
    for start in range(0, len(output), LARGEST):
        yield record(STDOUT, request.number, output[start : start + LARGEST])
    yield record(STDOUT, request.number, b"")
    yield record(END, request.number, struct.pack(">IBxxx", 0, 0))


def record(kind: int, number: int, contents: bytes) -> bytes:
    """One record, padded to a multiple of eight bytes."""
    padding = -len(contents) % 8
    return HEADER.pack(VERSION, kind, number, len(contents), padding) + contents + bytes(padding)


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
