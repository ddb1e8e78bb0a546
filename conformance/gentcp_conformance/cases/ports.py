"""erlang's functions on ports: commands whose result is a message, information, the end."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import erlang, gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import active, close_peer, start
from ._ports import apply, is_port, label, unlink

COMMAND = "erlang:port_command/2"


def replies(messages: list[Term], ref: Term) -> list[Term]:
    """Messages, with 'same_ref' for `ref`."""
    return [tuple("same_ref" if part == ref else part for part in message) for message in messages]


@case(
    "ports/command/labelled",
    title="A command with the label of prim_inet:send: the result comes as inet_reply",
    means="""Since OTP 26 the driver wants a label in front of the data, its size in two bytes and a term in the
    external format; it answers with {inet_reply, Socket, Result, Term}. Whoever sends so need not wait, as RabbitMQ's
    and EMQX's writers do not. Releases before have no label, and answer {inet_reply, Socket, Result}.""",
    source=COMMAND,
)
def labelled(t: Subject) -> Term:
    sock, peer = t.pair()
    ref, head = label(t, sock) if is_port(t, sock) else ("none", b"")
    done = t.catch(erlang.port_command, sock, [head, b"hello"])
    return (done, replies(t.messages(1 if done is True else 0), ref), peer.recv())


@case(
    "ports/command/plain",
    title="A command without a label ends the port",
    means="""port_command(Socket, Data), which was good until OTP 25, makes a port of OTP 26 and later exit with einval:
    its two first bytes are taken for the size of a label that is not there. On a VM that ends a process that is linked
    to it, too. gentcp has no links, but the port ends all the same.""",
    source=COMMAND,
)
def plain(t: Subject) -> Term:
    sock, peer = t.pair()
    unlink(t, sock)
    done = t.catch(erlang.port_command, sock, b"hello")
    told = t.messages()
    after = [t.catch(gen_tcp.send, sock, b"x"), active(t, sock)]
    return (done, told, after, peer.recv())


@case(
    "ports/command/monitored",
    title="A monitor learns of the einval that a command without a label ends with",
    means="""{'DOWN', Ref, port, Socket, einval} comes, as for any other end of the port. Who calls port_command
    on a socket should have such a monitor, or the link.""",
    source=f"{COMMAND}; inet:monitor/1",
)
def monitored(t: Subject) -> Term:
    sock, _ = t.pair()
    unlink(t, sock)
    inet.monitor(sock)
    done = t.catch(erlang.port_command, sock, b"hello")
    return (done, t.messages(1 if done is True else 0))


@case(
    "ports/command/odd-labels",
    title="Labels that are empty, no term or longer than the data",
    means="""An empty label, or one that is no term, means that nobody wants to hear the result; the data go out. A
    label that is longer than what comes ends the port.""",
    source=COMMAND,
)
def odd_labels(t: Subject) -> Term:
    def sent(data: bytes) -> Term:
        sock, peer = t.pair()
        unlink(t, sock)
        done = t.catch(erlang.port_command, sock, data)
        return (done, t.messages(), peer.recv(0.1))

    return [sent(data) for data in (b"\0\0abc", b"\0\0", b"\0\2zzabc", b"\0\x0aabc", b"\0", b"")]


@case(
    "ports/command/others-and-framing",
    title="Any process may send a command, and gets the answer; packet is heeded",
    means="""port_command needs no ownership. With {packet, 2} the data get their header, the label is not counted.""",
    source=COMMAND,
)
def others_and_framing(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))

    def send() -> Term:
        ref, head = label(t, sock) if is_port(t, sock) else ("none", b"")
        done = t.catch(erlang.port_command, sock, [head, b"hello"])
        return (done, replies(t.messages(1 if done is True else 0), ref))

    other = start(t, send).outcome(5.0)
    return (other, t.messages(), peer.recv())


@case(
    "ports/command/after-the-end",
    title="The reply says that the peer is gone, badarg that the port is",
    means="""A command to a port that has lost its connection is answered by {inet_reply, Socket, {error, closed}, Ref},
    later ones with enotconn; a closed port is badarg.""",
    source=COMMAND,
)
def after_the_end(t: Subject) -> Term:
    sock, peer = t.pair()
    ref, head = label(t, sock) if is_port(t, sock) else ("none", b"")
    close_peer(peer)
    gen_tcp.recv(sock, 0, 5000)
    told = []
    for _ in range(2):
        done = t.catch(erlang.port_command, sock, [head, b"a"])
        told.append((done, replies(t.messages(1 if done is True else 0), ref)))
    gen_tcp.close(sock)
    t.messages()
    return (told, t.catch(erlang.port_command, sock, [head, b"a"]), t.messages())


@case(
    "ports/command/bad",
    title="badarg for data that is no iodata, options that are none, sockets that are no port",
    means="""Nothing is sent, the caller gets badarg, and the port goes on. That is unlike a command without a
    label, which ends the port itself.""",
    source="erlang:port_command/2,3",
)
def bad(t: Subject) -> Term:
    sock, peer = t.pair()
    refused = [
        t.catch(erlang.port_command, sock, "foo"),
        t.catch(erlang.port_command, sock, [b"\0\0", 300]),
        t.catch(erlang.port_command, sock, b"\0\0a", ["foo"]),
        t.catch(erlang.port_command, sock, b"\0\0a", "force"),
        t.catch(apply, t, "erlang", "port_command", "foo", b"\0\0a"),
    ]
    return (refused, gen_tcp.send(sock, b"x"), peer.recv())


@case(
    "ports/info/items",
    title="What port_info tells of a socket",
    means="""The name of the driver, the owner, bytes in the queue and so on; badarg for a socket that is no port and
    for items that do not exist, undefined for a port that is closed.""",
    source="erlang:port_info/1,2",
)
def info_items(t: Subject) -> Term:
    sock, _ = t.pair()
    items = ["name", "connected", "links", "os_pid", "registered_name", "queue_size", "parallelism", "monitors",
             "monitored_by", "locking", "foo"]  # fmt: skip
    told = [t.catch(erlang.port_info, sock, item) for item in items]
    everything = t.catch(erlang.port_info, sock)
    names = [item[0] for item in everything] if isinstance(everything, list) else everything
    gen_tcp.close(sock)
    return (told, names, t.catch(erlang.port_info, sock), t.catch(erlang.port_info, sock, "foo"))


@case(
    "ports/info/counters",
    title="input of port_info is always 0, output counts the bytes of commands",
    means="""Labels of commands are counted as well as data, and what is received not at all. inet:getstat/1 is
    the function to ask for numbers.""",
    source="erlang:port_info/2",
)
def info_counters(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))
    gen_tcp.send(sock, b"abc")
    peer.send(b"\0\4abcd")
    gen_tcp.recv(sock, 0, 5000)
    match [t.catch(erlang.port_info, sock, item) for item in ("input", "output")]:
        case [into, ("output", int(count))]:
            return (into, ("output_at_least", count >= 3))
        case other:
            return other


@case(
    "ports/close/by-anybody",
    title="port_close ends the port without a wait; any process may do it",
    means="""true, and badarg for a port that is closed. Monitors are told normal; an async_recv that waits is told
    closed; what is queued is still written.""",
    source="erlang:port_close/1",
)
def close_by_anybody(t: Subject) -> Term:
    sock, peer = t.pair()
    if is_port(t, sock):
        inet.monitor(sock)
    unlink(t, sock)
    other = t.spawn(t.catch, erlang.port_close, sock)
    closed = other.outcome(5.0)
    return (closed, t.catch(erlang.port_close, sock), t.messages(1 if closed is True else 0), peer.recv())


@case(
    "ports/close/queue",
    title="port_close leaves what is queued to the driver",
    means="""Four megabytes to a peer that does not read yet: port_close is immediate, and the peer gets them all.""",
    source="erlang:port_close/1",
)
def close_queue(t: Subject) -> Term:
    sock, peer = t.stalled()
    if not is_port(t, sock):
        return t.catch(erlang.port_close, sock)
    size = 4_000_000
    sent = gen_tcp.send(sock, bytes(size))
    closed = t.timed(erlang.port_close, sock)
    got, end = peer.take(size + 1)
    return (sent, closed, len(got) == size, end)


@case(
    "ports/connect/new-owner",
    title="port_connect gives a socket to another process, by anybody and without its messages",
    means="""controlling_process is for owners, and takes the messages along; port_connect does neither. A process that
    is none, or has ended, is badarg.""",
    source="erlang:port_connect/2",
)
def connect_new_owner(t: Subject) -> Term:
    sock, peer = t.pair(("active", True))
    owner = t.spawn(lambda: "ready")
    peer.send(b"abc")
    first = t.messages(1)
    gentcp.current_process().post(first[0])
    done = t.catch(erlang.port_connect, sock, owner.process)
    kept = t.messages()
    peer.send(b"def")
    told = owner.call(t.messages, 1) if done is True else "nobody"
    mine = gen_tcp.controlling_process(sock, owner.process)
    back = t.catch(erlang.port_connect, sock, gentcp.current_process())
    return (first, done, kept, told, mine, back, t.catch(erlang.port_connect, sock, "foo"))
