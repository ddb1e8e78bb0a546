"""Scenarios on the Erlang face: what a program does with one connection or listener."""

from __future__ import annotations

import gc
import socket
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gentcp
from gentcp.erl import erlang, file, gen_tcp, inet, prim_inet

from .run import BUFFER, LIMIT, LOCALHOST, Over, Run, Violation

Scenario = Callable[[Run], None]
SCENARIOS: dict[str, Scenario] = {}
PORTS: set[str] = set()
"""Those that are about ports: on `inet` alone."""
_BIG = bytes(range(256)) * 2048
"""512 KB: more than the buffers of a stalled pair take."""
_SHORT = 10
"""Milliseconds of a timeout that has to pass."""


def scenario(name: str, *, ports: bool = False) -> Callable[[Scenario], Scenario]:
    def add(function: Scenario) -> Scenario:
        SCENARIOS[name] = function
        if ports:
            PORTS.add(name)
        return function

    return add


def _message(run: Run) -> Any:
    """The next one of this process."""
    return run.call(lambda: ("ok", gentcp.receive(timeout=LIMIT / 1000)))[1]


def later(function: Callable[[], object]) -> None:
    """Call it in a moment, in a thread that the run does not wait for."""
    threading.Thread(target=function, name="later", daemon=True).start()


# ---- connect


@scenario("connect")
def _connect(run: Run) -> None:
    sock, peer = run.pair()
    run.send(sock, b"hello")
    run.arrives(sock, peer)


@scenario("connect, by name")
def _connect_by_name(run: Run) -> None:
    with run.server() as server:
        sock = run.connect(server.getsockname()[1], host="localhost")
        peer = run.peer_of(sock, server)
    run.send(sock, b"hello")
    run.arrives(sock, peer)


@scenario("connect, bound and with options")
def _connect_bound(run: Run) -> None:
    sock, peer = run.pair(("ip", LOCALHOST), ("port", 0), ("nodelay", True), ("sndbuf", BUFFER), ("packet", 2))
    run.send(sock, b"hello", b"\0\5")
    run.arrives(sock, peer)


@scenario("connect, refused")
def _connect_refused(run: Run) -> None:
    with run.server() as server:
        port = server.getsockname()[1]
    result = run.call(gen_tcp.connect, LOCALHOST, port, run.options(), LIMIT)
    if result[0] != "error":
        raise Violation(result)


@scenario("connect, local")
def _connect_local(run: Run) -> None:
    path = str(Path(tempfile.mkdtemp()) / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        server.settimeout(LIMIT / 1000)
        try:
            sock = run.connect(0, host=("local", path.encode()))
            peer = run.peer(server.accept()[0])
        finally:
            Path(path).unlink()
            Path(path).parent.rmdir()
    run.send(sock, b"hello")
    run.arrives(sock, peer)


@scenario("fdopen and detach")
def _fdopen(run: Run) -> None:
    ours, peer = _tcp_pair(run)
    run.at_end(ours.close)
    sock = run.value(run.call(gen_tcp.fdopen, ours.fileno(), run.options()))
    run.known(sock)
    ours.close()
    run.send(sock, b"hello")
    run.arrives(sock, peer)


def _tcp_pair(run: Run) -> tuple[socket.socket, socket.socket]:
    with run.server() as server:
        ours = socket.create_connection(server.getsockname())
        return ours, run.peer(server.accept()[0])


# ---- listen and accept


@scenario("listen")
def _listen(run: Run) -> None:
    listener = run.listen(("reuseaddr", True), ("backlog", 5))
    run.dial(listener)
    if run.call(gen_tcp.close, listener) != "ok":
        raise Violation("close")


def _accepted(run: Run, listener: Any, *, first: bool) -> tuple[Any, socket.socket]:
    """A connection that is there before accept is called, or comes while it waits."""
    if first:
        peer = run.dial(listener)
        return run.accept(listener), peer
    port = run.value(run.call(inet.port, listener))
    peers: list[socket.socket] = []
    later(lambda: peers.append(socket.create_connection(("127.0.0.1", port))))
    sock = run.accept(listener)
    return sock, run.peer(peers[0]) if peers else _wait(run, peers)


def _wait(run: Run, peers: list[socket.socket]) -> socket.socket:
    pause = threading.Event()
    while not peers:
        pause.wait(0.001)
    return run.peer(peers[0])


@scenario("accept, passive")
def _accept(run: Run) -> None:
    sock, peer = _accepted(run, run.listen(("packet", 2)), first=True)
    peer.sendall(b"\0\5hello")
    run.recv(sock, b"hello")
    run.send(sock, b"world", b"\0\5")
    run.arrives(sock, peer)


@scenario("accept, waiting")
def _accept_waiting(run: Run) -> None:
    sock, peer = _accepted(run, run.listen(("nodelay", True)), first=False)
    run.send(sock, b"world")
    run.arrives(sock, peer)


@scenario("accept, active")
def _accept_active(run: Run) -> None:
    sock, peer = _accepted(run, run.listen(("active", True)), first=True)
    peer.sendall(b"hello")
    run.message(sock, "tcp", sock, b"hello")
    run.finishes(peer)
    run.message(sock, "tcp_closed", sock)


@scenario("accept, timeout")
def _accept_timeout(run: Run) -> None:
    listener = run.listen()
    result = run.call(gen_tcp.accept, listener, _SHORT)
    if result not in {("error", "timeout"), ("error", "econnaborted")}:
        raise Violation(result)
    sock, peer = _accepted(run, listener, first=True)
    run.send(sock, b"world")
    run.arrives(sock, peer)


@scenario("async_accept", ports=True)
def _async_accept(run: Run) -> None:
    listener = run.listen()
    number = run.value(run.call(prim_inet.async_accept, listener, LIMIT))
    run.dial(listener)
    got = _message(run)
    if got[:3] != ("inet_async", listener, number):
        raise Violation(got)
    if got[3][0] == "ok":
        gen_tcp.close(got[3][1])


# ---- send


@scenario("send, iodata with a header")
def _send_iodata(run: Run) -> None:
    sock, peer = run.pair(("packet", 4))
    run.send(sock, b"hello", b"\0\0\0\5")
    if run.call(gen_tcp.send, sock, [b"wor", [b"ld"]]) == "ok":
        run.streams[sock].acknowledged += b"\0\0\0\5world"
    run.arrives(sock, peer)


@scenario("send, more than the system takes")
def _send_much(run: Run) -> None:
    """On `inet` the rest is queued, on `socket` the sender waits."""
    sock, peer = run.pair(("packet", 4), room=BUFFER)
    reading = None if run.queues else run.reading(peer)
    run.send(sock, _BIG, len(_BIG).to_bytes(4, "big"))
    run.arrives(sock, peer, reading)


@scenario("send, blocked by a full queue")
def _send_blocked(run: Run) -> None:
    sock, peer = run.pair(room=BUFFER)
    reading = run.reading(peer)
    for _ in range(3):
        run.send(sock, _BIG)
    run.arrives(sock, peer, reading)


@scenario("send, timeout")
def _send_timeout(run: Run) -> None:
    sock, peer = run.pair(("send_timeout", _SHORT), room=BUFFER)
    for _ in range(3):
        result = run.send(sock, _BIG)
        if result != "ok":
            break
    run.arrives(sock, peer)


@scenario("send, timeout that closes")
def _send_timeout_close(run: Run) -> None:
    sock, _peer = run.pair(("send_timeout", _SHORT), ("send_timeout_close", True), room=BUFFER)
    for _ in range(20):
        result = run.call(gen_tcp.send, sock, _BIG)
        if result != "ok":
            break
    else:
        raise Violation("no timeout")
    run.call(inet.setopts, sock, [("linger", (True, 0))])


@scenario("send by a process that ends")
def _send_and_end(run: Run) -> None:
    sock, peer = run.pair(room=BUFFER)
    if run.queues:
        run.send(sock, _BIG)
    else:
        run.send(sock, b"hello")
    stream = run.streams[sock]
    process = run.spawned(lambda: _message(run))
    if run.call(gen_tcp.controlling_process, sock, process) != "ok":
        process.kill()
        raise Over
    process.post("end")
    process.join(LIMIT / 1000)
    run.compare(stream, run.reading(peer).result())


# ---- close and shutdown


@scenario("close, with a queue")
def _close_with_queue(run: Run) -> None:
    sock, peer = run.pair(("send_timeout", _SHORT), room=BUFFER)
    run.send(sock, _BIG)
    run.arrives(sock, peer)
    if gen_tcp.close(sock) != "ok":
        raise Violation("close again")


@scenario("close, lingering")
def _close_lingering(run: Run) -> None:
    sock, peer = run.pair(("linger", (True, 5)))
    run.send(sock, b"hello")
    run.arrives(sock, peer)


@scenario("close, with a reset")
def _close_with_reset(run: Run) -> None:
    sock, peer = run.pair(("linger", (True, 0)), room=BUFFER)
    run.call(gen_tcp.send, sock, b"hello")
    if run.call(gen_tcp.close, sock) != "ok":
        raise Violation("close")
    run.reading(peer).result()


@scenario("close of an active socket")
def _close_active(run: Run) -> None:
    sock, peer = run.pair(("active", True))
    peer.sendall(b"hello")
    run.send(sock, b"world")
    run.arrives(sock, peer)


@scenario("dropped")
def _dropped(run: Run) -> None:
    """Nobody refers to a socket of the Python face any more."""
    with run.server() as server:
        port = server.getsockname()[1]
        connect = partial(gentcp.connect, LOCALHOST, port, inet_backend=run.backend, timeout=LIMIT / 1000)
        sock = run.value(run.call(run.terms, connect))
        peer = run.peer_of(sock, server)
    del sock
    gc.collect()  # the adapter's tasks are cycles
    run.pair()  # whoever drops a socket while there can be no thread leaves it to the next who needs that
    run.ended(peer)


@scenario("shutdown behind a queue")
def _shutdown(run: Run) -> None:
    sock, peer = run.pair(("send_timeout", 500), room=BUFFER)
    reading = run.reading(peer)
    run.send(sock, _BIG)
    stream = run.streams[sock]
    run.must(run.call(gen_tcp.shutdown, sock, "write"), sock)
    run.compare(stream, reading.result())


@scenario("shutdown of both sides")
def _shutdown_both(run: Run) -> None:
    sock, peer = run.pair()
    peer.sendall(b"hello")
    run.recv(sock, b"hello")
    run.must(run.call(gen_tcp.shutdown, sock, "read_write"), sock)
    if run.call(gen_tcp.recv, sock, 0, LIMIT)[0] != "error":
        raise Violation("data after the end")


# ---- recv


@scenario("recv, data is there")
def _recv(run: Run) -> None:
    sock, peer = run.pair(("packet", "line"))
    peer.sendall(b"one\ntwo\nthree\n")
    for line in (b"one\n", b"two\n", b"three\n"):
        run.recv(sock, line)


@scenario("recv, waiting for ever")
def _recv_waiting(run: Run) -> None:
    sock, peer = run.pair()
    later(partial(peer.sendall, b"hello"))
    run.recv(sock, b"hello", 5, "infinity")


@scenario("recv, waiting with a timeout")
def _recv_timed(run: Run) -> None:
    sock, peer = run.pair(("packet", 1))
    later(partial(peer.sendall, b"\5hello\5world"))
    run.recv(sock, b"hello")
    run.recv(sock, b"world")


@scenario("recv, timeout")
def _recv_timeout(run: Run) -> None:
    sock, peer = run.pair()
    result = run.call(gen_tcp.recv, sock, 0, _SHORT)
    if result != ("error", "timeout"):
        run.must(result, sock)
    peer.sendall(b"hello")
    run.recv(sock, b"hello")


@scenario("recv, the end of the stream")
def _recv_end(run: Run) -> None:
    sock, peer = run.pair()
    peer.sendall(b"hello")
    peer.close()
    run.recv(sock, b"hello")
    result = run.call(gen_tcp.recv, sock, 0, LIMIT)
    if result[0] != "error":
        raise Violation(result)


@scenario("recv by another process")
def _recv_elsewhere(run: Run) -> None:
    sock, peer = run.pair()
    found: list[Any] = []
    process = run.spawned(lambda: found.append(run.call(gen_tcp.recv, sock, 5, "infinity")))
    peer.sendall(b"hello")
    if not process.join(LIMIT / 1000):
        raise Violation("recv does not return")
    if found[0] != ("ok", b"hello"):
        run.must(found[0], sock)
        raise Violation(found)


@scenario("async_recv", ports=True)
def _async_recv(run: Run) -> None:
    sock, peer = run.pair()
    number = run.value(run.call(prim_inet.async_recv, sock, 5, LIMIT))
    later(partial(peer.sendall, b"hello"))
    got = _message(run)
    if got[:3] != ("inet_async", sock, number):
        raise Violation(got)
    if got[3] != ("ok", b"hello"):
        run.must(got[3], sock)


@scenario("async_recv, timeout", ports=True)
def _async_recv_timeout(run: Run) -> None:
    sock, _peer = run.pair()
    number = run.value(run.call(prim_inet.async_recv, sock, 5, _SHORT))
    got = _message(run)
    if got[:3] != ("inet_async", sock, number) or got[3][0] != "error":
        raise Violation(got)


@scenario("port_command", ports=True)
def _port_command(run: Run) -> None:
    sock, peer = run.pair(("send_timeout", 500), room=BUFFER)
    ref = erlang.make_ref()
    label = erlang.term_to_binary(ref, ["local"])
    run.call(run.terms, lambda: erlang.port_command(sock, [len(label).to_bytes(2, "big"), label, b"hello"]))
    answer = _message(run)
    if answer == ("inet_reply", sock, "ok", ref):
        run.streams[sock].acknowledged += b"hello"
    run.arrives(sock, peer)


# ---- messages


@scenario("active")
def _active(run: Run) -> None:
    sock, peer = run.pair(("packet", "line"))
    run.must(run.call(inet.setopts, sock, [("active", True)]), sock)
    peer.sendall(b"one\ntwo\n")
    run.message(sock, "tcp", sock, b"one\n")
    run.message(sock, "tcp", sock, b"two\n")
    run.finishes(peer)
    run.message(sock, "tcp_closed", sock)


@scenario("active once, and then passive")
def _active_once(run: Run) -> None:
    sock, peer = run.pair(("packet", "line"), ("active", "once"))
    peer.sendall(b"one\ntwo\nthree\n")
    run.message(sock, "tcp", sock, b"one\n")
    run.must(run.call(inet.setopts, sock, [("active", 1)]), sock)
    run.message(sock, "tcp", sock, b"two\n")
    run.message(sock, "tcp_passive", sock)
    run.recv(sock, b"three\n")


@scenario("active, the owner is elsewhere")
def _active_absent(run: Run) -> None:
    """Its sockets are served for it: the end of the stream closes the socket."""
    sock, peer = run.pair(("active", True))
    peer.sendall(b"hello")
    run.finishes(peer)
    pause = threading.Event()
    for _ in range(LIMIT):
        if run.call(inet.getopts, sock, ["active"])[0] == "error":
            break
        pause.wait(0.001)
    else:
        raise Violation("nobody reads")
    run.message(sock, "tcp", sock, b"hello")
    run.message(sock, "tcp_closed", sock)


@scenario("hand over, passive")
def _hand_over(run: Run) -> None:
    sock, peer = run.pair()
    process = run.spawned(lambda: run.call(gen_tcp.recv, _message(run), 5, LIMIT))
    run.must(run.call(gen_tcp.controlling_process, sock, process), sock)
    peer.sendall(b"hello")
    process.post(sock)
    process.join(LIMIT / 1000)
    run.ended(peer)


@scenario("hand over, active")
def _hand_over_active(run: Run) -> None:
    sock, peer = run.pair(("active", True))
    got: list[Any] = []
    process = run.spawned(lambda: _all_of(run, got))
    run.must(run.call(gen_tcp.controlling_process, sock, process), sock)
    peer.sendall(b"hello")
    run.finishes(peer)
    process.join(LIMIT / 1000)
    if got != [("tcp", sock, b"hello"), ("tcp_closed", sock)] and not (run.may_end and got and got[-1][0] != "tcp"):
        raise Violation(got)


def _all_of(run: Run, got: list[Any]) -> None:
    """Messages, up to the end of the stream."""
    while not got or got[-1][0] != "tcp_closed":
        got.append(_message(run))


@scenario("monitors")
def _monitors(run: Run) -> None:
    sock, peer = run.pair()
    ref = run.call(lambda: ("ok", inet.monitor(sock)))[1]
    run.send(sock, b"hello")
    run.arrives(sock, peer)
    got = _message(run)
    if got[:2] != ("DOWN", ref):
        raise Violation(got)


@scenario("kill of a receiver")
def _kill(run: Run) -> None:
    sock, peer = run.pair()
    process = run.spawned(lambda: run.call(gen_tcp.recv, sock, 5, LIMIT))
    process.kill()
    process.join(LIMIT / 1000)
    peer.sendall(b"hello")
    run.recv(sock, b"hello", 5)


# ---- files, and what is asked


@scenario("sendfile")
def _sendfile(run: Run) -> None:
    _sent(run, b"contents" * 1000, 0)


@scenario("sendfile, more than the system takes")
def _sendfile_much(run: Run) -> None:
    _sent(run, _BIG, BUFFER)


def _sent(run: Run, contents: bytes, room: int) -> None:
    sock, peer = run.pair(room=room)
    reading = run.reading(peer)
    with tempfile.TemporaryFile() as opened:
        opened.write(contents)
        opened.flush()
        result = run.once(file.sendfile, opened, sock, 0, 0, [])
        if not run.may_end and result[0] != "ok":
            result = run.call(file.sendfile, opened, sock, 0, 0, [])
    stream = run.streams[sock]
    if result == ("ok", len(contents)):
        stream.acknowledged += contents
        run.send(sock, b"behind")
    elif isinstance(result[1], tuple):  # on `socket` the connection goes on
        stream.acknowledged += contents[: result[1][1]]
    else:
        run.must(result, sock)
    run.arrives(sock, peer, reading)


@scenario("options, names and counters")
def _questions(run: Run) -> None:
    sock, peer = run.pair()
    for ask in (
        partial(inet.getopts, sock, ["active", "nodelay", "sndbuf", "linger"]),
        partial(inet.setopts, sock, [("nodelay", True), ("keepalive", True), ("linger", (False, 0))]),
        partial(inet.sockname, sock),
        partial(inet.peername, sock),
        partial(inet.getstat, sock),
    ):
        run.must(run.call(ask), sock)
    run.call(lambda: ("ok", inet.info(sock)))
    run.send(sock, b"hello")
    run.arrives(sock, peer)
