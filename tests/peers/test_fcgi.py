"""Web servers hand requests on to the example that answers FastCGI from `{packet, fcgi}`.

lighttpd opens a connection for each request; nginx keeps its connections, and pads its records.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..support.programs import ON_ALL, PATIENCE, exactly, listening, need, output, serving

BODY = bytes(range(256)) * 1000
LIGHTTPD = """
server.document-root = "{folder}"
server.upload-dirs = ("{folder}")
server.bind = "127.0.0.1"
server.port = {port}
server.modules = ("mod_fastcgi")
fastcgi.server = ("/" => (("host" => "127.0.0.1", "port" => {responder}, "check-local" => "disable")))
"""
NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    upstream responder {{ server 127.0.0.1:{responder}; keepalive 1; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            fastcgi_pass responder;
            fastcgi_keep_conn on;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param CONTENT_LENGTH $content_length;
        }}
    }}
}}
"""


def lighttpd(configuration: Path) -> tuple[list[str], str]:
    """The command, and what the file is to contain."""
    return [need("lighttpd"), "-D", "-f", str(configuration)], LIGHTTPD


def nginx(configuration: Path) -> tuple[list[str], str]:
    """The command, and what the file is to contain."""
    return [need("nginx"), "-p", str(configuration.parent), "-e", "stderr", "-c", str(configuration)], NGINX


Server = Callable[[Path], tuple[list[str], str]]


@pytest.fixture(params=[lighttpd, nginx], ids=["lighttpd", "nginx"])
def url(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Iterator[str]:
    """A web server in front of a responder."""
    server: Server = request.param
    configuration = tmp_path / "server.conf"
    words, text = server(configuration)

    def command(port: int) -> list[str]:
        configuration.write_text(text.format(folder=tmp_path, port=port, responder=responder))
        return words

    with serving("fcgi_responder.py", "--backend", backend) as responder, listening(command, tmp_path) as port:
        yield f"http://127.0.0.1:{port}"


def curl(*arguments: str) -> str:
    return output([need("curl"), "-sS", "--fail", "--max-time", str(PATIENCE), *arguments])


@ON_ALL
def test_parameters_arrive(backend: str, url: str) -> None:
    for length in (1, 2, 3, 4, 5, 6, 7, 300):  # the length of 300 takes four bytes
        path = "y" * length
        assert curl(f"{url}/{path}?c=d") == f"GET /{path}?c=d 0 bytes\n"


@ON_ALL
def test_a_body_of_many_records_goes_there_and_back(backend: str, url: str, tmp_path: Path) -> None:
    sent, received = tmp_path / "sent", tmp_path / "received"
    for length in (1, len(BODY) - 1, len(BODY)):
        sent.write_bytes(BODY[:length])
        curl("--data-binary", f"@{sent}", "-o", str(received), f"{url}/echo")
        assert received.read_bytes() == b"POST /echo %d bytes\n" % length + BODY[:length]


@ON_ALL
def test_requests_at_the_same_time(backend: str, url: str) -> None:
    printed = curl("--parallel", "--parallel-immediate", *(f"{url}/{number}" for number in range(20)))
    assert sorted(printed.splitlines()) == sorted(f"GET /{number} 0 bytes" for number in range(20))


# ---- what neither server does

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def record(kind: int, number: int, contents: bytes, padding: int) -> bytes:
    return struct.pack(">BBHHBx", 1, kind, number, len(contents), padding) + contents + b"\xff" * padding


def records(sock: socket.socket) -> Iterator[tuple[int, int, bytes]]:
    """Type, request and contents of what comes, up to the end of the stream."""
    while header := exactly(sock, 8):
        _, kind, number, length, padding = struct.unpack(">BBHHBx", header)
        yield kind, number, exactly(sock, length + padding)[:length]


@ON_ALL
def test_requests_share_a_connection(backend: str) -> None:
    first, second = 1, 0xFFFF
    params = {first: b"\x0b\x01REQUEST_URI1", second: b"\x0b\x01REQUEST_URI2"}
    pieces = [
        record(BEGIN, first, struct.pack(">HB5x", 1, 1), 0),
        record(BEGIN, second, struct.pack(">HB5x", 1, 0), 8),  # without leave to keep the connection
        record(PARAMS, second, params[second][:5], 255),
        record(PARAMS, first, params[first], 1),
        record(PARAMS, second, params[second][5:], 7),
        record(PARAMS, 7, b"nobody began this", 0),
        record(PARAMS, first, b"", 3),
        record(PARAMS, second, b"", 0),
        record(STDIN, first, b"body", 2),
        record(STDIN, first, b"", 0),
        record(STDIN, second, b"", 9),
    ]
    with (
        serving("fcgi_responder.py", "--backend", backend) as port,
        socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as client,
    ):
        client.sendall(b"".join(pieces))
        answer = list(records(client))
    assert [(kind, number) for kind, number, _ in answer] == [
        (kind, number) for number in (first, second) for kind in (STDOUT, STDOUT, END)
    ]
    bodies = [contents.partition(b"\r\n\r\n")[2] for kind, _, contents in answer if kind == STDOUT]
    assert bodies == [b" 1 4 bytes\nbody", b"", b" 2 0 bytes\n", b""]
