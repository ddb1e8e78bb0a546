"""What shows only when nothing else happens behind it: who is woken, whose time begins, what a queue still holds."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gc
from collections.abc import Callable

import gentcp
from gentcp.erl import file, gen_tcp, inet, prim_inet

from ..case import case
from ..data import MB, payload
from ..subject import Peer, Subject, ok
from ..term import Term
from ._common import blocked_sender, brief, buffers_full, message_sizes, receive_all, set_active, start, timed
from ._options import SETOPTS, put
from .sendfile_stalled import big_file, fate

PASSIVE = ("active", False)
WATERMARKS = "inet:setopts/2, options high_watermark and low_watermark"
LINGER = "gen_tcp:close/1; inet:setopts/2, option linger"
ACTIVE = "inet:setopts/2, option active; gen_tcp:recv/3"


@case(
    "close-shutdown/queued/low-watermark-reached",
    title="close waits for the end of the queue, not for the low watermark",
    means="""A sender is blocked and another process closes. The peer reads until the queue is under low_watermark: on
    inet the sender returns and the close goes on waiting, until all of it is written. On socket close is at once.""",
    source=WATERMARKS + "; gen_tcp:close/1",
)
def low_watermark(t: Subject) -> Term:
    sock, peer = t.stalled(("high_watermark", 3 * MB), ("low_watermark", 2 * MB))
    sender = blocked_sender(t, sock, peer)
    closer = start(t, gen_tcp.close, sock)
    before = (sender.outcome(0.1), closer.outcome(0))
    got, _ = peer.take(3 * MB, 1.0)
    seen = (sender.outcome(0.5), closer.outcome(0.1))
    rest, end = peer.drain(0.5)
    return (before, seen, closer.outcome(2.0), len(got) + len(rest) == 4 * MB + 1, end)


@case(
    "close-shutdown/linger/zero-and-a-queue",
    title="linger 0 and more than the system takes: close does not wait, and the peer gets a reset",
    means="""What is queued on inet is dropped, whether the socket has the option itself or from its listener, and the
    same happens to a sender that is blocked on socket.""",
    source=LINGER,
    alone=True,
)
def zero_and_queue(t: Subject) -> Term:
    return [_closed_with_zero(t, by_listener=by_listener) for by_listener in (False, True)]


def _closed_with_zero(t: Subject, *, by_listener: bool) -> Term:
    options = ("binary", PASSIVE, ("sndbuf", 65536), ("linger", (True, 0)))
    if by_listener:
        listener = t.listen(*options)
        peer = t.raw_connect(t.port(listener), rcvbuf=65536)
        sock = ok(gen_tcp.accept(listener, 5000))
    else:
        raw = t.raw_listener(rcvbuf=65536)
        sock = t.connect(raw.port, *options)
        peer = t.raw_accept(raw)
    sender = start(t, gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    closing = start(t, gen_tcp.close, sock).outcome(1.0)
    got, end = peer.drain(0.5)
    return (closing, sender.outcome(0.5), len(got) == len(payload()), end)


@case(
    "recv/line/time-begins",
    title="The time of a recv that waits behind another begins when its turn comes",
    means="""On socket several processes may be in recv. The second one has a timeout of 100 ms, and is answered 100 ms
    after the first has left, however long that took. On inet it is refused at once.""",
    source="gen_tcp:recv/3",
)
def time_begins(t: Subject) -> Term:
    sock, _ = t.pair()
    first = start(t, gen_tcp.recv, sock, 0, 300)
    second = start(t, gen_tcp.recv, sock, 0, 100)
    seen = second.outcome(0)
    return (first.outcome(2.0), seen, second.outcome(2.0))


@case(
    "options/buffer/after-active",
    title="buffer is changed on a socket that is active: which messages the old size still cuts",
    means="""inet reads into the buffer that it has made when the socket became active, as long as it is empty and the
    mode is the same; another value of buffer counts from the next one on. On socket it counts at once.""",
    source=SETOPTS + ", options active and buffer",
)
def after_active(t: Subject) -> Term:
    plans: tuple[list[Term], ...] = (
        [("active", "once"), ("active", True), b"a", ("buffer", 100), ("buffer", 5000)],
        [("active", "once"), ("active", True), ("buffer", 5000)],
        [("active", "once"), b"a", [("active", "once"), ("packet", "raw")], ("buffer", 5000)],
        [("active", "once"), b"a", [("active", "once"), ("packet", 0)], ("buffer", 5000), ("buffer", 50)],
        [("active", "once"), b"a", [("active", "once"), ("packet", "line")], [("packet", "raw"), ("buffer", 5000)]],
        [("active", 5), b"a", b"a", ("buffer", 5000)],
        [("active", 5), b"a", ("active", "once"), ("buffer", 5000)],
        [("active", "once"), b"a", ("active", False), ("buffer", 5000), ("active", True)],
    )
    return [(plan, _played(t, plan)) for plan in plans]


def _played(t: Subject, plan: list[Term]) -> Term:
    """Sizes of the messages, with 3,000 bytes sent behind the plan; a step is bytes of the peer, or options."""
    sock, peer = t.pair(("buffer", 100))
    found: list[Term] = []
    for step in plan:
        if isinstance(step, bytes):
            peer.send(step)
            found += message_sizes(t.messages(1))
        else:
            put(t, sock, *(step if isinstance(step, list) else [step]))
    peer.send(bytes(3000))
    found += message_sizes(t.messages(1))
    set_active(t, sock, True)
    return (found, message_sizes(t.messages()))


@case(
    "sendfile/stalled/reset-active",
    title="A reset while a file is on its way, on a socket that is active",
    means="""On socket the owner hears of it by messages, and the process in sendfile by its result. On inet a socket
    that is active sends no file.""",
    source="file:sendfile/2; option active",
    alone=True,
)
def reset_active(t: Subject) -> Term:
    sock, peer = t.stalled(("active", True), ("show_econnreset", True))
    sending = start(t, file.sendfile, big_file(t), sock)
    if (refused := sending.outcome(0)) != "still_blocked":
        return refused
    buffers_full(t, peer)
    peer.reset()
    return (fate(sending), [message[0] for message in t.messages(1)])


@case(
    "close-shutdown/linger/told-when-it-is-over",
    title="While close lingers: nobody is told of the end, and whatever is asked of the socket waits",
    means="""The system has what was sent, and the peer does not take it. On inet a process in recv, a monitor and all
    calls of others hear of the close when close(2) has returned. On socket some calls are answered at once.""",
    source=LINGER,
    alone=True,
)
def told_when_over(t: Subject) -> Term:
    sock, peer = t.stalled(("linger", (True, 60)))
    sent = gen_tcp.send(sock, payload(150_000))  # over the peer's window, within the system's buffer
    buffers_full(t, peer)
    watching = t.spawn(_down, sock)
    reading = start(t, gen_tcp.recv, sock, 0, 20000)
    closing = start(t, gen_tcp.close, sock)
    tasks = [t.spawn(t.catch, call, sock) for call in _ASKED]
    waits = closing.outcome(0.2)
    seen = [task.outcome(0) for task in (watching, reading, *tasks)]
    _, end = peer.drain(5.0)
    return (sent, waits, closing.outcome(5.0), seen, [task.outcome(5.0) for task in (watching, reading, *tasks)], end)


_ASKED: tuple[Callable[[Term], Term], ...] = (
    lambda sock: gen_tcp.shutdown(sock, "write"),
    lambda sock: inet.setopts(sock, [("packet", 4)]),
    lambda sock: inet.getopts(sock, ["active"]),
    lambda sock: inet.getstat(sock, ["recv_cnt"]),
    lambda sock: gen_tcp.controlling_process(sock, gentcp.current_process()),
    lambda sock: prim_inet.getopts(sock, ["active"]),
    gen_tcp.close,
)


def _down(sock: Term) -> Term:
    inet.monitor(sock)
    return gentcp.receive(lambda message: message[0] == "DOWN", timeout=10.0)[2:]


@case(
    "active/while-recv/one-by-one",
    title="A recv that waits while the socket becomes active, and three packets, each behind the one before",
    means="""On socket the recv takes the first, and the owner gets the others as messages without doing anything for
    it. On inet all are messages, and the recv goes on waiting.""",
    source=ACTIVE,
)
def one_by_one(t: Subject) -> Term:
    found: list[Term] = []
    for mode in (True, 5):
        sock, peer = t.pair()
        receiving = start(t, gen_tcp.recv, sock, 0)
        done = set_active(t, sock, mode)
        peer.send(b"a")
        first = receiving.outcome(0.2)
        for data in (b"b", b"c"):
            peer.send(data)
            first = (first, t.messages(1))
        found.append((mode, done, first))
    return found


@case(
    "recv/pending/new-owner-of-an-active-socket",
    title="Two processes are in recv, the socket becomes active and gets a new owner",
    means="""On socket the second is told einval when the server looks at it again, which it does for the new owner.
    The first gets the next data.""",
    source="gen_tcp:controlling_process/2; option active",
)
def new_owner(t: Subject) -> Term:
    sock, peer = t.pair()
    first, second = (start(t, gen_tcp.recv, sock, 0) for _ in range(2))
    done = set_active(t, sock, 5)
    before = second.outcome(0)
    owner = t.spawn(lambda: "ok")
    given = gen_tcp.controlling_process(sock, owner.process)
    after = second.outcome(0.2)
    peer.send(b"a")
    return (done, before, given, after, first.outcome(0.2), owner.call(t.messages))


@case(
    "packet/counted/many-equal",
    title="Forty packets of one size at once, and others behind them",
    means="""They are delivered one by one whatever the size of their length, in order, and so is what differs.""",
    source=SETOPTS + ", option packet",
)
def many_equal(t: Subject) -> Term:
    found: list[Term] = []
    for kind in (1, 2, 4):
        packets = [bytes([65 + index]) * 3 for index in range(20)] * 2 + [b"", b"z", b"long one", b"xyz"]
        data = b"".join(len(packet).to_bytes(kind, "big") + packet for packet in packets)
        for mode in (False, True, 30):
            sock, peer = t.pair(("packet", kind), ("active", mode))
            peer.send(data)
            told = [message[2] for message in t.messages(30 if mode else 0) if message[0] == "tcp"]
            rest = [] if mode is True else receive_all(t, sock, 45 - len(told), 10)
            whole = told + [result[1] for result in rest if result[0] == "ok"]
            found.append((kind, mode, len(told), whole == packets, rest[-1:]))
    return found


@case(
    "inet/info/activated",
    title="States of a socket that has been active for a moment",
    means="""On socket "selected" says that the server has waited for data. It has as soon as the socket was active and
    nothing had come, and that stays when it is passive again.""",
    source="inet:info/1; option active",
)
def activated(t: Subject) -> Term:
    found: list[Term] = []
    for mode in (True, "once", 2):
        sock, _ = t.pair()
        before = _states(sock)
        set_active(t, sock, mode)
        put(t, sock, PASSIVE)
        found.append((mode, before, _states(sock)))
    return found


def _states(sock: Term) -> Term:
    info = inet.info(sock)
    return [(name, info[name]) for name in ("states", "rstates", "wstates") if name in info]


@case(
    "close-shutdown/shutdown/beside-a-recv",
    title="shutdown while another process waits in recv: for writing it goes on waiting",
    means="""With write only that side ends, and the process in recv gets what the peer answers to the end of the
    stream, as a protocol wants that says "over" in this way. With read or read_write it hears closed at once.""",
    source="gen_tcp:shutdown/2, recv/3",
)
def beside_a_recv(t: Subject) -> Term:
    return [
        (how, time, _beside(t, how, time)) for how in ("write", "read", "read_write") for time in ("infinity", 2000)
    ]


def _beside(t: Subject, how: str, time: Term) -> Term:
    sock, peer = t.pair()
    reading = start(t, gen_tcp.recv, sock, 0, time)
    done = timed(t, (90,), gen_tcp.shutdown, sock, how)
    seen = reading.outcome(0.1)
    end = peer.recv(0.1)
    if how == "write":
        peer.send(b"answer")
    return (done, seen, end, reading.outcome(1.0), brief(t.catch(gen_tcp.recv, sock, 0, 0)))


@case(
    "active/socket/forgotten",
    title="An active socket that nobody has in hands any more",
    means="""Its owner still gets what comes, and may take the socket out of the message and go on with it: what
    belongs to a process ends with the process, and not with the last variable.""",
    source=ACTIVE,
)
def forgotten(t: Subject) -> Term:
    found: list[Term] = []
    for mode in (True, "once"):
        peer = _forgotten(t, mode)
        gc.collect()
        peer.send(b"abc")
        message = gentcp.receive(lambda found: found[0] == "tcp", timeout=5.0)
        found.append((mode, message, t.catch(gen_tcp.send, message[1], b"x"), peer.recv(1.0)))
    return found


def _forgotten(t: Subject, mode: Term) -> Peer:
    sock, peer = t.pair()
    set_active(t, sock, mode)
    return peer
