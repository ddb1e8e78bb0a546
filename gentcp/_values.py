"""Values of options: what the Python face is given as the terms that backends take, and back."""

from __future__ import annotations

import difflib
import math
import reprlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .errors import OptionError
from .options import ALLOWED, BY_NAME, TABLE, is_count, valid
from .terms import NotIodata, iodata_to_bytes

Term = Any
_MOST: Final = (1 << 31) - 1
LONGEST: Final = _MOST / 1000
"""Seconds; backends and the system calls behind them count milliseconds in 31 bits."""
TIME: Final = f"seconds from 0 to {_MOST // 1000}, or None for no limit"

OPENING: Final = {
    "ip": "cl", "ifaddr": "cl", "fd": "cl", "inet6": "cl", "netns": "cl", "protocol": "cl", "local_port": "c",
    "backlog": "l",
}  # fmt: skip
"""Options for making a socket, which are not in the table of options, and where they may be given."""

_RANGES: Final[dict[str, tuple[int, int]]] = {
    "line_delimiter": (0, 255), "buffer": (1, _MOST), "recbuf": (0, _MOST), "sndbuf": (0, _MOST),
    "high_watermark": (0, _MOST), "low_watermark": (0, _MOST), "high_msgq_watermark": (1, _MOST),
    "low_msgq_watermark": (1, _MOST), "priority": (0, _MOST), "tos": (0, 255), "ttl": (1, 255), "tclass": (0, 255),
    "keepcnt": (1, 127), "keepidle": (1, 32767), "keepintvl": (1, 32767),
}  # fmt: skip
"""Least and most of the numbers that have narrower bounds than their kind: those of Linux, whose refusal of a number
`inet` swallows."""

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


def check_name(name: object, where: str) -> None:
    """OptionError unless there is such an option where: "c" (connect), "l" (listen) or "s" (setopts, getopts)."""
    if not isinstance(name, str):
        raise OptionError("names", f"expected names of options, not {reprlib.repr(name)}")
    option = BY_NAME.get(name)
    places = OPENING.get(name) or (option.where + "s" if option is not None and not option.foreign else "")
    if not places:
        raise OptionError(name, "there is no such option" + _hint(name, where))
    if where not in places:
        raise OptionError(name, f"an option of {' and '.join(_CALLS[place] for place in places)} only")


def _hint(name: str, where: str) -> str:
    names = [option.name for option in TABLE if where in option.where + "s" and not option.foreign]
    close = difflib.get_close_matches(name, [*names, *OPENING], 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(names))}"


def terms(options: Mapping[str, object]) -> list[Term]:
    """The options in the list that backends take; names are checked already."""
    return [(name, term_of(name, value)) for name, value in options.items()]


def term_of(name: str, value: Any) -> Term:
    """The value of one option of the table as a backend takes it; OptionError when it is none."""
    kind = BY_NAME[name].kind
    if kind == "time":
        return milliseconds(name, value)
    if name == "user_timeout":
        return 0 if value is None else milliseconds(name, value)
    if kind == "linger":
        return (False, 0) if value is None else (True, math.ceil(_seconds(name, value)))
    if kind in ("int", "uint"):
        return number(name, value, *_RANGES.get(name, (0 if kind == "uint" else -_MOST - 1, _MOST)))
    if kind == "raw" and valid(name, value):
        return (*(number(name, part, -_MOST - 1, _MOST) for part in value[:2]), value[2])
    if kind == "active" and is_count(value):
        return value
    if kind == "binary" and isinstance(value, str):
        return value.encode()
    if not valid(name, value) or (kind == "packet" and not isinstance(value, (int, str))):
        raise OptionError(name, f"expected {ALLOWED[kind]}, not {reprlib.repr(value)}")
    return value


def _seconds(name: str, value: object) -> float:
    """A duration that has no other way to say "for ever"."""
    milliseconds(name, value)
    assert isinstance(value, (int, float))
    return value


def values(pairs: Iterable[tuple[Term, ...]]) -> dict[str, Any]:
    """What a backend answered to getopts."""
    return {name: value_of(name, term) for name, term in pairs}


def value_of(name: str, term: Term) -> Any:
    """The reverse of `term_of`."""
    if BY_NAME[name].kind == "time":
        return None if term == "infinity" else term / 1000
    if name == "user_timeout":
        return term / 1000 if term else None
    if name == "linger":
        return term[1] if term[0] else None
    if name == "packet":
        return term or "raw"
    if name == "pktoptions":
        return dict(term)
    return bytes(term).rstrip(b"\0") if name == "bind_to_device" else term
