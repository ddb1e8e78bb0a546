"""Calls go to the VM as they are: what gentcp's own backends lack too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.abc import Backend
from gentcp.erl import ErlangError, Exit, application, erlang, gen_tcp, inet

from ..support import Task, eventually


def pair(name: str, *options: Any) -> tuple[Any, Any, Any]:
    """Listener, connecting and accepted socket."""
    chosen = [("inet_backend", name), "binary", ("active", False), *options]
    _, listener = gen_tcp.listen(0, [*chosen, ("ip", (127, 0, 0, 1))])
    _, client = gen_tcp.connect((127, 0, 0, 1), inet.port(listener)[1], chosen)
    return listener, client, gen_tcp.accept(listener, 5000)[1]


def test_data(name: str) -> None:
    _, client, server = pair(name, ("packet", 4))
    assert gen_tcp.send(client, [b"abc", [100, b"e"], memoryview(b"f")]) == "ok"
    assert gen_tcp.recv(server, 0, 5000) == ("ok", b"abcdef")
    assert gen_tcp.recv(server, 0, 10) == ("error", "timeout")
    assert gen_tcp.shutdown(client, "write") == "ok"
    assert gen_tcp.recv(server, 0, 5000) == ("error", "closed")


def test_packet_types_of_the_vm(name: str) -> None:
    _, client, server = pair(name)
    assert inet.setopts(server, [("packet", "http_bin")]) == "ok"
    gen_tcp.send(client, b"GET /a HTTP/1.1\r\nHost: b\r\n\r\n")
    assert gen_tcp.recv(server, 0, 5000) == ("ok", ("http_request", "GET", ("abs_path", b"/a"), (1, 1)))
    assert gen_tcp.recv(server, 0, 5000) == ("ok", ("http_header", 14, "Host", b"Host", b"b"))
    assert gen_tcp.recv(server, 0, 5000) == ("ok", "http_eoh")


def test_functions_that_are_not_about_a_socket(vm: Backend) -> None:
    assert vm.apply("erlang", "decode_packet", ["asn1", b"\x04\x03abcd", []]) == ("ok", b"\x04\x03abc", b"d")
    assert vm.apply("inet", "parse_address", [list(b"::1")]) == ("ok", (0, 0, 0, 0, 0, 0, 0, 1))
    with pytest.raises(ErlangError, match="undef"):
        vm.apply("inet", "no_such_function", [])


@pytest.mark.parametrize("own", ["inet", "socket"])
def test_apply_of_the_other_backends(own: str) -> None:
    backend = gentcp.get_backend(own)
    assert backend.apply("erlang", "decode_packet", [1, b"\1ab", []]) == ("ok", b"a", b"b")
    with pytest.raises(ErlangError, match="undef"):
        backend.apply("inet", "no_such_function", [])


def test_what_raises_there_raises_here(name: str, vm: Backend) -> None:
    with pytest.raises(Exit, match="badarg"):
        gen_tcp.listen(0, [("inet_backend", name), "no_such_option"])
    for class_ in ("error", "exit", "throw"):
        with pytest.raises(ErlangError, match=f"{class_}: 'why'"):
            vm.apply("erlang", class_, ["why"])


def test_names_and_counters(name: str) -> None:
    listener, client, server = pair(name)
    port = inet.port(listener)[1]
    assert inet.peername(client) == inet.sockname(server) == ("ok", ((127, 0, 0, 1), port))
    assert inet.getopts(server, ["active", "mode"]) == ("ok", [("active", False), ("mode", "binary")])
    assert inet.getstat(server, ["recv_oct"]) == ("ok", [("recv_oct", 0)])
    assert dict(inet.getstat(server)[1])["send_oct"] == 0
    assert inet.info(server)["owner"] is gentcp.current_process()


def test_local_sockets(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    _, listener = gen_tcp.listen(0, [("inet_backend", name), ("ifaddr", ("local", path)), ("active", False)])
    done, client = gen_tcp.connect(("local", path), 0, [("inet_backend", name), "binary", ("active", False)])
    assert done == "ok"
    assert inet.sockname(listener) == ("ok", ("local", path.encode()))
    gen_tcp.send(gen_tcp.accept(listener)[1], b"abc")
    assert gen_tcp.recv(client, 3, 5000) == ("ok", b"abc")


def test_monitors(name: str) -> None:
    _, client, server = pair(name)
    ref, taken_back = inet.monitor(client), inet.monitor(server)
    assert inet.cancel_monitor(taken_back) is True
    gen_tcp.close(server)
    gen_tcp.close(client)
    kind = "port" if name == "otp_inet" else "socket"
    assert gentcp.receive(timeout=5.0)[:4] == ("DOWN", ref, kind, client)
    late = inet.monitor(client)
    assert gentcp.receive(timeout=5.0)[:2] == ("DOWN", late)
    assert inet.cancel_monitor(ref) is False


def test_monitors_of_ports() -> None:
    _, port, _ = pair("otp_inet")
    _, no_port, _ = pair("otp_socket")
    ref = erlang.monitor("port", port)
    gen_tcp.close(port)
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "port", port, "normal")
    with pytest.raises(ErlangError, match="badarg"):
        erlang.monitor("port", no_port)


def test_defaults_of_the_kernel_application(name: str) -> None:
    application.set_env("kernel", "inet_default_connect_options", [("recbuf", 10000)])
    try:
        _, client, _ = pair(name)
        _, [(_, size)] = inet.getopts(client, ["recbuf"])
    finally:
        application.unset_env("kernel", "inet_default_connect_options")
    _, other, _ = pair(name)
    assert size == 20000  # the kernel doubles it
    assert inet.getopts(other, ["recbuf"]) != ("ok", [("recbuf", size)])


def test_the_python_face(name: str) -> None:
    with gentcp.listen(0, packet="line", inet_backend=name) as listener:
        with gentcp.connect("localhost", listener.port, inet_backend=name) as client, listener.accept(5.0) as server:
            client.send(b"one\ntwo\n")
            assert server.recv(timeout=5.0) == b"one\n"
            server.setopts(active="once")
            assert gentcp.receive(timeout=5.0) == ("tcp", server, b"two\n")
            assert server.getopts("packet") == {"packet": "line"}
            with pytest.raises(gentcp.Timeout):
                client.recv(timeout=0.01)
        with pytest.raises(gentcp.Closed):
            server.recv()
        assert server.fileno() == -1


def test_calls_of_several_processes_run_at_once(name: str) -> None:
    listener, client, server = pair(name)
    acceptor = Task(gen_tcp.accept, listener)
    reader = Task(gen_tcp.recv, server, 3)
    eventually(lambda: inet.getopts(client, ["active"])[0] == "ok")  # neither of the two is in the way
    assert not reader.done
    gen_tcp.send(client, b"abc")
    assert reader.result() == ("ok", b"abc")
    gen_tcp.connect((127, 0, 0, 1), inet.port(listener)[1], [("inet_backend", name)])
    assert acceptor.result()[0] == "ok"


def test_a_megabyte_both_ways(name: str) -> None:
    _, client, server = pair(name, ("packet", 4))
    data = bytes(range(256)) * 4096
    sender = Task(gen_tcp.send, client, data)
    assert gen_tcp.recv(server, 0, 20_000) == ("ok", data)
    assert sender.result() == "ok"


def test_about(vm: Backend) -> None:
    about = vm.about()
    assert int(about["release"]) >= 25
    assert {"erts", "kernel", "system", "command"} <= about.keys()


def test_a_socket_that_nobody_has_any_more_is_closed(name: str) -> None:
    listener = gentcp.listen(0, inet_backend=name)
    client = gentcp.connect("localhost", listener.port, inet_backend=name)
    server = listener.accept(5.0)
    del client
    with pytest.raises(gentcp.Closed):
        server.recv(timeout=5.0)
