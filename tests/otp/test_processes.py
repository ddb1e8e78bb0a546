"""Processes here and their shadows in the VM: messages, owners and ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
import gentcp_otp
from gentcp.abc import Backend
from gentcp.erl import gen_tcp, inet

from ..support import Net, Task, eventually
from .test_calls import pair


@pytest.fixture
def net(name: str) -> Iterator[Net]:
    kit = Net(name)
    yield kit
    kit.close()


@pytest.fixture(autouse=True)
def _mailbox() -> None:
    """The main process is that of every test: what one leaves in the mailbox, another one does not find."""
    gentcp_otp.stop()
    gentcp.current_process().take(lambda _: True)


def numbered(count: int) -> list[bytes]:
    return [b"%07d" % number for number in range(count)]


def test_messages_are_those_of_erlang(name: str) -> None:
    _, client, server = pair(name, ("active", 1), ("packet", 1))
    inet.setopts(server, [("active", True)])
    gen_tcp.send(server, b"abc")
    assert gentcp.receive(timeout=5.0) == ("tcp", client, b"abc")
    assert gentcp.receive(timeout=5.0) == ("tcp_passive", client)
    gen_tcp.close(client)
    assert gentcp.receive(timeout=5.0) == ("tcp_closed", server)


def test_what_came_during_a_call_is_there_after_it(name: str) -> None:
    """As in Erlang, where `receive after 0` finds it."""
    _, client, server = pair(name, ("packet", 1))
    inet.setopts(server, [("active", "once")])
    for number in range(50):
        data = b"%d" % number
        gen_tcp.send(client, data)
        eventually(lambda: inet.getopts(server, ["active"]) == ("ok", [("active", False)]))
        inet.setopts(server, [("active", "once")])
        assert gentcp.receive(timeout=0) == ("tcp", server, data)


def test_hand_over_takes_the_messages_along(name: str) -> None:
    _, client, server = pair(name, ("packet", 4))
    sent = numbered(2000)
    for data in sent[:1000]:
        gen_tcp.send(client, data)
    inet.setopts(server, [("active", True)])
    first = gentcp.receive(timeout=5.0)
    me = gentcp.current_process()
    me.post("not of the socket")
    sender = Task(lambda: [gen_tcp.send(client, data) for data in sent[1000:]])
    got: list[bytes] = []
    owner = gentcp.spawn(lambda: got.extend(gentcp.receive(timeout=5.0)[2] for _ in sent[1:]))
    assert gen_tcp.controlling_process(server, owner) == "ok"
    assert gentcp.receive(timeout=0) == "not of the socket"
    sender.result()
    assert owner.join(10.0)
    assert [first[2], *got] == sent


def test_closing_takes_the_message_that_the_peer_has_closed_away(name: str) -> None:
    _, client, server = pair(name, ("active", True))
    gen_tcp.close(client)
    me = gentcp.current_process()
    me.receive(lambda message: message[0] == "tcp_closed", 5.0)
    me.post(("tcp_closed", server))
    gen_tcp.close(server)
    gone = name == "otp_inet"  # what inet:tcp_close/1 does, and gen_tcp_socket:close/1 does not
    assert me.take(lambda _: True) == ([] if gone else [("tcp_closed", server)])


@pytest.mark.usefixtures("followed")  # otp_socket of 25 sends no DOWN here
def test_a_hand_over_that_fails_leaves_the_messages_in_their_order(name: str) -> None:
    listener, client, server = pair(name, ("packet", 1))
    monitor = inet.monitor(server)
    inet.setopts(server, [("active", True)])
    gen_tcp.close(client)
    closed = gentcp.receive(lambda message: message[0] == "tcp_closed", timeout=5.0)
    down = gentcp.receive(lambda message: message[0] == "DOWN", timeout=5.0)
    assert down[1] == monitor
    for message in (closed, down):
        gentcp.current_process().post(message)
    assert gen_tcp.controlling_process(server, gentcp.spawn(time.sleep, 0.1))[0] == "error"
    assert [gentcp.receive(timeout=0), gentcp.receive(timeout=5.0)] == [closed, down]
    gen_tcp.close(listener)


def test_only_the_owner_hands_over(name: str) -> None:
    _, client, _ = pair(name)
    other = Task(lambda: gen_tcp.controlling_process(client, gentcp.current_process()))
    assert other.result() == ("error", "not_owner")


def test_a_process_that_has_ended_gets_nothing(name: str) -> None:
    _, client, _ = pair(name)
    ended = gentcp.spawn(lambda: None)
    assert ended.join(5.0)
    refused = ("error", "badarg")
    assert gen_tcp.controlling_process(client, ended) == (refused if name == "otp_inet" else "ok")


def test_sockets_end_with_their_process(name: str) -> None:
    listener, _, _ = pair(name)
    options = [("inet_backend", name)]
    task = Task(gen_tcp.connect, (127, 0, 0, 1), inet.port(listener)[1], options)
    _, accepted = gen_tcp.accept(listener, 5000)
    task.result()
    assert gen_tcp.recv(accepted, 0, 5000) == ("error", "closed")


def test_a_killed_process_leaves_its_call_and_its_sockets(name: str, vm: Backend) -> None:
    listener, _, _ = pair(name)
    options = [("inet_backend", name), ("active", False)]
    begun: list[gentcp.Process] = []

    def wait() -> None:
        _, sock = gen_tcp.connect((127, 0, 0, 1), inet.port(listener)[1], options)
        begun.append(gentcp.current_process())
        gen_tcp.recv(sock, 0)

    task = Task(wait)
    _, accepted = gen_tcp.accept(listener, 5000)
    [process] = eventually(lambda: begun)
    eventually(lambda: vm.apply("erlang", "process_info", [process, "status"]) == ("status", "waiting"))
    task.kill()
    assert task.result() == "killed"
    assert gen_tcp.recv(accepted, 0, 5000) == ("error", "closed")


def test_the_end_of_the_shadow_is_that_of_the_process(vm: Backend) -> None:
    def live() -> None:
        vm.apply("erlang", "self", [])
        gentcp.receive()

    task = Task(live)
    ref = gentcp.monitor(task.process)
    eventually(lambda: vm.apply("erlang", "is_process_alive", [task.process]))
    vm.apply("erlang", "exit", [task.process, "kill"])
    assert gentcp.receive(timeout=5.0)[:4] == ("DOWN", ref, "process", task.process)
    assert task.result() == "killed"


def test_an_interrupted_call_ends_the_shadow_and_not_the_process(name: str) -> None:
    _, client, server = pair(name)

    def handler(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            gen_tcp.recv(client, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert gen_tcp.send(server, b"abc") == ("error", "closed")
    listener, _, _ = pair(name)
    assert inet.port(listener)[0] == "ok"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("ends", "reason"), [("returns", "normal"), ("is killed", "killed"), ("raises", "error")])
def test_the_shadow_ends_as_its_process_did(vm: Backend, ends: str, reason: str) -> None:
    class Expected(Exception):
        """A process may end with an exception."""

    def live() -> None:
        vm.apply("erlang", "self", [])
        gentcp.receive()
        if ends == "raises":
            raise Expected

    process = gentcp.spawn(live)
    ref = vm.apply("erlang", "monitor", ["process", process])
    process.kill() if ends == "is killed" else process.post("go on")
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "process", process, reason)
    assert process.thread is not None
    process.thread.join()  # its exception is reported to this test, not to the next
