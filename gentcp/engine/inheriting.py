"""What an accepted socket has from its listener, where the system does not see to it."""

from __future__ import annotations

import contextlib
import socket

from gentcp.abc import Term
from gentcp.options import BY_NAME, NOT_HANDED_DOWN, as_pair

from .endpoint import Endpoint
from .system import get_option, set_option


def copy_from(endpoint: Endpoint, listener: Endpoint) -> None:
    """Take over what the kernel did not copy: it was set when we waited already, or is not for it to copy."""
    endpoint.lingers = listener.lingers
    late = listener.late
    for name in endpoint.inherited[endpoint.sock.family] if late else ():
        option = BY_NAME[name].system
        if late and (name in late or "raw" in late) and option is not None:
            with contextlib.suppress(OSError):  # as in OTP, not worth losing the connection for
                set_option(endpoint.sock, option, get_option(listener.sock, option))


def set_when_made(endpoint: Endpoint, options: list[Term]) -> None:
    """A listener has these from the start.  The kernel does not copy all of them, and nothing of local sockets."""
    if endpoint.late is not None:
        local = endpoint.sock.family == socket.AF_UNIX
        names = [pair[0] for option in options if (pair := as_pair(option)) is not None]
        endpoint.late.update(name for name in names if local or name in NOT_HANDED_DOWN)
