"""Handing a socket over: what moves with it, also under load and several times."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Peer, Subject, Task
from ..term import Term
from ._common import active, joined, last_message, receive_all, set_active, start

TRANSFER = "gen_tcp:controlling_process/2"
ACTIVE = ("binary", ("active", True))


def idle(t: Subject) -> Task:
    """A process that waits to be told what to do."""
    return t.spawn(lambda: "ok")


@case(
    "ownership/transfer/to-itself",
    title="Handing a socket to oneself is ok",
    means="""Code that decides at run time who serves a connection needs no special case for "I do": the answer is ok,
    and nothing has changed.""",
    source=TRANSFER,
)
def to_itself(t: Subject) -> Term:
    sock, _ = t.pair()
    return gen_tcp.controlling_process(sock, gentcp.current_process())


@case(
    "ownership/transfer/to-itself-active",
    title="Handing an active socket to oneself changes neither its mode nor the mailbox",
    means="""The messages that wait stay in their order, and the socket stays active. A transfer that turns out to be
    none costs nothing.""",
    source=TRANSFER,
)
def to_itself_active(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 3), ("packet", 1))
    peer.send(b"\1a\1b")
    wait_for(2)
    done = gen_tcp.controlling_process(sock, gentcp.current_process())
    return (done, active(t, sock), t.messages(2))


def wait_for(count: int) -> None:
    """Return when so many data messages are in the mailbox; they stay there, in order."""
    found = [gentcp.receive(lambda message: message[0] == "tcp", timeout=5.0) for _ in range(count)]
    for message in found:
        gentcp.current_process().post(message)


@case(
    "ownership/transfer/two-sockets",
    title="Only the messages of the socket that is handed over move",
    means="""An acceptor with messages of several sockets in its mailbox, in any order, passes one of them on: what
    belongs to the other stays, and what moves keeps its order.""",
    source=TRANSFER,
)
def two_sockets(t: Subject) -> Term:
    new = idle(t)
    (one, peer_one), (_, peer_two) = joined(t, *ACTIVE, ("packet", 1)), joined(t, *ACTIVE, ("packet", 1))
    for letter in (b"a", b"b"):
        peer_one.send(b"\1" + letter)
        wait_for_data(letter)
        peer_two.send(b"\1" + letter.upper())
        wait_for_data(letter.upper())
    done = gen_tcp.controlling_process(one, new.process)
    return (done, ("new", new.call(t.messages, 2)), ("old", t.messages(2)))


def wait_for_data(data: bytes) -> None:
    """Return when this message has come; it goes to the end of the mailbox."""
    message = gentcp.receive(lambda found: found[0] == "tcp" and found[2] == data, timeout=5.0)
    gentcp.current_process().post(message)


@case(
    "ownership/transfer/count-moves",
    title="The count of {active, N} moves along with its messages",
    means="""Two of five messages were sent before the transfer and go to the new owner, and the count stands at 3
    there. The new owner can go on topping up as if it had owned the socket all along.""",
    source=TRANSFER + "; inet:setopts/2, option active",
)
def count_moves(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 5), ("packet", 1))
    peer.send(b"\1a\1b")
    wait_for(2)
    new = idle(t)
    done = gen_tcp.controlling_process(sock, new.process)
    peer.send(b"\1c\1d\1e")
    return (done, ("new", new.call(t.messages, 6)), ("old", t.messages()), active(t, sock))


@case(
    "ownership/transfer/port-form-moves",
    title="Messages in port form move, too",
    means="""{Socket, {data, Data}} has no tag to go by, and is moved nevertheless. The option deliver and a change of
    owner go together, and nothing stays in the old mailbox.""",
    source=TRANSFER + "; inet:setopts/2, option deliver",
)
def port_form_moves(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("deliver", "port"))
    peer.send(b"abc")
    gentcp.current_process().post(gentcp.receive(timeout=5.0))
    new = idle(t)
    done = gen_tcp.controlling_process(sock, new.process)
    return (done, ("new", new.call(t.messages, 1)), ("old", t.messages()))


@case(
    "ownership/transfer/half-packet",
    title="Half a packet moves in the socket, not in the mailbox",
    means="""What has been read of an unfinished packet belongs to the socket. The new owner gets the packet whole when
    its rest arrives.""",
    source=TRANSFER + "; inet:setopts/2, option packet",
)
def half_packet(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("packet", 4))
    peer.send(b"\0\0\0\1x\0\0\0\6abc")
    wait_for(1)
    new = idle(t)
    done = gen_tcp.controlling_process(sock, new.process)
    peer.send(b"def")
    return (done, ("new", new.call(t.messages, 2)), ("old", t.messages()))


@case(
    "ownership/transfer/chain",
    title="From hand to hand: three processes, nothing lost and nothing twice",
    means="""A socket may go from acceptor to dispatcher to worker while packets come in. Each transfer takes along what
    the one before had brought.""",
    source=TRANSFER,
)
def chain(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("packet", 1))
    owners = [idle(t), idle(t), idle(t)]
    peer.send(b"\1a")
    wait_for(1)
    results = [gen_tcp.controlling_process(sock, owners[0].process)]
    for here, there, letter in zip(owners, owners[1:], (b"b", b"c"), strict=False):
        peer.send(b"\1" + letter)
        here.call(wait_for_data, letter)
        results.append(here.call(gen_tcp.controlling_process, sock, there.process))
    peer.send(b"\1d")
    last, others = owners[2].call(t.messages, 4), [owner.call(t.messages) for owner in owners[:2]]
    return (results, ("last", last), ("others", others, t.messages()))


@case(
    "ownership/transfer/under-load",
    title="A stream of 3000 packets while the socket changes hands: each arrives, once",
    means="""The transfer makes the socket passive for a moment, moves the messages and makes it active for the new
    owner. A packet that comes in the middle of it is not lost and not delivered twice: an acceptor may hand over a
    socket that is active already.""",
    source=TRANSFER,
)
def under_load(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("packet", 2))
    new, sender = idle(t), t.spawn(send_numbers, peer, 3000)
    first = number_of(gentcp.receive(timeout=5.0))
    done = gen_tcp.controlling_process(sock, new.process)
    there = new.start(numbers_here, t)
    old, moved = [first, *numbers_here(t)], there.outcome(10.0)
    in_order = old == sorted(old) and moved == sorted(moved)
    return (done, sender.outcome(5.0), ("all_once", sorted(old + moved) == list(range(3000))), ("in_order", in_order))


def send_numbers(peer: Peer, count: int) -> Term:
    """Packets 0, 1, 2, ... in small writes, so that they come in many segments."""
    for first in range(0, count, 10):
        numbers = range(first, first + 10)
        peer.send(b"".join(b"\0\2" + number.to_bytes(2, "big") for number in numbers), delivered=False)
    return "ok"


def numbers_here(t: Subject) -> list[int]:
    """The packets that come to this process, until there are none for a while."""
    return [number_of(message) for message in t.messages(idle=0.5)]


def number_of(message: Term) -> int:
    return int.from_bytes(message[2], "big")


@case(
    "ownership/transfer/old-owner-goes-on",
    title="The old owner may go on sending, receiving and setting options",
    means="""Ownership is about messages and about the end, not about the right to use the socket. Only a second
    transfer is refused to it.""",
    source=TRANSFER,
)
def old_owner_goes_on(t: Subject) -> Term:
    sock, peer = t.pair()
    new = idle(t)
    gen_tcp.controlling_process(sock, new.process)
    peer.send(b"abc")
    used = (gen_tcp.send(sock, b"x"), peer.recv(), receive_all(t, sock, 1), inet.setopts(sock, [("nodelay", True)]))
    return (used, gen_tcp.controlling_process(sock, gentcp.current_process()))


@case(
    "ownership/transfer/armed-by-the-old-owner-later",
    title="The old owner arms the socket after the transfer: the message goes to the new owner",
    means="""setopts after controlling_process is the usual order, and any process may do it: the data has a new address
    by then. Arm before the transfer, and what comes in between has to be moved.""",
    source=TRANSFER + "; inet:setopts/2, option active",
)
def armed_later(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    new = idle(t)
    done = gen_tcp.controlling_process(sock, new.process)
    return (done, set_active(t, sock, "once"), ("new", new.call(t.messages, 1)), ("old", t.messages()))


@case(
    "ownership/transfer/closed-by-the-new-owner",
    title="The new owner closes: the old one hears nothing",
    means="""After the transfer nothing about the socket comes to the old owner any more, not even its end. If the
    acceptor counts connections it must be told by the worker, or monitor it.""",
    source=TRANSFER + "; gen_tcp:close/1",
)
def closed_by_the_new_owner(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE)
    new = idle(t)
    done = gen_tcp.controlling_process(sock, new.process)
    closed = new.call(gen_tcp.close, sock)
    return (done, closed, peer.recv(5.0), ("new", new.call(t.messages)), ("old", t.messages()))


@case(
    "ownership/transfer/end-after-it",
    title="The peer closes after the transfer: tcp_closed goes to the new owner",
    means="""The new owner of an active socket is the one to clean up. What the acceptor keeps about the connection (a
    count, a place in a table) it must be told by the worker, or learn by a monitor.""",
    source=TRANSFER + "; inet:setopts/2, option active",
)
def end_after_it(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE)
    new = idle(t)
    done = gen_tcp.controlling_process(sock, new.process)
    peer.close()
    return (done, ("new", new.call(t.messages, 1)), ("old", t.messages()))


@case(
    "ownership/transfer/refused-with-messages",
    title="A refused transfer leaves mailbox and mode as they were",
    means="""Another process than the owner tries to take the socket: not_owner, and neither the owner's messages nor
    the mode of the socket are touched by the attempt.""",
    source=TRANSFER,
)
def refused_with_messages(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("packet", 1))
    peer.send(b"\1a")
    wait_for(1)
    thief = idle(t)
    refused = thief.call(gen_tcp.controlling_process, sock, thief.process)
    peer.send(b"\1b")
    return (refused, active(t, sock), ("owner", t.messages(2)), ("thief", thief.call(t.messages)))


@case(
    "ownership/transfer/during-blocked-accept",
    title="A listener is handed over while a process waits in accept on it",
    means="""The acceptor goes on waiting and gets the next connection: whose listener it is does not matter to it. A
    supervisor may take the listener away from a process that is being upgraded.""",
    source=TRANSFER + "; gen_tcp:accept/2",
)
def during_blocked_accept(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False))
    acceptor = start(t, gen_tcp.accept, listener, 5000)
    done = gen_tcp.controlling_process(listener, idle(t).process)
    peer = t.raw_connect(t.port(listener))
    peer.send(b"x")
    _, sock = acceptor.outcome(5.0)
    return (done, receive_all(t, sock, 1, 500))


@case(
    "ownership/end/messages-unread",
    title="The owner is killed with messages it has not read: they are gone",
    means="""Data that was delivered as a message is the owner's: the peer's system has acknowledged it, and nobody will
    see it again. Only an answer on the level of the protocol means "done".""",
    source="gen_tcp, socket ownership",
)
def messages_unread(t: Subject) -> Term:
    owner = t.spawn(joined, t, *ACTIVE)
    _, peer = owner.outcome(5.0)
    peer.send(b"abc")
    owner.call(last_message, "tcp")
    owner.kill()
    return peer.recv(5.0)
