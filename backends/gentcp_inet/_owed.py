"""What send and recv say of a port that is not connected, at first perhaps why; functions over a port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.abc import Result

if TYPE_CHECKING:
    from ._port import InetPort


def answer_recv(port: InetPort) -> Result:
    """Why the connection has ended, if nobody was told that."""
    reason, port.owes_recv = port.owes_recv, ""
    if reason:
        port.owes_send = ""
    return ("error", reason or port.state.answers["recv"])


def answer_send(port: InetPort) -> Result:
    """The same for send."""
    reason, port.owes_send = port.owes_send, ""
    if reason and port.owes_recv:
        reason = port.owes_recv  # econnreset stays owed to recv
    return ("error", reason or port.state.answers["send"])
