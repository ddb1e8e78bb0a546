"""Histories: what a run is made of, drawn from a seed.  Data only; `actors.py` carries them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

Step = tuple[Any, ...]
"""A call by its name, and its arguments."""
BACKENDS = ("inet", "socket")
SIDES = ("a", "b")
_FINE = 32
"""Histories in a row that are fine, or not: to change that takes as long as half of one."""


@dataclass(frozen=True)
class Plan:
    """What one process does."""

    name: str
    side: str
    """"a" and "b"; "" for the network."""
    kind: str
    """gentcp, raw (plain system calls) or network."""
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Setting:
    """Where it happens."""

    backend: str
    packet: Any = 4
    options: dict[str, tuple[tuple[str, Any], ...]] = field(default_factory=dict)
    """By side."""
    connections: int = 1
    send_room: int = 2000
    receive_room: int = 2000
    overshoot: int = 0
    delay: float = 0.0
    """Seconds that something travels at most; 0: none."""
    piece: int = 0
    """Bytes that travel together at most; 0: as they come."""
    pace: int = 4
    haste: float = 0.0
    fine: bool = False
    """Whether tasks change places between any two statements of the engine."""
    schedule: int = 0


@dataclass(frozen=True)
class History:
    """A setting, and who does what in it."""

    seed: int
    setting: Setting
    plans: tuple[Plan, ...]

    def size(self) -> int:
        """Calls."""
        return sum(len(plan.steps) for plan in self.plans)

    def with_setting(self, **changes: Any) -> History:
        return replace(self, setting=replace(self.setting, **changes))

    def with_plans(self, plans: tuple[Plan, ...]) -> History:
        return replace(self, plans=plans)


# ---- drawing one


def draw(seed: int, backend: str) -> History:
    """The history of this seed."""
    random = Random(seed)
    setting = _setting(random, backend, seed)
    raw = random.random() < 0.5
    busy = random.random() < 0.25
    ours = _side(random, setting, "a", "gentcp", _BUSY if busy else _GENTCP)
    if raw:
        theirs = _side(random, setting, "b", "raw", _LAZY if busy else _RAW)
    else:
        theirs = _side(random, setting, "b", "gentcp", _GENTCP)
    plans = [*ours, *theirs]
    faults = _faults(random, setting)
    if faults:
        plans.append(Plan("network", "", "network", faults))
    return History(seed, setting, tuple(plans))


def _setting(random: Random, backend: str, seed: int) -> Setting:
    choice = random.choice
    fine = seed // _FINE % 4 == 0
    return Setting(
        backend=backend,
        fine=fine,
        packet=choice((0, 0, 1, 2, 4, 4, "line")),
        options={side: _options(random, backend) for side in SIDES},
        connections=choice((1, 1, 1, 2, 3)),
        send_room=choice((300, 1000, 4000)),
        receive_room=choice((200, 1000, 4000)),
        overshoot=choice((0, 0, 100, 800)),
        delay=choice((0.0, 0.0, 0.0005, 0.02, 0.5)),
        piece=choice((0, 0, 50, 300, 1000)),
        pace=choice((20, 50, 100, 400, 1000)) if fine else choice((0, 1, 2, 4, 10, 40)),
        haste=choice((0.0, 0.0, 0.05, 0.3)),
        schedule=random.getrandbits(32),
    )


def _options(random: Random, backend: str) -> tuple[tuple[str, Any], ...]:
    chance, choice = random.random, random.choice
    found: list[tuple[str, Any]] = [("active", choice((False, False, True, True, "once", 1, 3)))]
    if chance() < 0.7:
        found.append(("send_timeout", choice((0, 1, 30, 200, 2000))))
    if chance() < 0.15:
        found.append(("send_timeout_close", True))
    if chance() < 0.3:
        found.append(("exit_on_close", False))
    if chance() < 0.3:
        found.append(("show_econnreset", True))
    if chance() < 0.15:
        found.append(("linger", (True, choice((0, 1, 3)))))
    if backend == "inet":
        if chance() < 0.7:
            found += [("high_watermark", choice((1, 500, 2000))), ("low_watermark", choice((1, 300)))]
        if chance() < 0.15:
            found.append(("delay_send", True))
    if chance() < 0.2:
        found.append(("buffer", choice((60, 200, 1000))))
    return tuple(found)


def _side(random: Random, setting: Setting, side: str, kind: str, table: Table) -> list[Plan]:
    count = random.choice((1, 1, 2, 2, 3, 4)) if kind == "gentcp" else 1
    names = [f"{side}{index}" for index in range(count)]
    plans = []
    for index, name in enumerate(names):
        steps: list[Step] = []
        if not index:
            steps += _opening(random, setting, side)
        for _ in range(random.randint(1, 10)):
            dice = Dice(random, setting.packet, random.randrange(setting.connections), random.choice(names))
            steps.append(_weighted(random, table)(dice))
        if kind == "gentcp" and random.random() < 0.6:
            steps.append(("drain", random.randrange(setting.connections)))
        plans.append(Plan(name, side, kind, tuple(steps)))
    return plans


def _opening(random: Random, setting: Setting, side: str) -> list[Step]:
    found: list[Step] = []
    for connection in range(setting.connections):
        if side == "a":
            found.append(("connect", connection, random.choice((None, 100, 5000))))
        else:
            found += [("listen", connection), ("accept", connection, random.choice((None, 3000)))]
    if side == "b":
        found = [step for step in found if step[0] == "listen"] + [step for step in found if step[0] == "accept"]
    return found


@dataclass(frozen=True, slots=True)
class Dice:
    """What a step is drawn from: a connection, and a process of the same side."""

    random: Random
    packet: object
    at: int
    who: str

    def of(self, *values: Any) -> Any:
        """One of them."""
        return self.random.choice(values)

    def size(self) -> int:
        """Bytes of a payload."""
        size = self.of(1, 3, 20, 100, 100, 400, 1500, 4000)
        size = max(1, size - self.random.randrange(size // 2 + 1))
        return int(min(size, 255) if self.packet == 1 else max(size, 4) if self.packet == "line" else size)

    def time(self) -> int:
        """Milliseconds."""
        return int(self.of(0, 1, 20, 200, 3000))

    def length(self) -> int:
        """Of a recv."""
        return 0 if self.packet != 0 or self.random.random() < 0.6 else int(self.of(1, 5, 50, 700))

    def rest(self) -> float:
        """Seconds of a sleep."""
        return float(self.of(0.0001, 0.005, 0.05, 1.0, 6.0))


Draw = Callable[[Dice], Step]
Table = tuple[tuple[int, Draw], ...]


def _weighted(random: Random, table: Table) -> Draw:
    at = random.random() * sum(weight for weight, _ in table)
    for weight, found in table:
        at -= weight
        if at < 0:
            return found
    return table[-1][1]


_OPTIONS = (("send_timeout", 10), ("nodelay", True), ("linger", (True, 0)), ("exit_on_close", False), ("buffer", 50))
_GENTCP: Table = (
    (30, lambda dice: ("send", dice.at, dice.size())),
    (12, lambda dice: ("recv", dice.at, dice.length(), dice.time())),
    (4, lambda dice: ("recv", dice.at, dice.length(), None)),
    (3, lambda dice: ("recv_many", dice.at, dice.of(1, 3, 100), dice.time())),
    (10, lambda dice: ("receive", dice.time())),
    (2, lambda _: ("receive", None)),
    (8, lambda dice: ("active", dice.at, dice.of(True, False, "once", 1, 3, -2))),
    (5, lambda dice: ("hand_over", dice.at, dice.who)),
    (2, lambda dice: ("kill", dice.who)),
    (2, lambda dice: ("close", dice.at)),
    (2, lambda dice: ("shutdown", dice.at, dice.of("read", "write", "write", "read_write"))),
    (5, lambda dice: ("sleep", dice.rest())),
    (3, lambda dice: ("post", dice.who)),
    (2, lambda dice: ("getstat", dice.at)),
    (2, lambda dice: ("async_recv", dice.at, dice.length(), dice.time())),
    (1, lambda dice: ("option", dice.at, *dice.of(*_OPTIONS))),
)
_RAW: Table = (
    (20, lambda dice: ("send", dice.at, dice.size())),
    (20, lambda dice: ("read", dice.at, dice.of(1, 100, 1000, 10000))),
    (8, lambda dice: ("drain", dice.at)),
    (8, lambda dice: ("sleep", dice.rest())),
    (3, lambda dice: ("shutdown", dice.at, dice.of(0, 1, 1, 2))),
    (2, lambda dice: ("close", dice.at)),
    (2, lambda dice: ("reset", dice.at)),
)
# Many who send to one that hardly reads, and some who end.
_BUSY: Table = (
    (30, lambda dice: ("send", dice.at, dice.size())),
    (4, lambda dice: ("sleep", dice.rest())),
    (5, lambda dice: ("kill", dice.who)),
    (3, lambda dice: ("post", dice.who)),
    (3, lambda dice: ("receive", dice.time())),
    (1, lambda dice: ("close", dice.at)),
    (1, lambda dice: ("shutdown", dice.at, "write")),
)
_LAZY: Table = (
    (10, lambda dice: ("sleep", dice.rest())),
    (3, lambda dice: ("read", dice.at, dice.of(1, 100, 1000))),
)


def _faults(random: Random, setting: Setting) -> tuple[Step, ...]:
    if random.random() < 0.8:
        return ()
    found: list[Step] = []
    for _ in range(random.randint(1, 2)):
        at = random.randrange(setting.connections)
        found.append(("sleep", random.choice((0.0001, 0.01, 0.3, 4.0))))
        found.append(("lose", at))
        if random.random() < 0.7:
            found += [("sleep", random.choice((0.1, 2.0, 30.0))), ("mend", at)]
    return tuple(found)


# ---- what is sent


def payload(number: int, size: int, packet: Any) -> bytes:
    """Bytes that nothing else in a history is like: the number, and then a letter of its own."""
    letter = 33 + number * 37 % 200
    data = bytes((33 + number % 200, 33 + number // 200)) + bytes((letter,)) * max(0, size - 2)
    data = data[:size]
    return data[: size - 1] + b"\n" if packet == "line" else data


def framed(data: bytes, packet: Any) -> bytes:
    """As it goes over the wire."""
    return len(data).to_bytes(packet, "big") + data if isinstance(packet, int) and packet else data
