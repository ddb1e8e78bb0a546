"""recv and accept whose caller does not wait: the result comes as `{inet_async, Port, Ref, Result}`.

They are the operations of the calls that wait, and stand in the same lines.  Functions over a port.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gentcp.abc import Result, SocketHandle, Term
from gentcp.engine import Follower, Operation, RecvOp, host_of, line_up_receiver
from gentcp.ports import port_number, port_time
from gentcp.process import Process, current_process

from ._accepting import take_in
from ._states import CLOSED

if TYPE_CHECKING:
    from ._port import InetPort


_NO_HOST = ("error", "system_limit")
"""Nobody could wait for it in the background."""


def async_recv(port: InetPort, length: Term, time: Term) -> Result:
    """`("ok", number)`; the message has the same number.  `prim_inet:async_recv/3`."""
    wait, size = port_time(time), port_number(length)
    size = size if size < 0x80000000 else 0
    me = current_process()
    with port.lock:
        if port.state is CLOSED:
            return ("error", "einval")
        if (refused := port.refuse_recv(size)) is not None:
            return refused
        if not host_of(me).ready():
            return _NO_HOST
        number = _next_number(port)
        found = line_up_receiver(port, me, size, wait)
        if isinstance(found, RecvOp) and not port.reading:
            port.read_for(found)
            if found.result is None and wait == 0:
                found.expire()
    _follow(port, me, number, found)
    return ("ok", number)


def async_accept(port: InetPort, time: Term) -> Result:
    """`("ok", number)`; the message has the same number.  `prim_inet:async_accept/2`."""
    wait, me = port_time(time), current_process()
    with port.lock:
        acceptors = port.acceptors
        if port.answer("accept") is not None or acceptors is None:
            return ("error", "einval")
        if not host_of(me).ready():
            return _NO_HOST
        number = _next_number(port)
        found = acceptors.accept(me, wait, partial(take_in, port, me, plainly=True))
        if isinstance(found, Operation) and wait == 0:
            found.expire()
    _follow(port, me, number, found)
    return ("ok", number)


def _follow(port: InetPort, process: Process, number: int, found: Result | Operation) -> None:
    """Tell the result, now or when there is one."""
    tell = partial(_tell, port, process, number)
    if isinstance(found, Operation):
        Follower(found, tell).follow()
    else:
        tell(found)


def _tell(port: InetPort, process: Process, number: int, result: Result) -> None:
    if isinstance(result[1], SocketHandle):
        result[1].pin()
        result = ("ok", result[1].term)
    process.post(("inet_async", port.term, number, result))


def _next_number(port: InetPort) -> int:
    port.asked = (port.asked + 1) & 0xFFFF
    return port.asked
