"""The states of a driver port and every transition between them.  Nothing else changes a port's state.

Theory.  A port has two lives: the port itself, which an Erlang process owns, and the descriptor inside it.  A passive
socket that loses its connection keeps the port without a descriptor (*unplugged*): inet functions still answer,
send and recv report `closed` once (what the port still *owes*) and `enotconn` from then on, until somebody
closes it.  An active socket tells its owner and dies at once (*closed*).  With `exit_on_close` false the
descriptor stays.  Source: the behaviour of inet_drv on OTP 29, as recorded in the conformance suite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gentcp.engine import INHERITED, State, answers

OPEN: Final = State(
    "open", "made by prim_inet:open; there is no connection yet",
    answers(send="enotconn", recv="enotconn", shutdown="enotconn", unrecv="enotconn", sendfile="enotconn",
             accept="einval"),
)  # fmt: skip
LISTENING: Final = State(
    "listening", "accepts connections",
    answers(send="enotconn", recv="enotconn", shutdown="enotconn", unrecv="enotconn", sendfile="enotconn"),
)  # fmt: skip
CONNECTED: Final = State("connected", "has a connection; data flows", answers(accept="einval"), flows=True)
UNPLUGGED: Final = State(
    "unplugged", "the connection is gone, the port is still there",
    answers(send="enotconn", recv="enotconn", shutdown="enotconn", unrecv="enotconn", sendfile="enotconn",
             accept="einval", peername="enotconn", sockname="ebadf"),
)  # fmt: skip
CLOSED: Final = State(
    "closed", "the port is gone; what was queued may still be on its way",
    answers(send="closed", recv="closed", shutdown="closed", unrecv="closed", sendfile="einval", accept="closed",
             controlling_process="closed", peername="einval", sockname="einval", setopts="einval", getopts="einval",
             getstat="einval", info="einval"),
)  # fmt: skip
FLUSHING: Final = frozenset({"peername", "sockname", "setopts", "getopts", "getstat", "info"})
"""Operations that go ahead on a closed port as long as its queue is on its way: the driver is still there."""

STATES: Final = (OPEN, LISTENING, CONNECTED, UNPLUGGED, INHERITED, CLOSED)


@dataclass(frozen=True, slots=True)
class Step:
    """What an event does.  `tell` are the messages for the owner, in order."""

    next: State
    tell: tuple[str, ...] = ()
    owes_send: bool = False
    """The next send reports why, rather than enotconn."""
    owes_recv: bool = False
    keeps_queue: bool = False
    """The send queue is still delivered."""
    deaf: bool = False
    """The descriptor stays, but is not watched for the owner until `active` changes."""


Key = tuple[State, str, str, str]

# state, event, active or passive, exit_on_close ("exit"), or not ("stay")
TRANSITIONS: Final[dict[Key, Step]] = {
    # the peer has closed its side (or reset the connection and show_econnreset is false)
    (CONNECTED, "fin", "passive", "exit"): Step(UNPLUGGED, owes_send=True),
    (CONNECTED, "fin", "passive", "stay"): Step(CONNECTED, owes_send=True, keeps_queue=True, deaf=True),
    (CONNECTED, "fin", "active", "exit"): Step(CLOSED, tell=("tcp_closed",)),
    (CONNECTED, "fin", "active", "stay"): Step(
        CONNECTED, tell=("tcp_closed",), owes_send=True, keeps_queue=True, deaf=True
    ),
    # reading failed: emsgsize, econnreset with show_econnreset, etimedout ...
    (CONNECTED, "broken", "passive", "exit"): Step(UNPLUGGED),
    (CONNECTED, "broken", "passive", "stay"): Step(CONNECTED, keeps_queue=True, deaf=True),
    (CONNECTED, "broken", "active", "exit"): Step(CLOSED, tell=("tcp_error", "tcp_closed")),
    (CONNECTED, "broken", "active", "stay"): Step(
        CONNECTED, tell=("tcp_error", "tcp_closed"), keeps_queue=True, deaf=True
    ),
    # writing failed, in a call or in the background
    (CONNECTED, "unsendable", "passive", "exit"): Step(UNPLUGGED, owes_recv=True),
    (CONNECTED, "unsendable", "passive", "stay"): Step(UNPLUGGED, owes_recv=True),
    (CONNECTED, "unsendable", "active", "exit"): Step(CLOSED, tell=("tcp_error", "tcp_closed")),
    (CONNECTED, "unsendable", "active", "stay"): Step(UNPLUGGED, tell=("tcp_error", "tcp_closed")),
    # send_timeout_close
    (CONNECTED, "overdue", "passive", "exit"): Step(UNPLUGGED),
    (CONNECTED, "overdue", "passive", "stay"): Step(UNPLUGGED),
    (CONNECTED, "overdue", "active", "exit"): Step(CLOSED, tell=("tcp_closed",)),
    (CONNECTED, "overdue", "active", "stay"): Step(UNPLUGGED, tell=("tcp_closed",)),
    # setopts sets active on a port without a connection: the owner hears what it missed
    (UNPLUGGED, "activate", "active", "exit"): Step(CLOSED, tell=("tcp_error", "tcp_closed")),
    (UNPLUGGED, "activate", "active", "stay"): Step(UNPLUGGED, tell=("tcp_error", "tcp_closed")),
    # close/1, and the end of the owner
    **{
        (state, "close", mode, then): Step(CLOSED, keeps_queue=True)
        for state in (OPEN, LISTENING, CONNECTED, UNPLUGGED, INHERITED)
        for mode in ("active", "passive")
        for then in ("exit", "stay")
    },
}


def step(state: State, event: str, *, active: bool, exit_on_close: bool) -> Step | None:
    """What `event` does in `state`; None: nothing."""
    key = (state, event, "active" if active else "passive", "exit" if exit_on_close else "stay")
    return TRANSITIONS.get(key)
