"""What OTP's functions on ports say of what is no port; and how they take numbers."""

from __future__ import annotations

from typing import Any

from .errors import ErlangError
from .terms import is_int

Term = Any

_UNGUARDED = ("async_recv", "async_accept", "unrecv")
"""Functions that leave it to the runtime system to look at the port."""
_INFINITE = 0xFFFFFFFF


def no_port(module: str, function: str, *arguments: Term) -> Term:
    """The answer of `module:function` for a socket that is no port: what each of them raises, or einval."""
    if module == "erlang":
        raise ErlangError("badarg")
    if function in _UNGUARDED:
        if function != "unrecv":
            port_time(arguments[-1])
        if function == "async_recv":
            port_number(arguments[0])
        return ("error", "einval")
    raise ErlangError("function_clause")


def port_number(number: Term) -> int:
    """A number on its way to a driver, in 32 bits; badarith for anything else."""
    if type(number) is not int and not is_int(number):
        raise ErlangError("badarith")
    return number & 0xFFFFFFFF


def port_time(time: Term) -> float | None:
    """Milliseconds on their way to a driver, in seconds; every negative number means for ever."""
    if isinstance(time, (int, float)) and not isinstance(time, bool) and time < 0:
        return None
    number = port_number(time)
    return None if number == _INFINITE else number / 1000
