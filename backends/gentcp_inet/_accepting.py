"""accept, and what an accepted port has from its listener; functions over a port."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING

from gentcp.abc import Result
from gentcp.engine import Acceptors, Operation, abandon, copy_from
from gentcp.process import Process

from ._registering import register
from ._states import CONNECTED

if TYPE_CHECKING:
    from ._port import InetPort


def accept(port: InetPort, process: Process, timeout: float | None, *, bare: bool = False) -> Result | Operation:
    """A connection as a port, or a place in the line; `bare`, a port below gen_tcp."""
    found: Result | Operation = None
    try:
        with port.lock:
            if (refused := port.answer("accept")) is not None:
                return refused
            acceptors: Acceptors | None = port.acceptors
            assert acceptors is not None
            found = acceptors.accept(process, timeout, partial(take_in, port, process, bare=bare))
    except BaseException:
        abandon(found)
        raise
    return found


def take_in(
    port: InetPort, owner: Process, sock: socket.socket, *, bare: bool = False, plainly: bool = False
) -> Result:
    """`("ok", port)` for a connection.  `plainly`: only with those options that the driver itself hands down."""
    settings = port.own_settings.inherited()
    if plainly and settings.delay_send:
        settings = settings.changed("delay_send", False)
    accepted = type(port)(port.backend, sock, owner, settings, CONNECTED)
    if bare or plainly:
        register(accepted, "undefined")
    if plainly:
        accepted.lingers = port.lingers
    else:
        copy_from(accepted, port)
        accepted.active = port.active
        accepted.primed = None if port.active is True or port.active is False else port.active
    accepted.start()
    return ("ok", accepted)
