"""getstat and info: what is known of a socket; functions over a socket."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from gentcp.abc import Result, Term
from gentcp.engine import CLOSED, INHERITED, STATISTICS, answer_of, check_list, look
from gentcp.engine import counted as counted_of_all
from gentcp.process import current_process

from ._states import CLOSING, CONNECTED, GONE, HUNG_UP, LISTENING

if TYPE_CHECKING:
    from ._handle import SocketSocket

_COUNTED = tuple(name for name in STATISTICS if name not in ("recv_dvi", "send_pend"))
_DOMAINS = {socket.AF_INET: "inet", socket.AF_INET6: "inet6"}
_CLOSED: dict[str, Any] = {"rstates": ["closed"], "wstates": ["closed"]}


def getstat(handle: SocketSocket, names: Term) -> Result:
    """inet:getstat/2."""
    if names is None:
        names = list(STATISTICS)
    check_list(names)
    look(handle)
    later = None
    if handle.lingering is not None:
        with handle.lock:
            later = handle.later(current_process(), CLOSED, partial(getstat, handle, names))
    if later is not None:
        return answer_of(later)
    if (refused := handle.answer("getstat")) is not None:
        return refused
    if handle.state is HUNG_UP:
        return dict(_CLOSED)
    if handle.queue_recv:
        with handle.lock:
            handle.refuse_line()
    return ("ok", [(name, _counted(handle, name)) for name in names if name in _COUNTED])


def _counted(handle: SocketSocket, name: str) -> int:
    """One of the numbers of `inet:getstat/2`; averages are rounded."""
    if not name.endswith("_avg"):
        return counted_of_all(handle, name)
    counters = handle.rx if name.startswith("recv") else handle.tx
    with handle.lock:
        handle.inbound.settle()
        count = counters.cnt or 1
        return (2 * counters.oct + count) // (2 * count)


def info(handle: SocketSocket) -> dict[str, Term]:
    """inet:info/1."""
    look(handle)
    if handle.state in (CLOSING, GONE, HUNG_UP, INHERITED):
        return dict(_CLOSED)
    acceptors = handle.acceptors.waiting() if handle.acceptors is not None else 0
    receiver = handle.receiver
    reads = handle.active is not False and handle.state is CONNECTED
    handle.read_waited = handle.read_waited or reads or receiver is not None
    reads = reads or (receiver is not None and not receiver.overtaken)
    return {
        "active": handle.active,
        "counters": dict(getstat(handle, None)[1]),
        "ctype": "normal",
        "domain": _DOMAINS.get(handle.sock.family, "local"),
        "num_acceptors": acceptors,
        "num_readers": int(reads),
        "num_writers": len(handle.writer.waiting()),
        "owner": handle.owner.seen_as,
        "protocol": "default" if handle.sock.family == socket.AF_UNIX else "tcp",
        "rstates": _read_states(handle, accepting=acceptors > 0),
        "type": "stream",
        "wstates": _write_states(handle),
    }


def _read_states(handle: SocketSocket, *, accepting: bool) -> list[str]:
    """What is kept with the reading half: "selected" says that somebody has waited for it once."""
    found = {
        "bound": handle.bound,
        "listening": handle.state is LISTENING,
        "accepting": accepting or handle.accepting,
        "selected": handle.read_waited,
    }
    return [name for name, holds in found.items() if holds]


def _write_states(handle: SocketSocket) -> list[str]:
    if handle.state is LISTENING:
        return []
    return ["connected", "selected"] if handle.write_waited else ["connected"]
