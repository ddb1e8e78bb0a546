"""Values of options: what the Python face is given as the terms that backends take, and back."""

from __future__ import annotations

import difflib
import math
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .errors import OptionError
from .options import ALLOWED, BY_NAME, CHECKS, OPENING, TABLE, is_count
from .terms import NotIodata, iodata_to_bytes

Term = Any
_MOST: Final = (1 << 31) - 1
LONGEST: Final = _MOST / 1000
"""Seconds; backends and the system calls behind them count milliseconds in 31 bits."""
TIME: Final = f"seconds from 0 to {_MOST // 1000}, or None for no limit"

_WHERE: Final = {option.name: option.where for option in TABLE}
_CALLS: Final = {"c": "connect", "l": "listen", "s": "setopts"}


def number(name: str, value: object, low: int, high: int) -> int:
    """An int from `low` to `high`; bool is none."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise OptionError(name, f"expected an int from {low} to {high}, not {reprlib.repr(value)}")


def milliseconds(name: str, value: object) -> int | str:
    """A duration in seconds as backends take it; what is not zero stays at least one millisecond."""
    if value is None:
        return "infinity"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LONGEST:
        return round(value * 1000) or math.ceil(value)
    raise OptionError(name, f"expected {TIME}, not {reprlib.repr(value)}")


def flat(data: object) -> bytes:
    """Iodata as bytes."""
    try:
        return iodata_to_bytes(data)
    except NotIodata as error:
        raise OptionError("data", str(error).removeprefix("data: ")) from None


def rest_of(rest: object) -> bytes:
    """What a send has left, as bytes."""
    if rest is None:
        raise OptionError("rest", "this send has left none to be sent; see SendTimeout.queued")
    try:
        return iodata_to_bytes(rest)
    except NotIodata as error:
        raise OptionError("rest", str(error).removeprefix("data: ")) from None


def check_name(name: object, where: str) -> None:
    """OptionError unless there is such an option where: "c" (connect), "l" (listen) or "s" (setopts, getopts)."""
    if not isinstance(name, str):
        raise OptionError("names", f"expected names of options, not {reprlib.repr(name)}")
    places = _WHERE.get(name)
    if not places:
        raise OptionError(name, "there is no such option" + _hint(name, where))
    if where not in places:
        raise OptionError(name, f"an option of {' and '.join(_CALLS[place] for place in places)} only")


def _hint(name: str, where: str) -> str:
    names = sorted(option.name for option in TABLE if where in option.where)
    close = difflib.get_close_matches(name, names, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(names)}"


def terms(options: Mapping[str, object]) -> list[Term]:
    """The options in the list that backends take; names are checked already."""
    return [(name, term_of(name, value)) for name, value in options.items()]


def term_of(name: str, value: Any) -> Term:
    """The value of one option of the table as a backend takes it; OptionError when it is none."""
    kind = BY_NAME[name].kind
    translate = _TERMS.get(kind)
    if translate is not None:
        return translate(name, value)
    if CHECKS[kind](value):
        return value
    raise _unfit(name, value)


def _unfit(name: str, value: object) -> OptionError:
    return OptionError(name, f"expected {ALLOWED[BY_NAME[name].kind]}, not {reprlib.repr(value)}")


def bounded(name: str, value: object) -> int:
    """A number within the bounds of its row."""
    option = OPENING.get(name) or BY_NAME[name]
    return number(name, value, *(option.bounds or (0 if option.kind == "uint" else -_MOST - 1, _MOST)))


def _limit(name: str, value: Any) -> int | str:
    return 0 if value is None else milliseconds(name, value)


def _linger(name: str, value: Any) -> Term:
    if value is None:
        return (False, 0)
    milliseconds(name, value)
    return (True, math.ceil(value))


def _raw(name: str, value: Any) -> Term:
    if not CHECKS["raw"](value):
        raise _unfit(name, value)
    level, option, data = value
    return (*(number(name, part, -_MOST - 1, _MOST) for part in (level, option)), data)


def _active(name: str, value: Any) -> Term:
    if CHECKS["active"](value) or is_count(value):
        return value
    raise _unfit(name, value)


def _device(name: str, value: Any) -> Term:
    if isinstance(value, (bytes, str)):
        return value if isinstance(value, bytes) else value.encode()
    raise _unfit(name, value)


_TERMS: Final[dict[str, Callable[[str, Any], Term]]] = {
    "time": milliseconds,
    "limit": _limit,
    "linger": _linger,
    "int": bounded,
    "uint": bounded,
    "raw": _raw,
    "active": _active,
    "device": _device,
}
"""The kinds of options that this face spells otherwise, or checks more closely."""


def values(pairs: Iterable[tuple[Term, ...]]) -> dict[str, Any]:
    """What a backend answered to getopts."""
    return {name: value_of(name, term) for name, term in pairs}


def value_of(name: str, term: Term) -> Any:
    """The reverse of `term_of`."""
    kind = BY_NAME[name].kind
    return _VALUES[kind](term) if kind in _VALUES else term


_VALUES: Final[dict[str, Callable[[Term], Any]]] = {
    "time": lambda term: None if term == "infinity" else term / 1000,
    "limit": lambda term: term / 1000 if term else None,
    "linger": lambda term: term[1] if term[0] else None,
    "packet": lambda term: term or "raw",
    "read only": dict,
    "device": lambda term: bytes(term).rstrip(b"\0"),
}
