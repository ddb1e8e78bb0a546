"""An HTTP/1.1 server without an HTTP parser of its own: `python http_server.py --backend socket`, and curl the port.

With `packet="http_bin"` every `recv` gives a line of the head, parsed: the request line first, then headers (with the
lines that continue them, and well-known names spelt the usual way) up to `http_eoh`, then the next request line.
Bodies are no lines, so the socket is switched: to raw for a body with a length; for a chunked one to lines for the
sizes, to raw for the chunks, and to `httph_bin`, which is headers alone, for the trailers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import Any

import gentcp

IDLE = 30.0
"""Seconds a client may take for a line, for a body, and to read an answer."""
PATIENCE = 2.0
"""Seconds in which a client that is refused should have stopped sending."""
LONGEST_LINE = 8192
MOST_HEADERS = 100
LONGEST_BODY = 1 << 20
Headers = dict[bytes, bytes]
"""By name in lower case; the values of a name that came more than once are joined."""


class Refusal(Exception):
    """The answer is this status and nothing else, and then the connection is over."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Request:
    """One request, head and body."""

    def __init__(self, sock: gentcp.Socket, line: Any) -> None:
        match line:
            case ("http_request", method, uri, (1, minor)):
                self.method = text(method)
                self.path = path_of(uri)
                self.minor: int = minor
            case ("http_request", _, _, _):
                raise Refusal(505)
            case _:  # http_error, or the status line of an answer
                raise Refusal(400)
        self.sock = sock
        self.headers = self.head()
        if self.minor and b"host" not in self.headers:
            raise Refusal(400)
        self.body = self.read_body()

    @property
    def stays(self) -> bool:
        """Does the client want to go on with this connection?"""
        wish = self.headers.get(b"connection", b"").lower()
        return b"close" not in wish if self.minor else b"keep-alive" in wish

    def head(self) -> Headers:
        """Headers up to the empty line."""
        headers: Headers = {}
        for _ in range(MOST_HEADERS):
            match receive(self.sock):
                case ("http_header", _, name, _, value):
                    name, value = text(name).lower(), value.replace(b"\r\n", b"")
                    headers[name] = headers[name] + b", " + value if name in headers else value
                case "http_eoh":
                    return headers
                case _:
                    raise Refusal(400)
        raise Refusal(431)

    def read_body(self) -> bytes:
        """What follows the head, by its length or in chunks."""
        coding, length = self.headers.get(b"transfer-encoding"), self.headers.get(b"content-length", b"0")
        if coding is not None and (coding.lower() != b"chunked" or b"content-length" in self.headers):
            raise Refusal(501 if b"content-length" not in self.headers else 400)
        if coding is None and not length.isdigit():
            raise Refusal(400)
        if coding is None and int(length) > LONGEST_BODY:
            raise Refusal(413)
        if self.headers.get(b"expect", b"").lower() == b"100-continue":
            self.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if coding is None:
            return self.raw(int(length))
        return self.chunked()

    def raw(self, length: int) -> bytes:
        """So many bytes."""
        if not length:
            return b""
        self.sock.setopts(packet="raw")  # of a body, all or part is here already
        data = self.sock.recv(length, timeout=IDLE)
        self.sock.setopts(packet="http_bin")
        return data

    def chunked(self) -> bytes:
        """Chunks, and trailers that nobody looks at."""
        body = b""
        while size := self.chunk_size():
            if len(body) + size > LONGEST_BODY:
                raise Refusal(413)
            chunk = self.raw(size + 2)
            if not chunk.endswith(b"\r\n"):
                raise Refusal(400)
            body += chunk[:-2]
        self.sock.setopts(packet="httph_bin")
        self.head()
        self.sock.setopts(packet="http_bin")
        return body

    def chunk_size(self) -> int:
        """The line in front of a chunk; extensions are left out."""
        self.sock.setopts(packet="line")
        digits = self.sock.recv(timeout=IDLE).partition(b";")[0].strip()
        if not digits or digits.strip(b"0123456789abcdefABCDEF"):
            raise Refusal(400)
        return int(digits, 16)


def receive(sock: gentcp.Socket) -> Any:
    """A parsed line."""
    return sock.recv(timeout=IDLE)


def request_line(sock: gentcp.Socket) -> Any:
    """The first line of a request; some clients send an empty line behind a body, which is no error then."""
    line = receive(sock)
    return receive(sock) if line == ("http_error", b"\r\n") else line


def text(name: str | bytes) -> bytes:
    """Well-known names come as atoms, the others as binaries."""
    return name.encode() if isinstance(name, str) else name


def path_of(uri: Any) -> bytes:
    """The part of a request's target that is ours."""
    match uri:
        case ("abs_path", path) | ("absoluteURI", _, _, _, path):
            return bytes(path)
        case _:  # "*", and ("scheme", host, port) of CONNECT
            return b""


def answer(request: Request) -> tuple[int, Iterable[bytes]]:
    """The site: status and pieces; bytes in a list have a length, whatever else is iterable is sent in chunks."""
    if request.method not in (b"GET", b"HEAD", b"POST"):
        return 501, []
    path, _, query = request.path.partition(b"?")
    match path:
        case b"/":
            return 200, [b"hello\n"]
        case b"/headers":
            return 200, [b"%s: %s\n" % header for header in sorted(request.headers.items())]
        case b"/echo":
            return 200, [request.body]
        case b"/count":
            last = int(query) if query.isdigit() else 10
            return 200, (b"%d\n" % number for number in range(1, min(last, 100_000) + 1))
        case _:
            return 404, [b"there is no such page\n"]


def respond(request: Request) -> bool:
    """Send the answer; True when the connection goes on."""
    status, pieces = answer(request)
    chunked = not isinstance(pieces, list)
    stays = request.stays and (not chunked or request.minor > 0)
    headers = [b"Connection: keep-alive" if stays else b"Connection: close"]
    if not chunked:
        headers.append(b"Content-Length: %d" % sum(map(len, pieces)))
    elif request.minor:
        headers.append(b"Transfer-Encoding: chunked")
    head = start(status, headers)
    if request.method == b"HEAD":
        request.sock.send(head)
    elif not chunked:
        request.sock.send([head, list(pieces)])
    else:
        request.sock.send(head)
        send_stream(request, pieces)
    return stays


def send_stream(request: Request, pieces: Iterable[bytes]) -> None:
    """In chunks; HTTP/1.0 does not know them, there the end of the connection is that of the body."""
    for piece in pieces:
        request.sock.send([b"%x\r\n" % len(piece), piece, b"\r\n"] if request.minor else piece)
    if request.minor:
        request.sock.send(b"0\r\n\r\n")


def start(status: int, headers: list[bytes]) -> bytes:
    """The head of an answer."""
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
    return b"\r\n".join([line, *headers, b"", b""])


def refuse(sock: gentcp.Socket, status: int) -> None:
    """Say so, and read on until the client has seen it: unread data would turn our close into a reset."""
    end = monotonic() + PATIENCE
    sock.send(start(status, [b"Connection: close", b"Content-Length: 0"]))
    sock.shutdown("write")
    sock.setopts(packet="raw")
    while monotonic() < end:
        sock.recv(timeout=PATIENCE)


def converse() -> None:
    """Serve one client; the socket goes with its owner."""
    sock: gentcp.Socket = gentcp.receive()
    with sock, suppress(gentcp.Error):  # gone, too slow, or a line over LONGEST_LINE
        try:
            while respond(Request(sock, request_line(sock))):
                pass
        except Refusal as refusal:
            refuse(sock, refusal.status)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    given = parser.parse_args()
    with gentcp.listen(
        given.port,
        inet_backend=given.backend,
        packet="http_bin",
        packet_size=LONGEST_LINE,
        nodelay=True,
        reuseaddr=True,
        backlog=128,
        send_timeout=IDLE,
        send_timeout_close=True,
    ) as listener:
        try:
            print(f"listening on port {listener.port}", flush=True)
            for sock in listener:
                process = gentcp.spawn(converse)
                sock.controlling_process(process)
                process.post(sock)
        except KeyboardInterrupt:
            print("bye")


if __name__ == "__main__":
    main()
