"""An act in words: its verb and arguments, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp_conformance.peer import Peer, RawListener
from gentcp_conformance.term import reason

from .events import Kind
from .naming import SHOWN
from .sizes import size

if TYPE_CHECKING:
    from .naming import Names
    from .recorder import Act, Recorder

_NAMED = (gentcp.Socket, gentcp.Listener, gentcp.Ref, Peer, RawListener)


@dataclass(frozen=True)
class Words:
    """See the fields of `Point`."""

    verb: str
    args: tuple[str, ...] = ()
    result: str = ""
    bound: str = ""
    messages: tuple[str, ...] = ()
    other: int = 0
    other_job: int = 0


def words(act: Act, names: Names, recorder: Recorder) -> Words:
    """What to say of an act; names things on the way, in the order of the acts."""
    match act.kind:
        case Kind.CALL:
            return _call(act, names)
        case Kind.PEER | Kind.STAGE:
            return _peer(act, names)
        case Kind.MESSAGES:
            return _messages(act, names)
        case Kind.UNTIL:
            return Words(act.verb)
        case Kind.SPAWN:
            lane, number = recorder.job_of(act)
            return Words(act.verb, tuple(names.argument(arg) for arg in act.args), other=lane, other_job=number)
        case _:
            return _of_task(act, names, recorder)


def _call(act: Act, names: Names) -> Words:
    args = tuple(names.argument(arg, act.verb if place < 2 else "") for place, arg in enumerate(act.args))
    if act.error is not None:
        return Words(act.verb, args, f"** {act.error.class_}: {names.result(reason(act.error.term), act.verb)}")
    bound = _bound(act.value, act.verb, names)
    return Words(act.verb, args, names.result(act.value, act.verb), bound)


def _bound(value: Any, verb: str, names: Names) -> str:
    """The variable for what a call made."""
    match value:
        case ("ok", int(port)) if verb == "inet:port":
            return names.port(port)
        case ("ok", made) if isinstance(made, _NAMED) and not names.known(made):
            return names.result(made)
        case made if isinstance(made, _NAMED) and not names.known(made):
            return names.result(made)
        case _:
            return ""


def _peer(act: Act, names: Names) -> Words:
    match act.verb:
        case "listen":
            # The listener before its port, as they come to be.
            args, bound = tuple(names.argument(arg) for arg in act.args), names.result(act.value)
            return Words(act.verb, args, names.port(act.value.port) if act.value.port else "", bound)
        case "connect":
            args = tuple(names.argument(arg, "gen_tcp:connect") for arg in act.args)
            return Words(act.verb, args, bound=names.result(act.value))
        case "closed_port":
            return Words(act.verb, bound=names.port(act.value))
        case "path":
            return Words(act.verb, bound=names.path(act.value))
        case "accept":
            return Words(act.verb, tuple(names.argument(arg) for arg in act.args), bound=names.result(act.value))
        case _:
            return Words(act.verb, tuple(names.argument(arg) for arg in act.args), _peer_result(act, names))


def _peer_result(act: Act, names: Names) -> str:
    """What a raw socket read: everything it wanted, or a part that the kernel decided."""
    value = act.value
    if act.verb in {"take", "drain"} and value is not None:
        data, end = value
        return f"{_read(data, names)}, {end}"
    if act.verb == "recv_exact" and value is not None:
        return _read(value, names)
    return "" if value is None else names.result(value)


def _read(data: bytes, names: Names) -> str:
    if not data:
        return ""
    return names.result(data) if len(data) <= SHOWN else size(len(data))


def _messages(act: Act, names: Names) -> Words:
    found = act.value if act.verb == "flush" else [act.value]
    verb = "await" if act.looked else act.verb
    args = tuple(names.argument(arg) for arg in act.args)
    return Words(verb, args, messages=tuple(names.result(message) for message in found or []))


def _of_task(act: Act, names: Names, recorder: Recorder) -> Words:
    lane, number = recorder.job_of(act)
    args = tuple(names.argument(arg) for arg in act.args)
    result = "" if act.value is None or act.verb == "start" else names.result(act.value)
    return Words(act.verb, args, result, other=lane, other_job=number)
