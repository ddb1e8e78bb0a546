"""What a socket says of itself: names and counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.abc import Result, Term
from gentcp.errors import ErlangError, reason_of

from .addresses import address_term
from .locks import held

if TYPE_CHECKING:
    from .endpoint import Endpoint


def look(endpoint: Endpoint) -> None:
    """Let it read what has come, so that what is asked next is as on the VM; unless a signal handler asks."""
    if not held(endpoint.lock):
        with endpoint.lock:
            endpoint.catch_up()


def name_of(endpoint: Endpoint, operation: str, method: str) -> Result:
    """What getsockname or getpeername says, as a term; `operation` is what the state may refuse."""
    look(endpoint)
    with endpoint.lock:
        if (refused := endpoint.answer(operation)) is not None:
            return refused
        try:
            return ("ok", address_term(getattr(endpoint.sock, method)(), endpoint.sock.family))
        except OSError as error:
            return ("error", reason_of(error))


def counted(endpoint: Endpoint, name: str) -> int:
    """One of the numbers of `inet:getstat/2`, but for `send_pend`."""
    counters = endpoint.rx if name.startswith("recv") else endpoint.tx
    with endpoint.lock:
        endpoint.inbound.settle()
        return int(abs(getattr(counters, name.partition("_")[2])))


def check_list(term: Term) -> None:
    """function_clause for what is no list."""
    if not isinstance(term, list):
        raise ErlangError("function_clause")
