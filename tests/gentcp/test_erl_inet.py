"""The Erlang face of inet, erlang and application: names, counters, monitors, references, defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import ErlangError, application, erlang, gen_tcp, inet

from ..support import Net, Task, catch
from ..support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

BADARG = ("exception", "error", "badarg")
DOWN = {"inet": ("port", "normal", "noproc"), "socket": ("socket", "closed", "nosock")}
"""What a DOWN message is about, its reason when the socket closes, and when it is closed already."""


@pytest.fixture(params=["inet", "socket"])
def net(request: pytest.FixtureRequest) -> Iterator[Net]:
    kit = Net(request.param)
    yield kit
    kit.close()


def nothing_more() -> None:
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)


# ---- names and counters


def test_both_ends_agree_on_their_names(net: Net) -> None:
    sock, peer = net.pair()
    assert inet.peername(sock) == ("ok", ((127, 0, 0, 1), peer.sock.getsockname()[1]))
    assert inet.sockname(sock) == ("ok", ((127, 0, 0, 1), peer.sock.getpeername()[1]))
    assert inet.port(sock) == ("ok", peer.sock.getpeername()[1])


def test_a_listener_has_a_name_and_no_peer(net: Net) -> None:
    """Case listen-accept/listen/asked-about-itself."""
    listener = net.listen()
    assert inet.sockname(listener) == ("ok", ((127, 0, 0, 1), inet.port(listener)[1]))
    assert inet.peername(listener) == ("error", "enotconn")


def test_counters_count_what_went_through(net: Net) -> None:
    sock, peer = net.pair(("packet", 1))
    assert gen_tcp.send(sock, b"abcd") == "ok"
    assert gen_tcp.send(sock, b"ef") == "ok"
    peer.send(b"\3xyz")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"xyz")
    names = ["send_oct", "send_cnt", "send_max", "recv_oct"]
    assert inet.getstat(sock, names) == ("ok", [("send_oct", 8), ("send_cnt", 2), ("send_max", 5), ("recv_oct", 4)])
    assert inet.getstat(sock, []) == ("ok", [])


def test_all_counters_come_in_otps_order(net: Net) -> None:
    """Socket has neither recv_dvi nor send_pend."""
    sock, _peer = net.pair()
    names = ["recv_oct", "recv_cnt", "recv_max", "recv_avg", "recv_dvi"]
    names += ["send_oct", "send_cnt", "send_max", "send_avg", "send_pend"]
    missing = () if net.backend == "inet" else ("recv_dvi", "send_pend")
    result, counters = inet.getstat(sock)
    assert result == "ok"
    assert [name for name, _value in counters] == [name for name in names if name not in missing]


# ---- monitors


def test_a_monitor_tells_that_the_socket_is_closed(net: Net) -> None:
    sock, _peer = net.pair()
    kind, reason, _late = DOWN[net.backend]
    refs = {inet.monitor(sock), inet.monitor(sock)}
    assert len(refs) == 2
    nothing_more()
    gen_tcp.close(sock)
    messages = [gentcp.receive(timeout=5.0) for _ in refs]
    assert {message[1] for message in messages} == refs
    assert {(message[0], *message[2:]) for message in messages} == {("DOWN", kind, sock, reason)}
    nothing_more()


def test_a_monitor_of_a_closed_socket_tells_at_once(net: Net) -> None:
    sock, _peer = net.pair()
    gen_tcp.close(sock)
    ref = inet.monitor(sock)
    kind, _reason, late = DOWN[net.backend]
    assert gentcp.receive(timeout=0) == ("DOWN", ref, kind, sock, late)


def test_a_monitor_taken_back_tells_nothing(net: Net) -> None:
    sock, _peer = net.pair()
    ref = inet.monitor(sock)
    assert inet.cancel_monitor(ref) is True
    assert inet.cancel_monitor(ref) is False
    gen_tcp.close(sock)
    nothing_more()


def test_a_monitor_that_has_told_cannot_be_taken_back_and_its_message_stays(net: Net) -> None:
    sock, _peer = net.pair()
    ref = inet.monitor(sock)
    gen_tcp.close(sock)
    assert inet.cancel_monitor(ref) is False
    assert gentcp.receive(timeout=5.0)[1] is ref


def test_a_listener_is_monitored_too(net: Net) -> None:
    listener = net.listen()
    ref = inet.monitor(listener)
    gen_tcp.close(listener)
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, DOWN[net.backend][0], listener, DOWN[net.backend][1])


def test_the_end_of_the_owner_tells_a_monitor_of_somebody_else(net: Net) -> None:
    task = Task(gentcp.receive)
    sock, _peer = net.pair()
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    ref = inet.monitor(sock)
    task.end()
    message = gentcp.receive(timeout=5.0)
    assert message[1] is ref
    assert message[2] == DOWN[net.backend][0]


def test_the_moment_a_passive_socket_notices_its_peers_end(net: Net) -> None:
    """Cases close-shutdown/monitor/*: on socket the monitor fires when recv sees it, on inet at close only."""
    sock, peer = net.pair()
    ref = inet.monitor(sock)
    peer.close()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")
    if net.backend == "socket":
        assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "socket", sock, "closed")
    else:
        nothing_more()
        gen_tcp.close(sock)
        assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "port", sock, "normal")


@pytest.mark.parametrize("junk", [None, "foo", 1, [], {}, len, gentcp.Ref()], ids=lambda junk: type(junk).__name__)
def test_only_sockets_are_monitored_and_only_references_cancelled(junk: Any) -> None:
    assert catch(inet.monitor, junk) == BADARG
    if not isinstance(junk, gentcp.Ref):
        assert catch(inet.cancel_monitor, junk) == BADARG
        assert catch(erlang.demonitor, junk) == BADARG
    else:
        assert inet.cancel_monitor(junk) is False
        assert erlang.demonitor(junk) is True
    assert catch(erlang.monitor, "process", junk) == BADARG
    assert catch(erlang.monitor, "port", junk) == BADARG
    assert catch(erlang.monitor, junk, junk) == BADARG


# ---- erlang


def test_references_are_opaque_and_differ() -> None:
    refs = [erlang.make_ref() for _ in range(50)]
    assert len(set(refs)) == 50
    assert all(isinstance(ref, gentcp.Ref) for ref in refs)


def test_self_is_the_process_of_the_thread() -> None:
    assert erlang.self() is gentcp.current_process()
    task = Task(erlang.self)
    assert task.result() is task.process


def test_processes_are_monitored_by_kind() -> None:
    task = Task(gentcp.receive)
    ref, cancelled = erlang.monitor("process", task.process), erlang.monitor("process", task.process)
    assert erlang.demonitor(cancelled) is True
    assert erlang.demonitor(cancelled) is True
    task.end()
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "process", task.process, "killed")
    nothing_more()


def test_a_port_is_monitored_and_a_socket_that_is_none_is_badarg(net: Net) -> None:
    sock, _peer = net.pair()
    if net.backend == "socket":
        assert catch(erlang.monitor, "port", sock) == BADARG
        return
    ref, cancelled = erlang.monitor("port", sock), erlang.monitor("port", sock)
    assert erlang.demonitor(cancelled) is True
    gen_tcp.close(sock)
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "port", sock, "normal")
    nothing_more()


def test_demonitor_takes_back_monitors_of_ports_only(net: Net) -> None:
    """Case options/monitor/erlang."""
    sock, _peer = net.pair()
    ref = inet.monitor(sock)
    assert erlang.demonitor(ref) is True
    gen_tcp.close(sock)
    if net.backend == "socket":
        assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "socket", sock, "closed")
    nothing_more()


NO_OPTIONS: list[Any] = [
    *(None, {}, (), [1], ["line"], [("packet_size",)], [("packet_size", -1)], [("packet_size", True)]),
    *([("foo", 1)], [("line_length", 1.0)], [([], 1)]),
]


@pytest.mark.parametrize("options", NO_OPTIONS, ids=repr)
def test_options_of_decode_packet_are_checked(options: Any) -> None:
    assert catch(erlang.decode_packet, "line", b"abc\n", options) == BADARG


@pytest.mark.parametrize("data", [None, "abc\n", [97], bytearray(b"abc\n"), 1], ids=repr)
def test_only_a_binary_is_decoded(data: Any) -> None:
    assert catch(erlang.decode_packet, "line", data, []) == BADARG


# ---- application


@pytest.fixture
def _no_defaults() -> Iterator[None]:
    yield
    application.unset_env("kernel", "inet_default_connect_options")
    application.unset_env("kernel", "inet_default_listen_options")


FACTS: list[tuple[Any, list[Any]]] = [
    ([], [False, False, True, "list"]),
    ([("delay_send", True)], [True, False, True, "list"]),
    (("nodelay", True), [False, True, True, "list"]),
    ([("active", False), ("delay_send", True)], [True, False, True, "list"]),
    ([("mode", "binary")], [False, False, True, "binary"]),
    (["binary"], [False, False, True, "binary"]),
    (("active", False), [False, False, True, "list"]),
]
"""The value, and what reads back."""


@pytest.mark.usefixtures("_no_defaults")
@pytest.mark.parametrize(("value", "expected"), FACTS, ids=repr)
def test_defaults_from_the_environment(net: Net, value: Any, expected: list[Any]) -> None:
    if value == ["binary"] and net.backend == "socket":
        expected = [*expected[:3], "list"]  # which ignores what is not a pair
    names = ["delay_send", "nodelay", "active", "mode"]
    application.set_env("kernel", "inet_default_connect_options", value)
    application.set_env("kernel", "inet_default_listen_options", value)
    listener = net.ok(gen_tcp.listen(0, [("inet_backend", net.backend)]))
    sock = net.ok(gen_tcp.connect((127, 0, 0, 1), inet.port(listener)[1], [("inet_backend", net.backend)]))
    accepted = net.ok(gen_tcp.accept(listener, 5000))
    for item in (listener, sock, accepted):
        assert inet.getopts(item, names) == ("ok", list(zip(names, expected, strict=True)))


@pytest.mark.usefixtures("_no_defaults")
def test_what_is_given_goes_before_the_defaults(net: Net) -> None:
    application.set_env("kernel", "inet_default_connect_options", [("delay_send", True), ("packet", 4)])
    sock, _peer = net.pair(("packet", 2))
    assert inet.getopts(sock, ["packet", "delay_send"]) == ("ok", [("packet", 2), ("delay_send", True)])


@pytest.mark.usefixtures("_no_defaults")
def test_a_nonsensical_default_is_refused(net: Net) -> None:
    application.set_env("kernel", "inet_default_connect_options", [("foo", "bar")])
    with pytest.raises(ErlangError) as caught:
        gen_tcp.connect((127, 0, 0, 1), 1, net.options(), 1000)
    assert (caught.value.class_, caught.value.term) == ("exit", "badarg")
