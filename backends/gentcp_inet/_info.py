"""getstat and info: what is known of a port; functions over a port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.abc import Result, Term
from gentcp.engine import INHERITED, STATISTICS, check_list, look
from gentcp.engine import counted as counted_of_all

from ._states import CLOSED, CONNECTED, LISTENING, OPEN

if TYPE_CHECKING:
    from ._port import InetPort


def getstat(port: InetPort, names: Term) -> Result:
    """inet:getstat/2."""
    if names is None:
        names = list(STATISTICS)
    check_list(names)
    look(port)
    if (refused := port.answer("getstat")) is not None:
        return refused
    if any(name not in STATISTICS for name in names):
        return ("error", "einval")
    return ("ok", [(name, counted(port, name)) for name in names])


def counted(port: InetPort, name: str) -> int:
    """One of the numbers of `inet:getstat/2`."""
    return port.writer.queue.size if name == "send_pend" else counted_of_all(port, name)


def info(port: InetPort) -> dict[str, Term]:
    """inet:info/1."""
    look(port)
    if port.state is INHERITED or port.gone:
        return {"states": [port.state.name]}
    return {
        "counters": dict(getstat(port, None)[1]),
        "input": 0,  # OTP counts what a driver delivers as binaries; this one makes messages of its own
        "links": links(port),
        "memory": len(port.inbound) + port.pending(),
        "monitors": monitored_processes(port),
        "output": counted(port, "send_oct"),
        "owner": port.owner.seen_as,
        "states": state_names(port),
    }


def links(port: InetPort) -> list[Term]:
    """Its owner, until the port is closed."""
    return [] if port.state is CLOSED else [port.owner.seen_as]


def monitored_processes(port: InetPort) -> list[Term]:
    """Those whose end the port looks out for, as `erlang:port_info(Port, monitors)` has them: its acceptors."""
    with port.lock:
        waiting = port.acceptors.processes() if port.acceptors is not None else []
    return [("process", process.seen_as) for process in waiting]


def state_names(port: InetPort) -> list[str]:
    """As `prim_inet:getstatus/1` has them."""
    if port.state is LISTENING:
        waiting = port.acceptors is not None and port.acceptors.waiting()
        return ["accepting", "listen", "open"] if waiting else ["listen", "open"]
    if port.state is OPEN:
        return ["open"]
    names = ["connected", "open"] if port.state in (CONNECTED, CLOSED) else []
    return ["busy", *names] if port.writer.busy else names
