"""How the arguments of each kind of step are drawn."""

from __future__ import annotations

from collections.abc import Callable

from ..term import Term
from . import choices
from .payloads import payload
from .program import Step, Zeros
from .scene import Scene

Drawer = Callable[[Scene], "Step | None"]
"""Draws a step, if there is what it needs."""

_COUNTERS = ("recv_cnt", "recv_oct", "send_cnt", "send_oct", "send_pend", "recv_max", "recv_avg", "send_max")
_SENT: tuple[Term, ...] = (b"", b"a", b"hello\n", b"y" * 300, [b"io", 32, [b"list"]], b"\x00\x00\x00\x01z")
_LIMIT = 100  # of calls that others make while the program goes on: longer than a few steps take
_LABEL = b"\x00\x03\x83a\x07"  # size, and 7 in the external format
_MUCH: tuple[Term, ...] = (Zeros(4194304), Zeros(4194304), Zeros(8388608), Zeros(300000), Zeros(100000))


def recv(s: Scene) -> Step:
    """A recv, that of another process mostly without a limit."""
    by, on = s.caller(), s.socket()
    length = s.draw.pick((0, 0, 1, 3, 10) if s.packet in {"raw", 0} else (0, 0, 0, 0, 3))
    if not by and not s.receiving:
        return s.step("recv", length, s.draw.pick((0, 30, 30)), on=on)
    if not by:  # on socket it may wait behind the other for ever
        return s.step("recv", length, s.draw.pick((0, 30)), on=on, by=s.other())
    s.receiving = True
    return s.step("recv", length, s.draw.pick((_LIMIT, "infinity", "infinity", "infinity")), on=on, by=by, waits=False)


def send(s: Scene) -> Step:
    """A send; where the peer does not read, a process of its own makes it."""
    if not s.stalled:
        return s.step("send", s.draw.pick(_SENT), on=s.socket(), by=s.caller())
    data = s.draw.pick((b"a", b"b", b"", Zeros(100000), Zeros(1000000), Zeros(4194304)))
    return s.step("send", data, on=s.socket(), by=s.other(), waits=s.draw.chance(0.5))


def send_much(s: Scene) -> Step:
    """A send that fills the buffers."""
    return s.step("send", s.draw.pick(_MUCH), on=s.socket(), by=s.other())


def setopts(s: Scene) -> Step:
    """One or two options."""
    if s.stalled and s.draw.chance(0.7):
        options = [choices.stalled_option(s.draw)]
    else:
        options = [choices.option(s.draw) for _ in range(s.draw.pick((1, 1, 1, 2)))]
    s.packet = choices.packet_of((("packet", s.packet), *options))
    s.active = choices.is_active(options, s.active)
    return s.step("setopts", list(options), on=s.socket(), by=s.caller())


def go_active(s: Scene) -> Step:
    """How data comes, alone."""
    value = s.draw.pick((True, False, "once", 1, 2))
    s.active = value is not False
    return s.step("setopts", [("active", value)], on=s.socket(), by=s.caller())


def getopts(s: Scene) -> Step:
    """Options asked for."""
    return s.step("getopts", choices.names(s.draw), on=s.socket(), by=s.caller())


def getstat(s: Scene) -> Step:
    """Counters asked for."""
    return s.step("getstat", s.draw.some(_COUNTERS, s.draw.number(1, 2)), on=s.socket(), by=s.caller())


def shutdown(s: Scene) -> Step:
    """Either side or both."""
    by = s.caller(0.6 if s.stalled else None)
    return s.step("shutdown", s.draw.pick(("read", "write", "read_write")), on=s.socket(), by=by)


def unrecv(s: Scene) -> Step:
    """Bytes put back."""
    return s.step("unrecv", s.draw.pick((b"u", b"un\n", b"\x00\x01q", b"")), on=s.socket(), by=s.caller())


def close(s: Scene) -> Step:
    """A close, which may take its time."""
    return s.step("close", on=s.socket(), by=s.caller(0.7 if s.stalled else None))


def give(s: Scene) -> Step:
    """Handing over, perhaps to somebody new, perhaps by who does not own it."""
    return s.step("give", s.other(), on=s.socket(), by=s.caller(0.15))


def monitor(s: Scene) -> Step:
    """A monitor of a socket."""
    to = s.new("m")
    s.references.append(to)
    return s.step("monitor", on=s.socket(), by=s.caller(), to=to)


def cancel_monitor(s: Scene) -> Step | None:
    """A monitor taken back, if there is one."""
    return s.step("cancel_monitor", on=s.draw.pick(s.references), by=s.caller(0.1)) if s.references else None


def accept(s: Scene) -> Step | None:
    """An accept, by others without a limit."""
    if not s.listeners:
        return None
    by, to = s.caller(), s.new("a")
    s.sockets.append(to)
    limit = s.draw.pick((0, 30, 30)) if not by else s.draw.pick((_LIMIT, "infinity", "infinity"))
    return s.step("accept", limit, on=s.draw.pick(s.listeners), by=by, waits=not by, to=to)


def raw_connect(s: Scene) -> Step | None:
    """A further peer."""
    if not s.listeners:
        return None
    to = s.new("p")
    s.peers.append(to)
    return s.step("peer_connects", on=s.draw.pick(s.listeners), to=to)


def peer_sends(s: Scene) -> Step | None:
    """Bytes from a peer."""
    return s.step("peer_sends", payload(s.draw, s.packet), on=s.peer()) if s.peers else None


def kill(s: Scene) -> Step | None:
    """The end of another process."""
    return s.step("kill", s.draw.pick(s.processes), on="") if s.processes else None


def end(s: Scene) -> Step | None:
    """The normal end of another process."""
    return s.step("end", s.draw.pick(s.processes), on="") if s.processes else None


def messages(s: Scene) -> Step:
    """A mailbox read, the owner's mostly."""
    by = s.draw.pick(s.processes) if s.processes and s.draw.chance(0.2) else ""
    return s.step("messages", on="", by=by)


def sendfile(s: Scene) -> Step:
    """A file of zeros."""
    size = s.draw.pick((0, 10, 5000) if not s.stalled else (10, 1000000, 8000000))
    by = s.other() if s.stalled else s.caller()
    return s.step("sendfile", size, on=s.socket(), by=by, waits=not by or s.draw.chance(0.6))


def sendfile_part(s: Scene) -> Step:
    """A part of a file of zeros."""
    size, offset, count = s.draw.pick((10, 5000)), s.draw.pick((0, 3, 6000)), s.draw.pick((0, 4, 100))
    return s.step("sendfile_part", size, offset, count, on=s.socket(), by=s.caller())


def async_recv(s: Scene) -> Step:
    """A recv that is answered by a message."""
    to, limit = s.new("r"), s.draw.pick((-1, -1, 0, _LIMIT))
    return s.step("async_recv", s.draw.pick((0, 0, 1, 3)), limit, on=s.socket(), by=s.caller(), to=to)


def async_accept(s: Scene) -> Step | None:
    """An accept that is answered by a message."""
    if not s.listeners:
        return None
    return s.step(
        "async_accept", s.draw.pick((-1, -1, _LIMIT)), on=s.draw.pick(s.listeners), by=s.caller(), to=s.new("r")
    )


def port_command(s: Scene) -> Step:
    """Data for the port, with the label that the driver wants since OTP 26: without one it ends the port."""
    return s.step("port_command", [_LABEL, s.draw.pick((b"", b"pc"))], on=s.socket(), by=s.caller())


def port_connect(s: Scene) -> Step:
    """Another owner for the port."""
    return s.step("port_connect", s.other(), on=s.socket(), by=s.caller(0.2))


def subscribe(s: Scene) -> Step:
    """Options of the port that only prim_inet gives."""
    names = s.draw.pick((["active"], ["packet", "mode"], ["read_packets"], ["header"], ["delay_send"]))
    return s.step("prim_getopts", names, on=s.socket(), by=s.caller())


def on_socket(kind: str) -> _Drawn:
    """A step of that kind on a socket, by anybody, without arguments."""
    return _Drawn(kind)


class _Drawn:
    def __init__(self, kind: str, *, peer: bool = False) -> None:
        self._kind, self._peer = kind, peer

    def __call__(self, s: Scene) -> Step | None:
        if self._peer:
            return s.step(self._kind, on=s.peer()) if s.peers else None
        return s.step(self._kind, on=s.socket(), by=s.caller())


def on_peer(kind: str) -> _Drawn:
    """A step of that kind by a peer."""
    return _Drawn(kind, peer=True)


def on_listener(kind: str) -> Drawer:
    """A step of that kind on a listener."""
    return lambda s: s.step(kind, on=s.draw.pick(s.listeners), by=s.caller()) if s.listeners else None


def look(s: Scene) -> Step:
    """A look at what the others' calls have come to."""
    return s.step("look", on="")


def wait(s: Scene) -> Step:
    """Some time for timers to run out."""
    return s.step("wait", s.draw.pick((60, 150)), on="")
