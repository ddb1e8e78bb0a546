"""Who they are, by name, with the module each is in and what that is started with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model import OFTEN, SELDOM, Contestant, Goal
from ..sides import Program

BACKENDS = ("inet", "socket")


@dataclass(frozen=True)
class Peer:
    """`program(role)` gives what a side runs in it."""

    name: str
    module: str
    args: tuple[Any, ...] = ()
    needs: tuple[str, ...] = ()

    def program(self, role: str, *args: Any) -> Program:
        return Program(self.module, role, (*self.args, *args))


RAW = Peer("raw", "raw_blocking")
RAW_EPOLL = Peer("raw_epoll", "raw_epoll")
UVLOOP = Peer("uvloop protocol", "asyncio_protocol", ("uvloop",), ("uvloop",))
UVLOOP_STREAMS = Peer("uvloop streams", "asyncio_streams", ("uvloop",), ("uvloop",))
OTHERS = (
    UVLOOP_STREAMS,
    Peer("asyncio protocol", "asyncio_protocol", ("asyncio",)),
    Peer("asyncio streams", "asyncio_streams", ("asyncio",)),
    Peer("gevent", "gevent_sockets", needs=("gevent",)),
    Peer("trio", "trio_streams", needs=("trio",)),
    Peer("Twisted", "twisted_protocols", needs=("twisted",)),
    Peer("Erlang inet", "erlang_vm", ("inet",), ("erl",)),
    Peer("Erlang socket", "erlang_vm", ("socket",), ("erl",)),
)
GENTCP = tuple(Peer(f"gentcp {backend}", "gentcp_python", (backend,)) for backend in BACKENDS)
GENTCP_AIO = (
    Peer("gentcp.aio, asyncio", "gentcp_aio", ("asyncio",), ("gentcp.aio",)),
    Peer("gentcp.aio, uvloop", "gentcp_aio", ("uvloop",), ("gentcp.aio", "uvloop")),
)
AIO_GOALS = (
    (Goal(1.2, "asyncio protocol"), Goal(1.5, "asyncio streams")),
    (Goal(1.0, "uvloop streams"),),
)
"""Of each of them."""
GENTCP_ERLANG = tuple(Peer(f"gentcp {backend}, Erlang face", "gentcp_erlang", (backend,)) for backend in BACKENDS)


def orientation(
    role: str, *args: Any, base: str = "raw", peers: tuple[Peer, ...] = (UVLOOP, *OTHERS)
) -> list[Contestant]:
    """The peers in a role; `OTHERS` in some rounds only."""
    return [
        Contestant(peer.name, (peer.program(role, *args),), base=base, needs=peer.needs,
                   every=SELDOM if peer in OTHERS else OFTEN)
        for peer in peers
    ]  # fmt: skip
