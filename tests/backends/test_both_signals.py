"""Signal handlers that use the socket which the main thread is busy with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..support import run_python

PROGRAM = Path(__file__).with_name("signal_program.py").read_text()
SECONDS = os.environ.get("GENTCP_SIGNAL_SECONDS", "0.5")
"""How long each of them goes on."""


@pytest.mark.parametrize("kind", ["stream", "echo", "full"])
@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_handler_may_send_and_ask_and_set(backend: str, kind: str) -> None:
    """Each packet arrives whole and once, those of the main thread in order and those of the handler too."""
    assert run_python(PROGRAM, backend, kind, SECONDS, "1", patience=60 + float(SECONDS)) == "ok"


SERVER = """
import faulthandler, os, signal, socket, sys, threading
import gentcp

faulthandler.dump_traceback_later(15, exit=True)
backend, echoes = sys.argv[1], int(sys.argv[2])
listener = gentcp.listen(0, inet_backend=backend)

def client():
    with socket.create_connection(("127.0.0.1", listener.port)) as sock:
        try:
            for number in range(1_000_000):
                sock.sendall(b"x" * 100)
                if not sock.recv(1000):
                    return
                if number == echoes:
                    os.kill(os.getpid(), signal.SIGTERM)
        except OSError:
            pass

def stop(*_):
    sock.close()
    listener.close()

threading.Thread(target=client, daemon=True).start()
sock = listener.accept()
signal.signal(signal.SIGTERM, stop)
try:
    while True:
        sock.send(sock.recv())
except gentcp.Closed:
    print("closed", flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_busy_server_whose_handler_closes_its_sockets(backend: str) -> None:
    for echoes in range(20, 30):
        assert run_python(SERVER, backend, str(echoes)) == "closed\n"


BLOCKED = """
import faulthandler, os, signal, socket, sys, threading
import gentcp
from gentcp.engine import inspection

faulthandler.dump_traceback_later(15, exit=True)
backend, call, lingers = sys.argv[1:]
with socket.create_server(("127.0.0.1", 0)) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    options = {"linger": 1} if lingers == "lingers" else {}
    sock = gentcp.connect("127.0.0.1", server.getsockname()[1], inet_backend=backend, sndbuf=65536, **options)
    peer = server.accept()[0]

def handler(*_):
    if call == "close":
        sock.close()
    else:
        reader.start()
        sock.send(b"of the handler")

def read():
    data = bytearray()
    while len(data) < 2 * 4_000_000 + len(b"of the handler"):
        data += peer.recv(1_000_000)
    print(data.count(b"of the handler"), flush=True)

reader = threading.Thread(target=read, daemon=True)

def interrupt():
    while not inspection.senders(sock):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

signal.signal(signal.SIGTERM, handler)
threading.Thread(target=interrupt, daemon=True).start()
try:
    sock.send(bytes(4_000_000))
    sock.send(bytes(4_000_000))
    reader.join()
except gentcp.Closed:
    print("closed", flush=True)
os._exit(0)
"""


@pytest.mark.parametrize(("backend", "lingers"), [("inet", "lingers"), ("socket", "lingers"), ("socket", "does not")])
def test_a_handler_closes_while_the_main_thread_is_blocked_in_send(backend: str, lingers: str) -> None:
    assert run_python(BLOCKED, backend, "close", lingers, patience=20) == "closed\n"


@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_handler_sends_while_the_main_thread_is_blocked_in_send(backend: str) -> None:
    """It waits for its turn, and the thread does what the other call would have done."""
    assert run_python(BLOCKED, backend, "send", "does not") == "1\n"
