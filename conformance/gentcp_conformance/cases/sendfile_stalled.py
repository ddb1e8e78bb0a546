"""file:sendfile while the peer does not read: it blocks, without limit, and what others do meanwhile."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from pathlib import Path

from gentcp.erl import file, gen_tcp, inet

from ..case import case
from ..data import MB, delivery, payload
from ..subject import Job, Peer, Subject, Task, ok
from ..term import Term, is_tuple
from ._common import blocked_sender, buffers_full, start, underway

SENDFILE = "file:sendfile/2"
PIECE = b"y" * 10000


def big_file(t: Subject) -> str:
    path = Path(t.path("big"))
    path.write_bytes(payload())
    return str(path)


def handed_over(t: Subject, *options: Term) -> tuple[Task, Term, Peer]:
    """A process, a connection to a peer that does not read, which belongs to it, and the peer."""
    sock, peer = t.stalled(*options)
    owner = t.spawn(lambda: "ok")
    ok(gen_tcp.controlling_process(sock, owner.process))
    return owner, sock, peer


def blocked(t: Subject, *options: Term) -> tuple[Task, Job, Term, Peer]:
    """The same, with the owner blocked in sendfile of 4 MB."""
    owner, sock, peer = handed_over(t, *options)
    sending = owner.start(t.catch, file.sendfile, big_file(t), sock)
    buffers_full(t, peer)
    return owner, underway(sending), sock, peer


def fate(job: Job, grace: float = 5.0) -> Term:
    """The result of sendfile; how many bytes had been written when it failed is not the same each time."""
    match job.outcome(grace):
        case ("error", (str() as reason, int())):
            return ("error", (reason, "some"))
        case other:
            return other


@case(
    "sendfile/stalled/send-timeout",
    title="send_timeout does not apply to sendfile",
    means="""sendfile of 4 MB to a peer that does not read blocks for as long as it takes, with a send_timeout of 200
    ms too. There is no timeout of its own either. Send large files from a process that can be killed, and let another
    one watch the time.""",
    source=SENDFILE,
)
def send_timeout(t: Subject) -> Term:
    _, sending, _, _ = blocked(t, ("send_timeout", 200))
    return sending.outcome(0.6)


@case(
    "sendfile/stalled/drained",
    title="The peer reads at last",
    means="""The call goes on and returns the size of the file. Meanwhile nothing of it is in the send queue: send_pend
    of inet is 0, so a watch on send_pend does not see that a connection is stalled in sendfile.""",
    source=SENDFILE,
)
def drained(t: Subject) -> Term:
    _, sending, sock, peer = blocked(t)
    seen = (sending.outcome(0), inet.getstat(sock, ["send_pend", "send_oct"]))
    got, _ = peer.take(4 * MB)
    return (*seen, sending.outcome(5.0), delivery(got, payload()))


@case(
    "sendfile/stalled/queue-first",
    title="sendfile behind 4 MB that are queued",
    means="""On inet what is in the queue goes first: the call waits for the queue and for the file. On socket there
    is no queue, and the call waits its turn behind the send of the other process. The order on the wire is that of
    the calls.""",
    source=SENDFILE,
)
def queue_first(t: Subject) -> Term:
    owner, sock, peer = handed_over(t)
    before = payload(2 * MB)
    t.spawn(t.catch, gen_tcp.send, sock, before)
    buffers_full(t, peer)
    sending = underway(owner.start(t.catch, file.sendfile, big_file(t), sock))
    seen = sending.outcome(0.1)
    got, _ = peer.take(6 * MB)
    return (seen, sending.outcome(5.0), delivery(got, before, payload()))


@case(
    "sendfile/stalled/sends-of-others",
    title="Other processes send while a file is on its way",
    means="""Their data comes behind the file, in order, and is never in the middle of it. On inet a small send is
    queued and returns, one that fills the queue to high_watermark blocks, and so does whoever comes then; on socket
    all of them wait. So a heartbeat from another process is late by as much as the file takes.""",
    source=SENDFILE,
)
def sends_of_others(t: Subject) -> Term:
    _, sending, sock, peer = blocked(t)
    pieces = (b"x", PIECE, b"z")
    senders = [start(t, gen_tcp.send, sock, piece) for piece in pieces]
    seen = [sender.outcome(0) for sender in senders]
    queued = inet.getstat(sock, ["send_pend"])
    whole = (payload(), *pieces)
    got, _ = peer.take(sum(map(len, whole)))
    return (seen, queued, sending.outcome(5.0), [s.outcome(5.0) for s in senders], delivery(got, *whole))


@case(
    "sendfile/stalled/another-file",
    title="Another process sends a file meanwhile",
    means="""On socket it waits its turn, and both files arrive whole. On inet only the owner can send files, and it is
    busy.""",
    source=SENDFILE,
)
def another_file(t: Subject) -> Term:
    _, sending, sock, peer = blocked(t)
    other = start(t, file.sendfile, big_file(t), sock)
    seen = other.outcome(0)
    count = 2 if seen == "still_blocked" else 1
    got, _ = peer.take(count * 4 * MB)
    return (seen, sending.outcome(5.0), other.outcome(5.0), delivery(got, *[payload()] * count))


@case(
    "sendfile/stalled/closed-by-another",
    title="Another process closes the socket",
    means="""On socket the call returns with closed and the number of bytes that had been written. On inet OTP closes
    the port and forgets the process that waits: it hangs for ever, and a supervisor that closes sockets to free their
    owners does not free this one.""",
    source="gen_tcp:close/1, file:sendfile/2",
)
def closed_by_another(t: Subject) -> Term:
    _, sending, sock, peer = blocked(t)
    closing = start(t, gen_tcp.close, sock).outcome(5.0)
    return (closing, fate(sending, 1.0), peer.drain(2.0)[1])


@case(
    "sendfile/stalled/closed-by-timeout",
    title="A send of another process times out and closes the socket",
    means="""With send_timeout_close the send of another process, which waits behind the file, closes the connection
    under the sendfile. On socket that returns closed and the bytes written; on inet OTP forgets it, as with close.""",
    source="inet:setopts/2, option send_timeout_close; file:sendfile/2",
)
def closed_by_timeout(t: Subject) -> Term:
    _, sending, sock, _ = blocked(t, ("send_timeout", 200), ("send_timeout_close", True))
    sender = t.spawn(t.catch, gen_tcp.send, sock, PIECE)
    return (sender.outcome(5.0), fate(sending, 1.0))


@case(
    "sendfile/stalled/owner-killed",
    title="The owner is killed",
    means="""The connection is closed and the rest of the file is not sent: on inet too, which otherwise delivers what
    is queued after the death of the owner.""",
    source=SENDFILE,
)
def owner_killed(t: Subject) -> Term:
    owner, _, sock, peer = blocked(t)
    t.spawn(t.catch, gen_tcp.send, sock, b"queued").outcome(0.1)
    owner.kill()
    got, end = peer.drain(2.0)
    return (delivery(got, payload()), end)


@case(
    "sendfile/stalled/shutdown-by-another",
    title="Another process shuts the writing side down",
    means="""It takes effect at once on both backends, in the middle of the file. inet says closed, socket epipe with
    the bytes written.""",
    source="gen_tcp:shutdown/2, file:sendfile/2",
)
def shutdown_by_another(t: Subject) -> Term:
    owner, sending, sock, peer = blocked(t)
    shut = gen_tcp.shutdown(sock, "write")
    result = fate(sending)
    end = peer.drain(2.0)[1]
    return (shut, result, end, owner.call(t.catch, gen_tcp.send, sock, b"x"))


@case(
    "sendfile/stalled/shutdown-pending",
    title="sendfile behind a shutdown that waits for the queue",
    means="""On inet a shutdown with data in the queue is postponed, and a file that is sent then still goes out in
    front of it, although a send would be refused.""",
    source="gen_tcp:shutdown/2, file:sendfile/2",
)
def shutdown_pending(t: Subject) -> Term:
    owner, sock, peer = handed_over(t)
    sender = t.spawn(t.catch, gen_tcp.send, sock, payload(2 * MB))
    buffers_full(t, peer)
    shut = start(t, gen_tcp.shutdown, sock, "write").outcome(5.0)
    sender.outcome(5.0)  # on socket it has failed now
    sending = underway(owner.start(t.catch, file.sendfile, big_file(t), sock))
    got, end = peer.drain(2.0)
    return (shut, fate(sending), len(got) == 6 * MB, end)


@case(
    "sendfile/stalled/peer-closes",
    title="The peer closes with data unread",
    means="""That is a reset. inet says closed whatever the options are. socket says econnreset and how much had been
    written when the socket is passive; when it is active its reader is the first to hear of it, and tells the owner.
    After that the socket is as after a failed send.""",
    source=SENDFILE,
)
def peer_closes(t: Subject) -> Term:
    return [(mode, show, _after_close(t, mode, show)) for mode in (False, True) for show in (False, True)]


def _after_close(t: Subject, mode: Term, show: bool) -> Term:
    owner, sending, sock, peer = blocked(t, ("active", mode), ("show_econnreset", show))
    peer.close()
    result, messages = fate(sending), owner.call(t.messages, int(mode))
    sends = owner.call(t.catch, gen_tcp.send, sock, b"x")
    return (result, messages, sends, [owner.call(t.catch, gen_tcp.recv, sock, 0, 50) for _ in range(2)])


@case(
    "sendfile/stalled/peer-half-closes",
    title="The peer closes its half",
    means="""A passive socket sends the file to its end: nobody has looked. An active one with exit_on_close hears of
    the end and closes, in the middle of the file. So a server for clients that close their half after the request
    must be passive, or have exit_on_close false.""",
    source=SENDFILE,
)
def peer_half_closes(t: Subject) -> Term:
    return [
        (options, _after_half_close(t, *options)) for options in ([], [("active", True)], [("exit_on_close", False)])
    ]


def _after_half_close(t: Subject, *options: Term) -> Term:
    owner, sending, _, peer = blocked(t, *options)
    peer.shutdown()
    seen = fate(sending, 0.5)
    got, end = peer.drain(1.0)
    return (seen, fate(sending), end, len(got) == 4 * MB, [m[0] for m in owner.call(t.messages) if is_tuple(m)])


@case(
    "sendfile/stalled/half-closed-and-active",
    title="The peer closes its half of an active socket with exit_on_close false",
    means="""On inet OTP says closed, and nevertheless sends the file to its end; when it is through, a message
    {sendfile, Socket, {ok, Low, High}} is left over in the mailbox of the owner. A receive that matches everything
    will meet it. On socket the file is sent, and that is the result.""",
    source=SENDFILE,
)
def half_closed_and_active(t: Subject) -> Term:
    return _after_half_close(t, ("active", True), ("exit_on_close", False))


@case(
    "sendfile/stalled/recv-waits",
    title="Another process is in recv, and the peer closes its half",
    means="""recv notices that the peer has closed its half, and that is the end of the file too: sendfile does
    not go on although the peer could still read.""",
    source=SENDFILE,
)
def recv_waits(t: Subject) -> Term:
    _, sending, sock, peer = blocked(t)
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    peer.shutdown()
    return (fate(sending), receiver.outcome(5.0), peer.drain(2.0)[1])


@case(
    "sendfile/stalled/after-send-timeout",
    title="sendfile after a send that timed out",
    means="""On inet the data of that send is still queued and goes in front of the file: the peer gets everything. On
    socket the rest of it is with the caller, and the file comes where it should have been.""",
    source="inet:setopts/2, option send_timeout; file:sendfile/2",
)
def after_send_timeout(t: Subject) -> Term:
    owner, sock, peer = handed_over(t, ("send_timeout", 200))
    sends = [owner.call(t.catch, gen_tcp.send, sock, data) for data in (payload(2 * MB), b"r")]
    sending = underway(owner.start(t.catch, file.sendfile, big_file(t), sock))
    seen = sending.outcome(0)
    got, _ = peer.drain(1.0)
    told = [send if send == "ok" else send[1] if send[1] == "timeout" else "rest" for send in sends]
    return (told, seen, sending.outcome(5.0), got == payload(2 * MB) + b"r" + payload(), got.endswith(payload()))


@case(
    "sendfile/stalled/behind-a-failing-send",
    title="shutdown while a file waits behind a blocked send: on socket the file is told the reason of the system",
    means="""The send says closed, and so would a send behind it. On socket the file has the system's own word, epipe,
    and after a reset econnreset, whatever show_econnreset is. On inet the file goes on waiting. Compare with more
    than closed where a sendfile may fail.""",
    source=SENDFILE,
)
def behind_a_failing_send(t: Subject) -> Term:
    owner, sock, peer = handed_over(t)
    first = blocked_sender(t, sock, peer)
    behind = underway(owner.start(t.catch, file.sendfile, big_file(t), sock))
    done = start(t, gen_tcp.shutdown, sock, "write").outcome(1.0)
    return (("shutdown", done), ("send", first.outcome(0.5)), ("file", behind.outcome(0.5)))
