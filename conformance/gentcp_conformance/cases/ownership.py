"""Who owns a socket, how it is handed over, and what the owner's end does."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import gen_tcp

from ..case import case
from ..data import MB, payload
from ..subject import Subject, Task
from ..term import Term
from ._common import (
    active,
    brief,
    buffers_full,
    ended_process,
    joined,
    last_message,
    later,
    owned_elsewhere,
    receive_all,
    send_past,
    start,
    timed,
    underway,
)

TRANSFER = "gen_tcp:controlling_process/2"
PASSIVE = ("binary", ("active", False))
ACTIVE = ("binary", ("active", True))


def idle_process(t: Subject) -> Task:
    return t.spawn(lambda: "ok")


def hand_over(t: Subject, sock: Term, messages: int) -> tuple[Term, Term, Term]:
    """Transfer to a new process: the result, and the mailboxes of the new owner and of the old one."""
    new = idle_process(t)
    done = t.catch(gen_tcp.controlling_process, sock, new.process)
    return (done, ("new", new.call(t.messages, messages)), ("old", t.messages()))


@case(
    "ownership/transfer/not-owner",
    title="Only the owner can pass a socket on",
    means="""Another process gets not_owner, even if it wants the socket for itself. The odd one out: naming the
    present owner as the new one is ok from anywhere, since nothing changes. The acceptor must do the handing over,
    before it forgets the socket.""",
    source=TRANSFER,
)
def not_owner(t: Subject) -> Term:
    sock, _ = t.pair()
    me, other = gentcp.current_process(), idle_process(t)
    to_itself = other.call(gen_tcp.controlling_process, sock, other.process)
    return (to_itself, other.call(gen_tcp.controlling_process, sock, me))


@case(
    "ownership/transfer/dead-process-passive",
    title="To a dead process: badarg on inet, ok and a dead socket on socket",
    means="""inet refuses, and you keep a working socket. The socket backend says ok, hands the socket to nobody and
    thereby closes it: the peer sees the end. An acceptor that spawns a handler which crashes at once therefore loses
    the connection with ok as the only answer. Have the handler confirm that it has started.""",
    source=TRANSFER,
    contradicts="That a process that does not exist is {error, badarg}. On socket the answer is ok.",
)
def dead_process_passive(t: Subject) -> Term:
    sock, peer = t.pair()
    done = t.catch(gen_tcp.controlling_process, sock, ended_process(t))
    sent = t.catch(gen_tcp.send, sock, b"a")
    return (done, sent, peer.recv(5.0), t.catch(gen_tcp.controlling_process, sock, gentcp.current_process()))


@case(
    "ownership/transfer/dead-process-active",
    title="To a dead process, active: on inet the refusal leaves the socket passive",
    means="""The transfer makes the socket passive for its duration, and when it fails on inet that is how it stays:
    no more messages, although you never asked for it. Set active again after {error, badarg}. On socket the socket is
    gone.""",
    source=TRANSFER,
    contradicts="That a process that does not exist is {error, badarg}. On socket the answer is ok.",
)
def dead_process_active(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE)
    done = t.catch(gen_tcp.controlling_process, sock, ended_process(t))
    mode = active(t, sock)
    peer.raw.send(b"x")
    return (done, mode, t.messages())


@case(
    "ownership/transfer/dead-process-messages",
    title="To a dead process, with a message in the mailbox: OTP's inet moves the message, and it is lost",
    means="""The messages that have come move before the new owner is looked at. inet then answers badarg, and you keep
    a socket whose data has a gap; here the message stays with you. On socket the socket is gone. Hand over only what
    is passive, and receive the messages first.""",
    source=TRANSFER,
)
def dead_process_messages(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE)
    peer.send(b"x")
    last_message("tcp")
    done = t.catch(gen_tcp.controlling_process, sock, ended_process(t))
    return (done, t.messages())


@case(
    "ownership/transfer/not-a-process",
    title="A new owner that is no process raises function_clause",
    means="""An atom, be it the name of a registered process, is no pid. Resolve names with whereis first, and mind
    that the result may be undefined.""",
    source=TRANSFER,
    contradicts="That what is no existing local process is {error, badarg}. What is no pid raises.",
)
def not_a_process(t: Subject) -> Term:
    sock, _ = t.pair()
    calls = ((sock, "foo"), ("foo", gentcp.current_process()), (sock, "init"))
    return [t.catch(gen_tcp.controlling_process, *arguments) for arguments in calls]


@case(
    "ownership/transfer/closed-socket",
    title="A socket that is closed cannot be passed on: closed on inet, einval on socket",
    means="""The same holds when the peer closed while the socket was active and you had not looked yet: the
    connection ended between accept and transfer. It is no reason to crash; a clause for {error, _} that closes and
    goes on accepting is what an acceptor needs.""",
    source=TRANSFER,
)
def closed_socket(t: Subject) -> Term:
    new = idle_process(t).process
    sock, _ = t.pair()
    gen_tcp.close(sock)
    ended, peer = joined(t, *ACTIVE)
    peer.close()
    t.messages(1)
    return tuple(t.catch(gen_tcp.controlling_process, each, new) for each in (sock, ended))


@case(
    "ownership/transfer/queued-messages-closed",
    title="tcp and tcp_closed in the mailbox when the socket is gone: they stay with the old owner",
    means="""Messages move with the socket, but a socket that has ended cannot move, so its last data and tcp_closed
    remain where they are. After a failed transfer the old owner must handle them, or they sit in its mailbox for
    ever.""",
    source=TRANSFER,
)
def queued_messages_closed(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE)
    peer.send(b"a")
    peer.close()
    last_message("tcp_closed")
    return hand_over(t, sock, 0)


@case(
    "ownership/transfer/queued-messages",
    title="Messages that are waiting move to the new owner, in order",
    means="""With exit_on_close false the socket still exists after the peer's close, and the transfer takes the
    queued tcp and tcp_closed along, leaving nothing behind. So handing over an active socket loses no data.""",
    source=TRANSFER,
)
def queued_messages(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("exit_on_close", False))
    peer.send(b"a")
    peer.close()
    last_message("tcp_closed")
    return hand_over(t, sock, 2)


@case(
    "ownership/transfer/tcp-passive-stays",
    title="tcp_passive is not moved",
    means="""The data moves, the tcp_passive behind it does not: the new owner waits for a message that went to the
    old one and never arms the socket. After a transfer of a socket with a count, set {active, N} in the new owner in
    any case.""",
    source=TRANSFER + "; inet:setopts/2, option active",
    contradicts="That any messages of an active socket in the caller's mailbox are transferred. tcp_passive is not.",
)
def tcp_passive_stays(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 1))
    peer.send(b"a")
    last_message("tcp_passive")
    return hand_over(t, sock, 1)


@case(
    "ownership/transfer/tcp-error-stays",
    title="tcp_error is not moved, tcp_closed is",
    means="""A reset that is reported while the socket changes hands is split: the reason stays in the old owner's
    mailbox, the end goes to the new one. Do not depend on seeing tcp_error before tcp_closed.""",
    source=TRANSFER + "; inet:setopts/2, option show_econnreset",
    contradicts="That any messages of an active socket in the caller's mailbox are transferred. tcp_error is not.",
)
def tcp_error_stays(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("show_econnreset", True), ("exit_on_close", False))
    peer.reset()
    last_message("tcp_closed")
    return hand_over(t, sock, 1)


@case(
    "ownership/transfer/armed-once",
    title="A socket armed with once by the old owner delivers to the new one",
    means="""The mode moves with the socket: what comes after the transfer is the new owner's message. Arm it before
    or after, there is no gap.""",
    source=TRANSFER + "; inet:setopts/2, option active",
)
def armed_once(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", "once"))
    new = idle_process(t)
    done = gen_tcp.controlling_process(sock, new.process)
    peer.send(b"a")
    return (done, ("new", new.call(t.messages, 1)), ("old", t.messages()), active(t, sock))


@case(
    "ownership/transfer/while-receiving",
    title="A transfer does not disturb a process that waits in recv",
    means="""The receiver need not be the owner, and the owner may change under it: the data goes to the waiting call.
    Only the right to pass the socket on has moved, as not_owner shows.""",
    source=TRANSFER + "; gen_tcp:recv/3",
)
def while_receiving(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    done = timed(t, (500,), gen_tcp.controlling_process, sock, idle_process(t).process)
    peer.send(b"a")
    refused = t.catch(gen_tcp.controlling_process, sock, gentcp.current_process())
    return (done, receiver.outcome(5.0), refused)


@case(
    "ownership/transfer/listener",
    title="A listener can be handed over; it dies with its new owner",
    means="""Anybody may go on accepting after the transfer, but the listener now ends with the new owner, and then
    accept gives closed on inet and einval on socket. Give listeners to the process whose life they should share, a
    supervisor rather than an acceptor.""",
    source=TRANSFER + "; gen_tcp:accept/2",
)
def listener(t: Subject) -> Term:
    sock, new = t.listen(), idle_process(t)
    done = gen_tcp.controlling_process(sock, new.process)
    t.raw_connect(t.port(sock))
    accepted = brief(gen_tcp.accept(sock, 2000))
    new.kill()
    return (done, accepted, t.catch(gen_tcp.accept, sock, 50))


@case(
    "ownership/end/old-and-new-owner",
    title="After a transfer the old owner may end; when the new one does, the peer sees it",
    means="""The socket's life is tied to its owner of the moment. A short-lived acceptor that hands its sockets over
    and ends harms nobody; a handler that ends closes its connection without a call of close.""",
    source=TRANSFER,
)
def old_and_new_owner(t: Subject) -> Term:
    old, sock, peer = owned_elsewhere(t, *PASSIVE)
    new = idle_process(t)
    old.call(gen_tcp.controlling_process, sock, new.process)
    old.end()
    sent = new.call(gen_tcp.send, sock, b"x")
    got = ("ok", peer.recv_exact(1))
    new.end()
    return (sent, got, peer.recv(5.0))


@case(
    "ownership/end/new-owner-at-once",
    title="The new owner ends right after the transfer: the socket is closed for all",
    means="""controlling_process was ok, and a moment later the connection is gone with its new owner; the process
    that gave it away gets closed from send. ok means "handed over", not "being served".""",
    source=TRANSFER,
)
def new_owner_at_once(t: Subject) -> Term:
    sock, peer = t.pair()
    new = idle_process(t)
    done = gen_tcp.controlling_process(sock, new.process)
    new.end()
    return (done, peer.recv(5.0), t.catch(gen_tcp.send, sock, b"a"))


@case(
    "ownership/end/receiver-waiting",
    title="The owner is killed while another process waits in recv: closed",
    means="""The receiver is released with closed at once and the peer sees the end. A reader that is not the owner
    lives by the owner's grace.""",
    source="gen_tcp, socket ownership; gen_tcp:recv/3",
)
def receiver_waiting(t: Subject) -> Term:
    owner, sock, peer = owned_elsewhere(t, *PASSIVE)
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    owner.kill()
    return (receiver.outcome(5.0), peer.recv(5.0))


@case(
    "ownership/end/data-queued",
    title="The owner is killed with 4 MB unsent: inet still delivers, socket cuts",
    means="""The blocked sender gets closed on both. On inet the driver goes on writing what is queued, even though
    nobody owns the socket any more, and the peer gets a complete stream; on socket it gets a part that ends like a
    whole. If an answer must be complete, let the process that sends it live until send has returned, and mark the end
    in the protocol.""",
    source="gen_tcp, socket ownership; gen_tcp, notes on inet_backend: non-blocking send",
)
def data_queued(t: Subject) -> Term:
    owner = t.spawn(t.stalled)
    sock, peer = owner.outcome(5.0)
    sender = t.spawn(send_past, sock, payload())
    buffers_full(t, peer)
    underway(sender)
    owner.kill()
    seen = sender.outcome(1.0)
    got, end = peer.drain(5.0)
    complete = ("first_payload_complete", got.startswith(payload()))
    return (seen, later(sender, seen), complete, ("extra", len(got) > 4 * MB), end)


@case(
    "ownership/end/acceptor",
    title="An acceptor that ends takes its connection along, not the listener",
    means="""The accepted socket was the acceptor's and closes with it; the listener belongs to somebody else and
    accepts the next connection. Crash-and-restart of acceptors is harmless to the service.""",
    source="gen_tcp:accept/2; gen_tcp, socket ownership",
)
def acceptor(t: Subject) -> Term:
    sock = t.listen(("active", False))
    t.spawn(gen_tcp.accept, sock, stay=False)
    first = t.raw_connect(t.port(sock))
    seen = first.recv(5.0)
    t.raw_connect(t.port(sock))
    return (seen, brief(gen_tcp.accept(sock, 2000)))


@case(
    "ownership/end/listener-owner",
    title="The listener's owner is killed: the port is free, accepted sockets live on",
    means="""Connections that other processes have accepted are not touched when the listener goes; new clients are
    refused from then on. accept then says closed on inet and einval on socket. Restarting the listening process does
    not drop sessions.""",
    source="gen_tcp:listen/2; gen_tcp, socket ownership",
)
def listener_owner(t: Subject) -> Term:
    owner = t.spawn(t.listen, *PASSIVE)
    listening = owner.outcome(5.0)
    port = t.port(listening)
    peer = t.raw_connect(port)
    sock = gen_tcp.accept(listening, 2000)[1]
    owner.kill()
    peer.send(b"x")
    received = receive_all(t, sock, 1, 500)
    refused = t.catch(gen_tcp.connect, (127, 0, 0, 1), port, t.options(), 2000)
    return (received, t.catch(gen_tcp.accept, listening, 50), brief(refused))
