"""`inet:i/0,1,2`: a table of the sockets that there are."""

from __future__ import annotations

import sys
from typing import Final

from gentcp.abc import SocketHandle, Term
from gentcp.engine import STATISTICS
from gentcp.errors import ErlangError
from gentcp.process import Process, processes

from . import _inet_names, _inet_parse

_PROTOCOLS: Final = ("tcp", "udp", "sctp")
_SHORT: Final = {
    "accepting": "A", "bound": "BD", "busy": "BY", "connected": "CD", "connecting": "CG", "listen": "LN",
    "listening": "LG", "open": "O", "selected": "SD",
}  # fmt: skip
_LONG: Final = (
    (("accepting",), "ACCEPTING"), (("bound", "busy", "connected"), "CONNECTED(BB)"),
    (("bound", "connected"), "CONNECTED(B)"), (("bound", "listen"), "LISTEN"),
)  # fmt: skip
"""By what a sorted list of flags begins with; other lists are spelt out."""
_WHOLE: Final[dict[tuple[str, ...], str]] = {
    ("bound", "open"): "BOUND",
    ("connected", "open"): "CONNECTED(O)",
    ("open",): "IDLE",
    (): "CLOSED",
}
_HERE: Final = ((0,) * 4, (0,) * 8)
_LOOPBACK: Final = ((127, 0, 0, 1), (0, 0, 0, 0, 0, 0, 0, 1))


def counters() -> list[str]:
    """See `inet.stats`."""
    return list(STATISTICS)


def show(protocol: Term, options: Term) -> str:
    """Print the table, and nothing when there are no sockets; other protocols have none here.  See `inet.i`."""
    if options is None and (protocol == "show_ports" or isinstance(protocol, list)):
        protocol, options = "tcp", protocol
    if protocol is None:
        protocol = "tcp"
    if protocol not in _PROTOCOLS:
        raise ErlangError("function_clause")
    fields = _all(options == "show_ports") if options in (None, "show_ports") else options
    _print(_rows(_sockets() if protocol == "tcp" else [], fields))
    return "ok"


def _all(ports: bool) -> list[Term]:
    addresses = [("local_address", ports), ("foreign_address", ports)]
    return ["port", "module", "recv", "sent", "owner", *addresses, "state", "type"]


def _sockets() -> list[SocketHandle]:
    """Those of all processes, the ports first."""
    owned = [thing for process in processes() for thing in process.owned if isinstance(thing, SocketHandle)]
    return sorted(owned, key=lambda handle: (not handle.is_port, handle.fileno()))


def _rows(sockets: list[SocketHandle], fields: Term) -> list[list[str]]:
    if not isinstance(fields, list):
        raise ErlangError(("bad_generator", fields) if sockets else "badarg")
    lines = [[_field(handle, field) for field in fields] for handle in sockets]
    return [[_heading(field) for field in fields], *lines] if lines else []


def _heading(field: Term) -> str:
    name: str = field[0] if isinstance(field, tuple) else field
    return " ".join(part.capitalize() for part in name.split("_"))


def _print(rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        sys.stdout.write("".join(cell.ljust(width) + " " for cell, width in zip(row, widths, strict=True)) + "\n")


# ---- one cell


def _field(handle: SocketHandle, field: Term) -> str:
    name, with_port = field if isinstance(field, tuple) and len(field) == 2 else (field, False)
    match name:
        case "port":
            return str(handle.fileno()) if handle.is_port else f"esock[{handle.fileno()}]"
        case "fd":
            return str(handle.fileno())
        case "module":
            return _module(handle)
        case "recv" | "sent":
            return _value(handle.getstat(["recv_oct" if name == "recv" else "send_oct"]))
        case "packet":
            return _value(handle.getopts(["packet"]))
        case "owner":
            owner = handle.info().get("owner")
            return f"<{owner.name}>" if isinstance(owner, Process) else " "
        case "local_address":
            return _name(handle.sockname(), with_port is True)
        case "foreign_address":
            return _name(handle.peername(), with_port is True)
        case "state":
            return _status(handle.info())
        case "type":
            return "STREAM"
        case _:
            raise ErlangError(("case_clause", field))


def _value(result: Term) -> str:
    return str(result[1][0][1]) if result[0] == "ok" and result[1] else " "


def _module(handle: SocketHandle) -> str:
    if not handle.is_port:
        return "gen_tcp_socket"
    found = handle.primitive("inet_db", "lookup_socket")
    return str(found[1]) if found[0] == "ok" else "prim_inet"


def _name(result: Term, with_port: bool) -> str:
    match result:
        case ("error", "enotconn"):
            return "*:*"
        case ("ok", ("local", path)):
            return f"local:{path.decode('latin-1')}"
        case ("ok", (ip, port)):
            host = "*" if ip in _HERE else "localhost" if ip in _LOOPBACK else str(_inet_parse.ntoa(ip))
            return f"{host}:{_port(port, with_port)}"
        case _:
            return " "


def _port(number: int, as_number: bool) -> str:
    found = ("error", "einval") if as_number else _inet_names.getservbyport(number, "tcp")
    return str(found[1]) if found[0] == "ok" else str(number)


def _status(info: dict[str, Term]) -> str:
    reading, writing = info.get("rstates", []), info.get("wstates", [])
    flags: tuple[str, ...] = tuple(
        sorted(info.get("states", [*reading, *(flag for flag in writing if flag not in reading)]))
    )
    for start, text in _LONG:
        if flags[: len(start)] == start:
            return text
    return _WHOLE.get(flags) or ":".join([_SHORT.get(flag) or flag.upper() for flag in flags])
