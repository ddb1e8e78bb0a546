"""The states of a socket of the socket backend and every transition between them.

Theory.  In OTP a server process stands behind each socket.  Closing the connection and ending the server are two
things, and which of them has happened decides what a later call says: a call to a server that is gone gives
`einval`, one that goes to the operating system's socket gives `closed`.  After a failed send the server stays
(*hung up*) and reports the failure once to recv; after a failed or finished recv it is gone, unless
`exit_on_close` is false, which leaves the writing side open (*read closed*).  A framing error closes nothing.
Source: the behaviour of gen_tcp_socket on OTP 29, as recorded in the conformance suite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gentcp.engine import INHERITED, State, answers

LISTENING: Final = State("listening", "accepts connections", answers(recv="enotconn"))
CONNECTED: Final = State("connected", "has a connection; data flows", answers(accept="einval"), flows=True)
READ_CLOSED: Final = State(
    "read closed", "the peer has sent all it will; sending goes on", answers(recv="closed", accept="einval")
)
CLOSING: Final = State(
    "closing", "close(2) lingers, and the server with it: calls to it wait",
    answers(send="closed", recv="closed", shutdown="closed", sendfile="closed", accept="closed",
            sockname="closed", peername="closed"),
)  # fmt: skip
HUNG_UP: Final = State(
    "hung up", "the connection is gone, the server is still there",
    answers(send="closed", recv="closed", shutdown="closed", sendfile="closed", accept="closed",
             sockname="closed", peername="closed"),
)  # fmt: skip
GONE: Final = State(
    "gone", "closed, and nobody is left to ask",
    answers(send="closed", recv="einval", shutdown="closed", sendfile="closed", sockname="closed",
             peername="closed", accept="einval",
             controlling_process="einval", setopts="einval", getopts="einval", getstat="einval"),
)  # fmt: skip

STATES: Final = (LISTENING, CONNECTED, READ_CLOSED, CLOSING, HUNG_UP, INHERITED, GONE)


@dataclass(frozen=True, slots=True)
class Step:
    """What an event does.  `tell` are the messages for the owner, in order."""

    next: State
    tell: tuple[str, ...] = ()
    delays: bool = False
    """The reason is kept for the next recv, or for the owner when it sets the socket active."""


Key = tuple[State, str, str, str]

_BOTH: Final = ("tcp_error", "tcp_closed")

# state, event, active or passive, exit_on_close ("exit"), or not ("stay")
TRANSITIONS: Final[dict[Key, Step]] = {
    # end of file, or an error while reading
    (CONNECTED, "unreadable", "passive", "exit"): Step(GONE),
    (CONNECTED, "unreadable", "passive", "stay"): Step(READ_CLOSED),
    (CONNECTED, "unreadable", "active", "exit"): Step(GONE, tell=_BOTH),
    (CONNECTED, "unreadable", "active", "stay"): Step(READ_CLOSED, tell=_BOTH),
    # a packet that is none, or too long: what was read is dropped, the socket becomes passive
    **{
        (CONNECTED, "misframed", mode, then): Step(CONNECTED, tell=("tcp_error",) if mode == "active" else ())
        for mode in ("active", "passive")
        for then in ("exit", "stay")
    },
    # an error while writing; "waiting" is passive with a recv that waits
    (CONNECTED, "unsendable", "active", "exit"): Step(GONE, tell=_BOTH),
    (CONNECTED, "unsendable", "active", "stay"): Step(HUNG_UP, tell=_BOTH, delays=True),
    (CONNECTED, "unsendable", "waiting", "exit"): Step(GONE),
    (CONNECTED, "unsendable", "waiting", "stay"): Step(HUNG_UP, delays=True),
    **{
        (state, "unsendable", "passive", then): Step(HUNG_UP, delays=True)
        for state in (LISTENING, CONNECTED, READ_CLOSED)
        for then in ("exit", "stay")
    },
    # setopts sets active on a socket that has hung up: the owner hears what it missed
    **{(HUNG_UP, "activate", "passive", then): Step(GONE, tell=_BOTH) for then in ("exit", "stay")},
    # close/1 and send_timeout_close: who closes it is not told; the end of the owner
    **{(CONNECTED, "close", "active", then): Step(GONE, tell=("tcp_closed",)) for then in ("exit", "stay")},
    **{
        (state, event, mode, then): Step(GONE)
        for state in (LISTENING, CONNECTED, READ_CLOSED, HUNG_UP, INHERITED)
        for event in ("close", "abandon")
        for mode in ("active", "passive", "waiting")
        for then in ("exit", "stay")
        if (state, event, mode) != (CONNECTED, "close", "active")
    },
    # the same, when close(2) lingers: the end of what was read is told before it, everything else when it is over
    **{
        (state, f"{event} lingers", mode, then): Step(CLOSING)
        for state in (CONNECTED, READ_CLOSED)
        for event in ("unreadable", "unsendable", "close", "abandon")
        for mode in ("active", "passive", "waiting")
        for then in ("exit", "stay")
    },
    (CONNECTED, "unreadable lingers", "active", "exit"): Step(CLOSING, tell=_BOTH),
    (CLOSING, "unreadable lingered", "active", "exit"): Step(GONE),
    (CLOSING, "unreadable lingered", "passive", "exit"): Step(GONE),
    (CLOSING, "unsendable lingered", "active", "exit"): Step(GONE, tell=_BOTH),
    (CLOSING, "unsendable lingered", "active", "stay"): Step(HUNG_UP, tell=_BOTH, delays=True),
    (CLOSING, "unsendable lingered", "waiting", "exit"): Step(GONE),
    (CLOSING, "unsendable lingered", "passive", "exit"): Step(HUNG_UP, delays=True),
    (CLOSING, "unsendable lingered", "passive", "stay"): Step(HUNG_UP, delays=True),
    (CLOSING, "close lingered", "active", "exit"): Step(GONE, tell=("tcp_closed",)),
    (CLOSING, "close lingered", "active", "stay"): Step(HUNG_UP, tell=("tcp_closed",)),
    (CLOSING, "close lingered", "waiting", "exit"): Step(GONE),
    (CLOSING, "close lingered", "passive", "exit"): Step(HUNG_UP),
    (CLOSING, "close lingered", "passive", "stay"): Step(HUNG_UP),
    **{
        (CLOSING, "abandon lingered", mode, then): Step(GONE)
        for mode in ("active", "passive")
        for then in ("exit", "stay")
    },
}


def step(state: State, event: str, *, mode: str, exit_on_close: bool) -> Step | None:
    """What `event` does in `state`; None: nothing.  `mode`: active, passive or waiting."""
    then = "exit" if exit_on_close else "stay"
    found = TRANSITIONS.get((state, event, mode, then))
    if found is None and mode == "waiting":
        found = TRANSITIONS.get((state, event, "passive", then))
    return found
