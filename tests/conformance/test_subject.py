from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gentcp
from gentcp.erl import Exit, gen_tcp
from gentcp_conformance.data import delivery, iodata_bytes, payload, rest_bytes, send_result
from gentcp_conformance.peer import Peer, RawListener, connect_raw
from gentcp_conformance.subject import CaseError, Subject, Task, ok
from gentcp_conformance.waiting import duration_class, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["inet", "socket"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    made = Subject(request.param)
    yield made
    made.close()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


Drive = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def drive(subject: Subject) -> Drive:
    """Calls a function in a process of its own, which ends with the test: its sockets and messages are not ours."""
    return lambda stage: subject.spawn(stage).outcome(10)


@pytest.fixture
def peers() -> Iterator[tuple[Peer, Peer]]:
    listener = RawListener(rcvbuf=65536)
    left = connect_raw(listener.port, rcvbuf=65536)
    right = listener.accept()
    listener.close()
    yield left, right
    left.close()
    right.close()


# Peers


def test_what_is_sent_has_arrived(peers: tuple[Peer, Peer]) -> None:
    left, right = peers
    left.send(b"hello")
    assert right.pending() == 5
    assert right.recv_exact(5) == b"hello"


def test_bytewise_sends_come_out_in_order(peers: tuple[Peer, Peer]) -> None:
    peers[0].send_bytewise(b"hello")
    assert peers[1].recv() == ("ok", b"hello")


def test_a_send_that_does_not_arrive_is_an_error(peers: tuple[Peer, Peer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gentcp_conformance.peer._PATIENCE", 0.05)
    with pytest.raises((CaseError, TimeoutError)):
        peers[0].send(payload())


def test_too_few_bytes_are_an_error(peers: tuple[Peer, Peer]) -> None:
    peers[0].send(b"abc")
    with pytest.raises(CaseError, match="got 3 of 4 bytes, then timeout"):
        peers[1].recv_exact(4, timeout=0.01)


def test_quiet_end_and_reset_are_told_apart(peers: tuple[Peer, Peer]) -> None:
    left, right = peers
    assert right.recv(0.01) == ("error", "timeout")
    left.send(b"a")
    assert right.take(2, 0.01) == (b"a", "timeout")
    left.shutdown()
    assert right.recv(0.5) == ("error", "closed")
    right.send(b"b")
    right.reset()
    assert left.drain() == (b"b", "econnreset")


def test_drain_returns_at_the_end_with_everything(peers: tuple[Peer, Peer]) -> None:
    left, right = peers
    left.send(b"abc")
    assert right.drain(0.01) == (b"abc", "timeout")
    left.send(b"def")
    left.close()
    assert right.drain() == (b"def", "closed")


def test_an_end_is_noticed_without_reading(peers: tuple[Peer, Peer]) -> None:
    left, right = peers
    left.send(b"abc")
    assert not right.wait_ended(0.01)
    left.close()
    assert right.wait_ended()
    assert right.pending() == 3


def test_a_connection_that_does_not_come_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gentcp_conformance.peer._PATIENCE", 0.01)
    listener = RawListener()
    with pytest.raises(CaseError, match="nobody connected"):
        listener.accept()
    listener.close()


# Stages


def test_a_pair_is_binary_and_passive(subject: Subject, drive: Drive) -> None:
    def stage() -> Any:
        sock, peer = subject.pair()
        peer.send(b"abc")
        return sock.inet_backend, gen_tcp.recv(sock, 3, 1000)

    assert drive(stage) == (subject.backend, ("ok", b"abc"))


def test_a_pair_has_the_options_it_is_given(subject: Subject, drive: Drive) -> None:
    def stage() -> Any:
        sock, peer = subject.pair("list", ("active", True))
        peer.send(b"abc")
        return subject.messages(1) == [("tcp", sock, [97, 98, 99])]

    assert drive(stage) is True


def test_a_stalled_pair_does_not_take_a_megabyte(subject: Subject, drive: Drive) -> None:
    data = payload()

    def stage() -> Any:
        sock, peer = subject.stalled(("send_timeout", 50))
        results = [subject.catch(gen_tcp.send, sock, data) for _ in range(2)]
        return results, peer.pending(), peer.drain(0.1)[0]

    results, pending, got = drive(stage)
    # One backend queues the first send, the other one refuses it; neither gets rid of the second.
    assert results[1] == ("error", "timeout") or isinstance(results[0], tuple)
    assert 0 < pending < 1_000_000
    assert (data + data).startswith(got)


def test_both_ends_can_be_the_backends(subject: Subject, drive: Drive) -> None:
    def stage() -> Any:
        _, client, accepted = subject.both(["binary", ("active", False)], ["binary"])
        return gen_tcp.send(client, b"abc"), gen_tcp.recv(accepted, 3, 1000)

    assert drive(stage) == ("ok", ("ok", b"abc"))


def test_an_accepted_socket_comes_with_its_raw_peer(subject: Subject, drive: Drive) -> None:
    def stage() -> Any:
        _, sock, peer = subject.accepted("binary", ("active", False))
        peer.send(b"abc")
        return gen_tcp.recv(sock, 3, 1000)

    assert drive(stage) == ("ok", b"abc")


def test_a_closed_port_refuses(subject: Subject) -> None:
    options = subject.options()
    assert gen_tcp.connect((127, 0, 0, 1), subject.closed_port(), options, 1000) == ("error", "econnrefused")
    with pytest.raises(CaseError, match=r"wanted ok, got \{error,econnrefused\}"):
        subject.connect(subject.closed_port())


def test_exceptions_are_caught_as_terms(subject: Subject) -> None:
    def leave() -> Any:
        raise Exit(("badarg", [("gen_tcp", "send", 2, [])]))

    assert subject.catch(leave) == ("exception", "exit", "badarg")
    assert subject.timed(leave) == ("immediate", ("exception", "exit", "badarg"))
    assert subject.catch(lambda: "fine") == "fine"


def test_messages_come_in_order_and_leave_the_mailbox_empty(subject: Subject, drive: Drive) -> None:
    def mailbox() -> Any:
        for number in range(3):
            gentcp.current_process().post(number)
        return subject.messages(idle=0), subject.messages(idle=0)

    assert drive(mailbox) == ([0, 1, 2], [])


def test_nothing_is_left_after_a_case(subject: Subject, drive: Drive) -> None:
    # What a backend keeps for good (its driver) is there before the count.
    drive(subject.pair)
    subject.close()
    before = open_descriptors()
    made = Subject(subject.backend)

    def stage() -> Any:
        made.stalled()
        made.accepted()
        made.closed_port()
        return made.path()

    task = made.spawn(stage)
    path = Path(task.outcome(5))
    assert path.parent.is_dir()
    made.close()
    assert not task.process.alive
    assert not path.parent.exists()
    wait_until(lambda: open_descriptors() == before, 2.0, "descriptors to be closed")


def test_ok_is_unwrapped_and_anything_else_refused() -> None:
    assert ok(("ok", 1)) == 1
    assert ok("ok") == "ok"
    with pytest.raises(CaseError, match=r"got \{error,closed\}"):
        ok(("error", "closed"))


# Tasks


@pytest.fixture
def tasks() -> Iterator[list[Task]]:
    made: list[Task] = []
    yield made
    for task in made:
        if task.process.alive:
            task.kill()


def test_a_task_keeps_its_result_and_stays(tasks: list[Task]) -> None:
    task = Task(lambda a, b: (a, b), (1, 2))
    tasks.append(task)
    assert task.outcome() == (1, 2)
    assert task.timed() == ("immediate", (1, 2))
    assert task.process.alive
    assert task.call(gentcp.current_process) is task.process
    task.end()
    assert not task.process.alive


def test_a_task_can_end_with_its_call() -> None:
    task = Task(lambda: "done", (), stay=False)
    assert task.outcome() == "done"
    assert task.process.join(5)


def test_a_blocked_task_is_told_from_one_that_returns(tasks: list[Task]) -> None:
    task = Task(gentcp.receive, ())
    tasks.append(task)
    assert task.outcome(0.02) == "still_blocked"
    assert task.timed(0.02) == "still_blocked"
    task.process.post("go")
    assert task.outcome(5) == "go"


def test_a_killed_task_is_gone() -> None:
    task = Task(gentcp.receive, ())
    task.kill()
    assert not task.process.alive
    assert task.process.join(0)


def test_what_a_task_raised_is_raised_where_it_is_looked_at(tasks: list[Task]) -> None:
    def fail() -> Any:
        raise ValueError("odd")

    task = Task(fail, ())
    tasks.append(task)
    with pytest.raises(ValueError, match="odd"):
        task.outcome()
    assert task.call(lambda: "still there") == "still there"


# Data


def test_a_payload_differs_at_every_position() -> None:
    data = payload(4096)
    assert len(data) == 4096
    assert data[:8] == bytes([0, 0, 0, 1, 0, 0, 0, 2])
    assert len({data[at : at + 4] for at in range(0, 4096, 4)}) == 1024
    assert payload(10) == data[:10]


@pytest.mark.parametrize(
    ("got", "named"),
    [
        (b"aabb", "all_delivered"),
        (b"", "nothing_delivered"),
        (b"ab", "not_a_prefix"),
        (b"aabbc", "not_a_prefix"),
        (b"a", ("proper_prefix", ("complete", 0, "partial", True))),
        (b"aa", ("proper_prefix", ("complete", 1, "partial", False))),
        (b"aab", ("proper_prefix", ("complete", 1, "partial", True))),
    ],
)
def test_delivery_is_named(got: bytes, named: Any) -> None:
    assert delivery(got, b"aa", b"bb") == named


@pytest.mark.parametrize(
    ("result", "named", "rest"),
    [
        ("ok", "ok", b""),
        (("error", "closed"), ("error", "closed"), b""),
        (("error", "timeout"), ("error", "timeout"), b""),
        (("error", ("timeout", b"ab")), ("error", ("timeout", "rest_is_nonempty_binary")), b"ab"),
        (("error", ("timeout", b"")), ("error", ("timeout", "rest_is_empty_binary")), b""),
        (
            ("error", ("timeout", [b"a", b"b"])),
            ("error", ("timeout", ("rest_is_list", "iovec_of_binaries", "nonempty"))),
            b"ab",
        ),
        (("error", ("timeout", [97, []])), ("error", ("timeout", ("rest_is_list", "other", "nonempty"))), b"a"),
    ],
)
def test_the_rest_of_a_send_is_named(result: Any, named: Any, rest: bytes) -> None:
    assert send_result(result) == named
    assert rest_bytes(result) == rest


def test_iodata_is_flattened() -> None:
    assert iodata_bytes([b"a", [98, [b"c"], []]]) == b"abc"


@pytest.mark.parametrize(
    ("seconds", "named"),
    [
        (0.0, "immediate"),
        (0.049, "immediate"),
        (0.095, ("blocked", 100)),
        (0.21, ("blocked", 200)),
        (0.295, ("blocked", 300)),
    ],
)
def test_durations_are_classed(seconds: float, named: Any) -> None:
    assert duration_class(seconds) == named


def test_waiting_has_an_end() -> None:
    with pytest.raises(CaseError, match=r"waited 0\.01 s in vain for rain"):
        wait_until(lambda: False, 0.01, "rain")
