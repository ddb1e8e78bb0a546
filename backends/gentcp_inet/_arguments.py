"""Arguments as the driver takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.abc import Result, Term, Time
from gentcp.errors import ErlangError
from gentcp.terms import is_int

from ._states import CLOSED

if TYPE_CHECKING:
    from ._port import InetPort


def seconds(time: Time) -> float | None:
    """The driver takes times as unsigned 32-bit numbers, the largest (-1) being infinity."""
    if time == "infinity":
        return None
    if type(time) is not int and not is_int(time):
        raise ErlangError("function_clause")
    time &= 0xFFFFFFFF
    return None if time == 0xFFFFFFFF else time / 1000


def recv_numbers(port: InetPort, length: Term, timeout: Time) -> tuple[int, float | None] | Result:
    """The length and the seconds of a recv, or what it returns at once; whether gen_tcp knows the port or not."""
    if port.state is CLOSED and not port.closing:
        return ("error", "closed")
    if not is_int(length) or length < 0:
        raise ErlangError("function_clause")
    return (_int32(length) if length > 0x7FFFFFFF else length), seconds(timeout)


def _int32(number: int) -> int:
    """A length reaches the driver in 32 bits, signed: 2^31 and more come out as 0 or as what is left."""
    number &= 0xFFFFFFFF
    return number if number < 0x80000000 else 0
