"""How a recv that waits, or an active owner, learns that the connection has broken while there are data to send."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from functools import partial

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Peer, Subject
from ..term import Term
from ._common import blocked_sender, receive_all, start

RESET = "gen_tcp:recv/3; inet:setopts/2, option show_econnreset"
USER_TIMEOUT = "inet:setopts/2, options user_timeout and raw; tcp(7), TCP_USER_TIMEOUT"
TCP_USER_TIMEOUT = (6, 18)


@case(
    "recv/broken/reset-with-a-queue",
    title="A reset while a send is stuck and a recv waits: only one of the two hears of the reset",
    means="""With show_econnreset the stuck send has the reason on inet, and so has the next recv, but the recv that was
    waiting says closed; on socket it is the other way round. A reader that tells a reset from an orderly end by its
    own result alone takes the one for the other on inet.""",
    source=RESET,
)
def reset_with_a_queue(t: Subject) -> Term:
    return [(show, *reset_below(t, ("show_econnreset", show))) for show in (False, True)]


def reset_below(t: Subject, *options: Term) -> tuple[Term, ...]:
    sock, peer = t.stalled(*options)
    receiver = start(t, gen_tcp.recv, sock, 0)
    sender = blocked_sender(t, sock, peer)
    peer.close()  # with unread data: a reset
    return (("recv", receiver.outcome(5.0)), ("send", sender.outcome(5.0)), ("next", receive_all(t, sock, 2)))


def given_up(t: Subject, *options: Term) -> tuple[Term, Peer]:
    """A pair whose data the peer has no room for; the system gives it up after a second."""
    level, number = TCP_USER_TIMEOUT
    limit = ("raw", level, number, (1000).to_bytes(4, "little"))
    return t.stalled(limit, *options)


LITTLE = payload(150_000)
"""More than the peer's window, and with what is in that less than the system's buffer: no queue above it."""


@case(
    "recv/broken/user-timeout",
    title="etimedout: the system gives up a peer that has no room, and recv says so",
    means="""TCP_USER_TIMEOUT limits how long data may go unacknowledged, also because the peer's window is closed.
    When it is over the connection is gone, and the next recv has the reason, whether it was waiting or not. It is
    what tells a stuck client from a slow one without a send that blocks.""",
    source=USER_TIMEOUT,
)
def user_timeout(t: Subject) -> Term:
    waits, _peer = given_up(t)
    receiver = start(t, gen_tcp.recv, waits, 0)
    sent = gen_tcp.send(waits, LITTLE)
    waiting = receiver.outcome(15.0)
    return (sent, ("waiting", waiting, receive_all(t, waits, 2)), ("send", gen_tcp.send(waits, b"x")))


@case(
    "recv/broken/user-timeout-unnoticed",
    title="etimedout when nobody waits: recv has the reason, a send on inet says closed",
    means="""The system keeps the error until somebody asks. On inet a send turns it into closed for itself and for the
    next recv, so who wants to know why a connection is gone asks by recv first.""",
    source=USER_TIMEOUT,
)
def user_timeout_unnoticed(t: Subject) -> Term:
    found: list[Term] = []
    for function, arguments in ((gen_tcp.recv, (0, 500)), (gen_tcp.send, (b"x",))):
        sock, _peer = given_up(t)
        gen_tcp.send(sock, LITTLE)
        t.wait_until(partial(_is_over, sock), 15.0, "the end of the connection")
        found.append([t.catch(function, sock, *arguments), receive_all(t, sock, 2)])
    return found


def _is_over(sock: Term) -> bool:
    return bool(inet.peername(sock)[0] == "error")


@case(
    "active/error/user-timeout",
    title="etimedout on an active socket: tcp_error, then tcp_closed",
    means="""The owner is told both, as with every error of the system that is not a reset. OTP 25 on socket leaves the
    reason out and says tcp_closed twice.""",
    source=USER_TIMEOUT,
)
def user_timeout_active(t: Subject) -> Term:
    sock, _peer = given_up(t, ("active", True))
    sent = gen_tcp.send(sock, LITTLE)
    return (sent, t.messages(2, within=15.0), t.catch(gen_tcp.send, sock, b"x"))


@case(
    "send/blocked/user-timeout",
    title="etimedout under a send that is stuck",
    means="""A blocked sender is released when the system gives the peer up, with send_timeout infinity too. inet tells
    it closed, whatever the reason was.""",
    source=USER_TIMEOUT,
)
def user_timeout_blocked(t: Subject) -> Term:
    sock, peer = given_up(t)
    sender = blocked_sender(t, sock, peer)
    return (sender.outcome(15.0), receive_all(t, sock, 2), t.catch(gen_tcp.send, sock, b"x"))
