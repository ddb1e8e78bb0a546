"""file:sendfile: what goes out, what the arguments may be, and what is told when it cannot be done."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from gentcp.erl import file, gen_tcp, inet

from ..case import case
from ..subject import Peer, Subject, ok
from ..term import Term
from ._common import active, close_peer, receive_all, recvs, reset_peer

SENDFILE = "file:sendfile/2"
PART = "file:sendfile/5"
CONTENT = b"0123456789"
FAR = 1 << 63


def content_file(t: Subject, content: bytes = CONTENT) -> Path:
    path = Path(t.path("file"))
    path.write_bytes(content)
    return path


def named(t: Subject, sock: Term) -> Term:
    """Result of sendfile/2."""
    return t.catch(file.sendfile, str(content_file(t)), sock)


def part(t: Subject, sock: Term, offset: Term, count: Term, *options: Term) -> Term:
    """Result of sendfile/5."""
    with io.FileIO(content_file(t)) as opened:
        return t.catch(file.sendfile, opened, sock, offset, count, *(options or [[]]))


def arrived(peer: Peer) -> Term:
    return peer.recv(0.05)


def each(t: Subject, call: Callable[..., Term], arguments: Sequence[tuple[Term, ...]]) -> Term:
    """Arguments, result and what has arrived, each on a connection of its own."""
    results: list[Term] = []
    for given in arguments:
        sock, peer = t.pair()
        results.append((given, call(t, sock, *given), arrived(peer)))
    return results


@case(
    "sendfile/basic/packet-types",
    title="sendfile adds no header, whatever the packet type",
    means="""The bytes of the file go out as they are, on a socket with packet 1, 2 or 4 as well, so the peer takes
    the first of them for a header. Send the header yourself in front: set packet raw, send the length, call sendfile,
    and set the packet type again. What is sent afterwards has its header as usual.""",
    source=SENDFILE,
)
def packet_types(t: Subject) -> Term:
    results: list[Term] = []
    for kind in ("raw", 1, 2, 4, "line", "http"):
        sock, peer = t.pair(("packet", kind))
        sent = (named(t, sock), peer.recv())
        results.append((kind, *sent, gen_tcp.send(sock, b"x"), peer.recv()))
    return results


@case(
    "sendfile/basic/packet-4",
    title="A file of five bytes on a packet 4 socket",
    means="""Five bytes arrive, not nine. The result is the number of bytes of the file, and nothing in it tells that
    the peer has just lost its place in the stream.""",
    source=SENDFILE,
)
def packet_4(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    return (t.catch(file.sendfile, str(content_file(t, b"hello")), sock), peer.recv())


@case(
    "sendfile/basic/counters",
    title="sendfile is not counted by getstat",
    means="""send_oct and send_cnt stay at zero on both backends, however much was sent from files. Statistics of
    traffic that are made from getstat leave out what a file server mostly does: add the results of sendfile.""",
    source="inet:getstat/2, file:sendfile/2",
)
def counters(t: Subject) -> Term:
    sock, peer = t.pair()
    return (named(t, sock), arrived(peer), inet.getstat(sock, ["send_oct", "send_cnt", "send_max"]))


@case(
    "sendfile/basic/local",
    title="sendfile over a local socket",
    means="""It works as over TCP, so a helper on the same machine can be given a file's bytes without a copy in your
    memory.""",
    source=SENDFILE,
    needs=("local",),
)
def local(t: Subject) -> Term:
    options = t.options("binary", ("active", False))
    listener = ok(gen_tcp.listen(0, [*options, ("ifaddr", ("local", t.path()))]))
    client = ok(gen_tcp.connect(("local", t.path()), 0, options))
    accepted = ok(gen_tcp.accept(listener, 5000))
    return (named(t, client), receive_all(t, accepted, 1, 500))


@case(
    "sendfile/basic/order",
    title="Between two sends",
    means="""What was sent before the file arrives before it, and what is sent after it behind it, on inet with its
    queue as well: sendfile writes out what is queued first.""",
    source=SENDFILE,
)
def order(t: Subject) -> Term:
    sock, peer = t.pair()
    results = (gen_tcp.send(sock, b"<"), named(t, sock), gen_tcp.send(sock, b">"))
    return (*results, peer.recv_exact(12))


@case(
    "sendfile/part/offset-and-bytes",
    title="Parts of a file",
    means="""Bytes 0 is everything from the offset on. More bytes than there are, and an offset at or behind the end
    are no errors: the result says how many bytes went out, 0 if none. So compare it with what you have announced to
    the peer, since a file may have become shorter.""",
    source=PART,
)
def offset_and_bytes(t: Subject) -> Term:
    return each(t, part, [(0, 0), (3, 4), (3, 0), (10, 0), (100, 0), (0, 100), (5, 100)])


@case(
    "sendfile/part/out-of-range",
    title="Offsets and counts that are no positions in a file",
    means="""Negative ones and what is no integer are errors that cost nothing, with another reason on each backend
    for a negative count. An offset just in range that no file has is refused by the system only, and on inet that
    closes the connection: check offsets that come from outside against the size of the file.""",
    source=PART,
)
def out_of_range(t: Subject) -> Term:
    beyond = ((FAR, 0), (0, FAR), (FAR - 1, 0), (0, FAR - 1), (2 * FAR, 0))
    return each(t, part, [(-1, 0), (0, -1), *beyond, ("a", 0), (0, b"1"), (1.0, 0)])


@case(
    "sendfile/part/options",
    title="chunk_size and other options",
    means="""chunk_size is for systems without sendfile, and otherwise only checked: it has to be an integer. Options
    that do not exist are ignored, an option list that is none is badarg.""",
    source=PART,
)
def options(t: Subject) -> Term:
    lists: list[Term] = [[("chunk_size", 3)], [("chunk_size", "a")], ["chunk_size"], ["none"], "none", ("a",)]
    return each(t, part, [(0, 0, given) for given in lists])


@case(
    "sendfile/part/position",
    title="The position of the file",
    means="""sendfile neither uses nor moves the file's own position, so a file can be sent while somebody reads from
    the same descriptor, and twice the same call sends the same bytes.""",
    source=PART,
)
def position(t: Subject) -> Term:
    sock, peer = t.pair()
    with io.FileIO(content_file(t)) as opened:
        opened.seek(7)
        results = [file.sendfile(opened, sock, 1, 3, []) for _ in range(2)]
        return (results, peer.recv_exact(6), opened.tell())


@case(
    "sendfile/file/names",
    title="Files that cannot be opened",
    means="""The reasons are those of file:open, and the connection is as it was. A directory is eisdir; a name with a
    zero byte, or that is no name at all, is badarg.""",
    source=SENDFILE,
)
def names(t: Subject) -> Term:
    folder = str(content_file(t).parent)
    missing = f"{folder}/none"
    given: list[tuple[Term, Term]] = [
        ("missing", missing), ("folder", folder), ("below_a_file", f"{folder}/file/none"), ("empty", []),
        ("zero_byte", missing.encode() + b"\0"), ("integer", 5), ("tuple", ("a",)), ("float", 1.0),
    ]  # fmt: skip
    sock, peer = t.pair()
    return ([(name, t.catch(file.sendfile, path, sock)) for name, path in given], arrived(peer))


@case(
    "sendfile/file/name-forms",
    title="Names as binary, string and atom",
    means="""All the forms that file names have in Erlang will do: strings, binaries, nested lists. A name that is
    none of them is an error, and nothing is sent.""",
    source=SENDFILE,
)
def name_forms(t: Subject) -> Term:
    path = str(content_file(t))
    sock, peer = t.pair()
    results = [t.catch(file.sendfile, form, sock) for form in (path.encode(), list(path.encode()), path)]
    return (results, peer.recv_exact(30))


@case(
    "sendfile/file/unreadable",
    title="A file that is open for writing only",
    means="""Both backends say ebadf. On inet that is the end of the connection as well, as if writing to the socket
    had failed, so the peer sees it closed: open files for reading, and check before you promise anything.""",
    source=PART,
)
def unreadable(t: Subject) -> Term:
    sock, peer = t.pair()
    with io.FileIO(content_file(t), "ab") as opened:
        result = t.catch(file.sendfile, opened, sock, 0, 0, [])
    ended = peer.recv(0.05)
    return (result, ended, active(t, sock), t.catch(gen_tcp.send, sock, b"x"), recvs(t, sock, (0, 50), (0, 50)))


@case(
    "sendfile/file/closed",
    title="A file that has been closed",
    means="""The reason differs, badarg on inet and einval on socket; the connection is as it was on both. So
    close the file after sendfile has returned, not before.""",
    source=PART,
)
def closed_file(t: Subject) -> Term:
    sock, peer = t.pair()
    opened = io.FileIO(content_file(t))
    opened.close()
    return (t.catch(file.sendfile, opened, sock, 0, 0, []), gen_tcp.send(sock, b"x"), arrived(peer))


@case(
    "sendfile/socket/not-owner",
    title="sendfile by another process than the owner",
    means="""inet refuses with not_owner, although anybody may send; socket does it. A worker that is given a socket
    to send a file needs controlling_process first.""",
    source=SENDFILE,
)
def not_owner(t: Subject) -> Term:
    sock, peer = t.pair()
    return (t.spawn(named, t, sock).outcome(5.0), arrived(peer))


@case(
    "sendfile/socket/closed-or-listening",
    title="sendfile on a closed socket and on a listener",
    means="""inet says einval of a closed socket, where send says closed, and enotconn of a listener; socket says
    closed, and of a listener epipe as the system does.""",
    source=SENDFILE,
)
def closed_or_listening(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    return (("closed", named(t, sock)), ("listener", named(t, t.listen())))


@case(
    "sendfile/socket/none",
    title="Something that is no socket",
    means="""A case_clause from inside the module file, not badarg. A function of one argument would do: it is called
    with each piece of the file.""",
    source=SENDFILE,
)
def no_socket(t: Subject) -> Term:
    path = str(content_file(t))
    return [t.catch(file.sendfile, path, sock) for sock in ("atom", 5, b"binary", ("a", "b"))]


@case(
    "sendfile/end/peer-closed",
    title="The peer has closed, and nobody has noticed",
    means="""The first call succeeds, since the system has room for the bytes. Then inet says closed and, as the
    connection is now gone, enotconn; socket says epipe each time, whatever show_econnreset is, until something else
    than sendfile notices. A result of ok never means that the peer has the file.""",
    source=SENDFILE,
)
def peer_closed(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    first = named(t, sock)
    t.wait_until(lambda: inet.peername(sock)[0] == "error", what="the reset")
    results = [first, named(t, sock), named(t, sock)]
    return (results, active(t, sock), t.catch(gen_tcp.send, sock, b"x"), recvs(t, sock, (0, 50), (0, 50)))


@case(
    "sendfile/end/peer-reset",
    title="The peer has reset the connection",
    means="""inet calls it closed even with show_econnreset, but tells the next send, or recv, by its name. socket
    says econnreset at once, without show_econnreset too, and epipe from then on.""",
    source=SENDFILE,
)
def peer_reset(t: Subject) -> Term:
    return [(show, _after_reset(t, show)) for show in (False, True)]


def _after_reset(t: Subject, show: bool) -> Term:
    sock, peer = t.pair(("show_econnreset", show))
    reset_peer(t, sock, peer)
    results = [named(t, sock), named(t, sock)]
    return (results, active(t, sock), t.catch(gen_tcp.send, sock, b"x"), recvs(t, sock, (0, 50), (0, 50)))


@case(
    "sendfile/end/own-shutdown",
    title="After shutdown of the writing side",
    means="""inet says closed and gives the connection up; what the peer still had to say is lost. socket says epipe
    and leaves it as it is until the next send. Do not send anything after a shutdown, a file neither.""",
    source=SENDFILE,
)
def own_shutdown(t: Subject) -> Term:
    sock, peer = t.pair()
    shut = gen_tcp.shutdown(sock, "write")
    peer.send(b"answer")
    results = [named(t, sock), named(t, sock)]
    return (shut, results, recvs(t, sock, (0, 50), (0, 50)), t.catch(gen_tcp.send, sock, b"x"))


@case(
    "sendfile/end/after-recv-closed",
    title="After recv has said that the peer has closed",
    means="""Without exit_on_close false that was the end of the socket, and sendfile says enotconn on inet, closed on
    socket. With it the writing side is still there: a client that closes its half after the request gets its file.""",
    source=SENDFILE,
)
def after_recv_closed(t: Subject) -> Term:
    results: list[Term] = []
    for stays in (True, False):
        sock, peer = t.pair(("exit_on_close", stays))
        peer.shutdown()
        results.append((stays, *recvs(t, sock, (0, 5000)), named(t, sock), arrived(peer)))
    return results
