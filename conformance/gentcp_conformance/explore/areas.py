"""The areas, each with what its programs begin with and how often which kind of step comes: `generate` draws one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..term import Term
from . import choices
from .draw import Draw
from .kinds import KINDS
from .program import Program, Step
from .scene import Scene

_Options = Callable[[Draw], tuple[Term, ...]]
_Weights = tuple[tuple[str, float], ...]

_RECEIVING: _Weights = (("peer_sends", 22), ("recv", 20), ("setopts", 10), ("go_active", 3), ("messages", 6))
_SENDING: _Weights = (("send", 6), ("peer_reads", 3))
_ASKING: _Weights = (("getopts", 3), ("getstat", 3), ("sockname", 0.7), ("peername", 0.7), ("port", 0.6))
_ENDING: _Weights = (("peer_shuts", 2), ("peer_closes", 1), ("peer_resets", 1), ("shutdown", 2), ("close", 1))
_PLAIN: _Weights = (*_RECEIVING, *_SENDING, *_ASKING, *_ENDING, ("unrecv", 2))
_OTHERS: _Weights = (("kill", 3), ("end", 1), ("give", 3), ("look", 3), ("monitor", 1), ("cancel_monitor", 1))
_STALL: _Weights = (
    ("send", 16), ("kill", 4), ("look", 4), ("getstat", 3), ("peer_drains", 4), ("wait", 4), ("shutdown", 6),
    ("close", 4), ("peer_shuts", 2), ("peer_resets", 2), ("peer_closes", 2), ("peer_sends", 3), ("recv", 3),
    ("messages", 4), ("give", 2), ("setopts", 6), ("sendfile", 1), ("end", 1), ("monitor", 1),
)  # fmt: skip
_LISTEN: _Weights = (
    ("accept", 26), ("peer_connects", 20), ("peer_sends", 6), ("recv", 5), ("send", 3), ("setopts", 4), ("getopts", 4),
    ("close", 7), ("kill", 6), ("end", 2), ("give", 4), ("look", 4), ("messages", 4), ("port", 1), ("sockname", 1),
    ("peer_closes", 3), ("peer_resets", 2), ("peer_reads", 2), ("shutdown", 2), ("getstat", 1), ("info", 2),
    ("monitor", 2), ("cancel_monitor", 1), ("async_accept", 1),
)  # fmt: skip
_BOTH: _Weights = (
    ("send", 24), ("recv", 20), ("setopts", 9), ("go_active", 4), ("messages", 6), *_ASKING, ("shutdown", 6),
    ("close", 5), ("unrecv", 2), *_OTHERS, ("accept", 1),
)  # fmt: skip
_PRIM: _Weights = (
    ("async_recv", 18), ("port_command", 9), ("prim_getopts", 4), ("getstatus", 4), ("port_close", 2), ("is_port", 2),
    ("port_connect", 3), ("prim_close", 2), ("messages", 8), ("inet_close", 1), *_PLAIN, ("kill", 2), ("look", 2),
)  # fmt: skip
_SENDFILE: _Weights = (("sendfile", 26), ("sendfile_part", 12), ("wait", 2), *_PLAIN, ("kill", 2), ("look", 2))
_INFO: _Weights = (("info", 30), ("getstat", 12), *_PLAIN, *_OTHERS)


@dataclass(frozen=True)
class Area:
    """What an area is about, and what its programs are made of.

    `first` steps come before the others; `length` is how many others there are.  `peer` is whether there is a raw one.
    """

    name: str
    about: str
    weights: _Weights
    openings: tuple[str, ...] = ("accepted", "connected")
    families: tuple[str, ...] = ("inet",)
    options: _Options = choices.plain
    other: _Options | None = None
    environment: bool = False
    others: float = 0.0
    stalled: bool = False
    first: tuple[str, ...] = ()
    length: tuple[int, int] = (3, 10)
    rcvbufs: tuple[int, ...] = (0,)


AREAS = {
    area.name: area
    for area in (
        Area("plain", "one process: receiving with every packet type, sending, options, counters, ends", _PLAIN),
        Area("processes", "others that block, close, hand over and are killed", (*_PLAIN, *_OTHERS), others=0.4),
        Area(
            "stall", "a peer that does not read: senders, queues, timeouts, linger, ends", _STALL,
            options=choices.stalled, others=0.5, stalled=True, first=("send_much",), length=(2, 7),
            rcvbufs=(0, 0, 65536),
        ),
        Area(
            "listen", "listeners with a queue and several acceptors", _LISTEN, openings=("listening",),
            families=("inet", "inet", "inet6", "local"), options=choices.listening, others=0.5, length=(4, 11),
        ),
        Area(
            "both", "both ends are sockets of the subject", _BOTH, openings=("both",),
            families=("inet", "inet", "inet6", "local"), other=choices.listening, others=0.25,
        ),
        Area("prim", "prim_inet, asynchronous calls and port commands", _PRIM, others=0.15),
        Area(
            "defaults", "options that sockets begin with, by the kernel application's environment", _PLAIN,
            openings=("accepted", "connected", "both"), other=choices.plain, environment=True, length=(1, 5),
        ),
        Area("sendfile", "files sent, whole and in part", _SENDFILE, others=0.2),
        Area("info", "what inet:info and the counters say in each state", _INFO, others=0.3),
    )
}  # fmt: skip


def generate(seed: int, number: int, name: str) -> Program:
    """The program with that number of a seed, the same on every machine."""
    draw, area = Draw(seed, number, name), AREAS[name]
    opening, options = draw.pick(area.openings), area.options(draw)
    other = area.other(draw) if area.other and opening == "both" else ()
    scene = _scene(draw, area, opening, options)
    steps = [*(KINDS[kind].draw(scene) for kind in area.first)]
    for _ in range(draw.number(*area.length)):
        steps.append(KINDS[_next(scene, area, steps[-1] if steps else None)].draw(scene))
    return Program(
        name, opening, options, _drawn(steps), other, draw.pick(area.families), draw.pick(area.rcvbufs),
        _environment(draw) if area.environment else (),
    )  # fmt: skip


def _next(scene: Scene, area: Area, last: Step | None) -> str:
    """The next kind of step: by weight, but what has been sent is received more often than not."""
    draw, kind = scene.draw, ""
    if last is not None and last.kind in {"peer_sends", "send"} and not scene.stalled and draw.chance(0.45):
        kind = draw.pick(("messages", "go_active", "peer_sends")) if scene.active else "recv"
    kind = kind or draw.weighted(area.weights)
    if kind == "recv" and scene.active and draw.chance(0.6):
        kind = draw.pick(("go_active", "messages"))
    return kind if kind != "peer_sends" or scene.peers else "send"


def _scene(draw: Draw, area: Area, opening: str, options: tuple[Term, ...]) -> Scene:
    scene = Scene(draw, choices.packet_of(options), area.others, area.stalled)
    scene.active = choices.is_active(options, before=True)
    if opening == "both":
        scene.sockets, scene.peers = ["s", "t"], []
    if opening in {"both", "listening"}:
        scene.listeners = ["l"]
    if opening == "listening":
        scene.sockets, scene.peers = ["l"], []
    return scene


def _drawn(steps: list[Step | None]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step is not None)


def _environment(draw: Draw) -> tuple[tuple[str, tuple[Term, ...]], ...]:
    found = [("connect", _defaults(draw)), ("listen", _defaults(draw))]
    return tuple(found[: draw.number(1, 2)])


def _defaults(draw: Draw) -> tuple[Term, ...]:
    return tuple(choices.option(draw) for _ in range(draw.number(1, 3)))
