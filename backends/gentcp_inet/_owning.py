"""The owner of a port: another one, its end, and what it is told of the connection's; functions over a port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.abc import Result, Term
from gentcp.engine import move_messages
from gentcp.errors import ErlangError
from gentcp.process import Process, current_process

from ._options import deliver
from ._sending import drop_queue
from ._shutting import linger_time_of

if TYPE_CHECKING:
    from ._port import InetPort


def orphan(port: InetPort, reason: Term) -> None:
    """See `Endpoint.orphan`."""
    port.orphaned = port.state not in port.over
    if linger_time_of(port) == (True, 0) or port.writer.transfer is not None:
        drop_queue(port)
    port.close_now(None, down=reason)


def give_to(port: InetPort, process: Term) -> Result:
    """controlling_process/2."""
    if not isinstance(process, Process):
        raise ErlangError("function_clause")
    me = current_process()
    with port.lock:
        port.catch_up()
        if (refused := port.answer("controlling_process")) is not None:
            return refused
        if process is port.owner:
            return "ok"
        if me is not port.owner:
            return ("error", "not_owner")
        me.check()  # if it has been killed, it may have missed messages that would move
        if port.told_closed and move_messages(me, process, port.term):
            port.active = False  # inet:tcp_controlling_process/2 takes it for closed, and leaves it as it is
            port.disarm()
            return "ok"
        if not process.alive:
            port.active = False
            return ("error", "badarg")
        port.hand_over(process)
        deliver(port, was=False, reframed=False)  # inet:tcp_controlling_process/2 makes it passive in between
    port.own_by(process)
    return "ok"


def tell_end(port: InetPort, messages: tuple[str, ...], reason: str) -> None:
    """Tell the owner that the connection is over."""
    for message in messages:
        if message == "tcp_error":
            if reason != "closed":
                port.tell(message, reason)
        elif not port.told_closed:  # tcp_closed comes once in the life of a port
            port.told_closed = True
            port.tell(message)
