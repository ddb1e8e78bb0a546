"""Options as programs set them: values by name, and lists of them for each area."""

from __future__ import annotations

from collections.abc import Sequence

from ..term import Term
from .draw import Draw
from .payloads import PACKETS

_VALUES: dict[str, tuple[Term, ...]] = {
    "active": (True, False, "once", 1, 2, 3, -1, 0),
    "packet": PACKETS,
    "packet_size": (0, 1, 5, 10, 100),
    "mode": ("list", "binary"),
    "buffer": (1, 5, 16, 100, 2000),
    "exit_on_close": (True, False),
    "send_timeout": (0, 50, "infinity"),
    "send_timeout_close": (True, False),
    "show_econnreset": (True, False),
    "deliver": ("term",),
    "line_delimiter": (10, 97, 0),
    "delay_send": (True, False),
    "nodelay": (True, False),
    "header": (0, 1, 2),
    "recbuf": (2000, 8000),
    "high_watermark": (1, 100, 10000),
    "low_watermark": (1, 50, 5000),
    "keepalive": (True,),
    "linger": ((True, 0), (False, 0)),
    "read_packets": (1, 5),
    "high_msgq_watermark": (1, 1000),
}

_OFTEN: dict[str, tuple[Term, ...]] = {
    "active": (True, False, "once", 1),
    "packet": ("raw", "raw", "raw", "raw", 1, 2, 4, "line"),
    "packet_size": (1, 5, 10),
    "buffer": (1, 5, 16, 100),
    "mode": ("list", "binary"),
    "exit_on_close": (True, False),
    "show_econnreset": (True,),
    "header": (1, 2),
    "line_delimiter": (97, 0),
}
"""What decides how data are cut and delivered."""

_STALLED: tuple[tuple[str, tuple[Term, ...], float], ...] = (
    ("send_timeout", (0, 100, 100, "infinity"), 0.7),
    ("sndbuf", (65536,), 0.4),
    ("send_timeout_close", (True,), 0.18),
    ("high_watermark", (1, 100000), 0.18),
    ("low_watermark", (50,), 0.18),
    ("delay_send", (True,), 0.18),
    ("exit_on_close", (False,), 0.18),
    ("show_econnreset", (True,), 0.18),
    ("linger", ((True, 0), (True, 1)), 0.18),
)
_LATER: tuple[tuple[str, Term], ...] = (
    ("active", True), ("active", False), ("send_timeout", 100), ("send_timeout_close", True),
    ("high_watermark", 10000000), ("low_watermark", 1), ("packet", "raw"), ("linger", (True, 0)), ("delay_send", True),
    ("exit_on_close", False), ("nodelay", True),
)  # fmt: skip
_BEGINNING: tuple[Term, ...] = (False, False, False, False, True, "once", 1, 2, 3)
_NAMES = (
    "active", "packet", "packet_size", "mode", "buffer", "header", "exit_on_close", "send_timeout", "delay_send",
    "line_delimiter", "deliver", "show_econnreset", "send_timeout_close", "high_watermark", "low_watermark", "nodelay",
    "linger", "keepalive",
)  # fmt: skip


def option(draw: Draw) -> tuple[str, Term]:
    """An option with a value; those about how data come are the most frequent."""
    if draw.chance(0.6):
        return _of(draw, draw.pick(tuple(_OFTEN)), _OFTEN)
    return _of(draw, draw.pick(tuple(_VALUES)), _VALUES)


def stalled_option(draw: Draw) -> tuple[str, Term]:
    """An option to be set while a peer does not read."""
    return draw.pick(_LATER)


def names(draw: Draw) -> list[str]:
    """Names to be asked for."""
    return draw.some(_NAMES, draw.number(1, 2))


def plain(draw: Draw) -> tuple[Term, ...]:
    """Options to begin with: how data comes, and up to two more."""
    packet = draw.pick(PACKETS if draw.chance(0.4) else _OFTEN["packet"])
    found: list[Term] = [draw.pick(("binary", "binary", "list"))]
    found += [("packet", packet)] if packet != "raw" else []
    found += [("active", draw.pick(_BEGINNING))]
    more = [option(draw) for _ in range(draw.pick((0, 0, 1, 2)))]
    return (*found, *(each for each in more if each[0] not in {"active", "packet", "mode", "linger"}))


def stalled(draw: Draw) -> tuple[Term, ...]:
    """Options of a socket whose peer does not read."""
    active, packet = draw.pick((False, False, True, "once")), draw.pick(("raw", "raw", 4, 2, "line"))
    more = [(name, draw.pick(values)) for name, values, share in _STALLED if draw.chance(share)]
    return ("binary", ("active", active), ("packet", packet), *more)


def listening(draw: Draw) -> tuple[Term, ...]:
    """Options of a listener, which its accepted sockets inherit."""
    found: list[Term] = [*plain(draw)]
    if draw.chance(0.4):
        found.append(("backlog", draw.pick((0, 1, 5))))
    if draw.chance(0.2):
        found.append(("linger", draw.pick(((True, 0), (True, 1)))))
    return tuple(found)


def packet_of(options: tuple[Term, ...]) -> Term:
    """The packet type that a list of options sets."""
    found = [each[1] for each in options if isinstance(each, tuple) and each[0] == "packet"]
    return found[-1] if found else "raw"


def is_active(options: Sequence[Term], before: bool) -> bool:
    """Whether data come as messages after these options."""
    found = [each[1] for each in options if isinstance(each, tuple) and each[0] == "active"]
    return found[-1] is not False if found else before


def _of(draw: Draw, name: str, values: dict[str, tuple[Term, ...]]) -> tuple[str, Term]:
    return (name, draw.pick(values[name]))
