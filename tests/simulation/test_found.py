"""Histories, made short, that have shown faults of the engine; each is run with many schedules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .history import History, Plan, Setting
from .run import Simulation, simulation

_SCHEDULES = 150


def _history(setting: Setting, **plans: tuple[tuple[object, ...], ...]) -> History:
    """Plans by name; those of side "b" without a letter more than that are plain sockets."""
    made = []
    for name, steps in plans.items():
        kind = "raw" if name == "b" else "gentcp"
        made.append(Plan(name, name[0], kind, steps))
    return History(0, setting, tuple(made))


def _setting(backend: str, **changes: object) -> Setting:
    options = {"a": (), "b": ()}
    options.update(changes.pop("options", {}))  # type: ignore[call-overload]
    return Setting(backend, options=options, send_room=1000, receive_room=1000, **changes)  # type: ignore[arg-type]


def _handed_on(backend: str) -> History:
    return _history(
        _setting(backend, pace=1),
        a0=(("connect", 0, None), ("hand_over", 0, "a1")),
        a1=(*(("hand_over", 0, "a2"),) * 3, ("receive", None)),
        a2=(("sleep", 1.0), ("close", 0)),
        b=(("listen", 0), ("accept", 0, None)),
    )


FOUND = {
    "a close that lingers, killed while another polls": _history(
        _setting("socket", options={"a": (("linger", (True, 1)),)}),
        a0=(("connect", 0, None), ("kill", "a2"), ("send", 0, 1110)),
        a2=(("close", 0),),
        b=(("listen", 0),),
    ),
    "handed over to one that ends": _history(
        _setting("socket", packet=0, piece=7, pace=1),
        a0=(("connect", 0, 100), ("send", 0, 13), ("hand_over", 0, "a1")),
        a1=(("active", 0, 3),),
        b=(("listen", 0), ("accept", 0, 3000), ("send", 0, 3)),
    ),
    "handed over, and closed meanwhile": _history(
        _setting("socket"),
        a0=(("connect", 0, None), ("hand_over", 0, "a1")),
        a1=(("receive", None),),
        a2=(("close", 0),),
        b=(("listen", 0), ("accept", 0, None)),
    ),
    "handed on before it has been handed over, inet": _handed_on("inet"),
    "handed on before it has been handed over, socket": _handed_on("socket"),
    "sent while somebody closes with linger 0": _history(
        _setting("inet", packet=0, piece=1000, pace=0, options={"a": (("linger", (True, 0)),)}),
        a0=(("connect", 0, 100), ("send", 0, 4799), ("send", 0, 17)),
        a1=(("send", 0, 4799), ("close", 0)),
        b=(("listen", 0),),
    ),
    "shutdown of both sides behind a queue, with half a packet read": _history(
        _setting("inet", delay=0.5, piece=100, options={"a": (("active", False),)}),
        a0=(("connect", 0, None), ("send", 0, 4872), ("receive", 3000)),
        a1=(("recv", 0, 0, 3000),),
        a2=(("send", 0, 5), ("receive", 1000), ("shutdown", 0, "read_write")),
        b=(("listen", 0), ("accept", 0, 3000), ("send", 0, 1308)),
    ),
    "shutdown reads for the second in the line": _history(
        _setting("socket", packet=0, delay=0.02, piece=100, pace=0, haste=0.05, options={"b": (("active", False),)}),
        a0=(("connect", 0, 100), ("recv", 0, 5, None), ("send", 0, 77)),
        b0=(("listen", 0), ("accept", 0, 3000), ("send", 0, 16), ("recv", 0, 0, None), ("shutdown", 0, "read")),
        b1=(("active", 0, "once"), ("active", 0, -2), ("recv", 0, 0, None)),
    ),
    "closed between two looks of a send": _history(
        _setting("socket", packet=2, delay=0.5, pace=0, options={"a": (("linger", (True, 3)),)}),
        a0=(("connect", 0, None), ("sleep", 0.05)),
        a1=(("send", 0, 1),),
        a2=(("close", 0),),
        a3=(("send", 0, 3370),),
        b0=(("listen", 0),),
    ),
    "recv while the socket is made active and passive again": _history(
        _setting("inet", packet=1, options={"a": (("active", False),)}, haste=0.3),
        a0=(("connect", 0, None), ("recv", 0, 0, None)),
        a1=(("active", 0, True), ("receive", 0), ("active", 0, False)),
        b0=(("listen", 0), ("accept", 0, None), ("send", 0, 3), ("send", 0, 3), ("send", 0, 3)),
    ),
    "killed while it opens a listener": _history(
        _setting("inet", pace=1),
        b0=(("listen", 0),),
        b1=(("kill", "b0"),),
    ),
    "async_recv of the owner between two messages": _history(
        _setting("inet", packet=4, options={"a": (("active", "once"),)}),
        a0=(
            ("connect", 0, None),
            ("receive", None),
            ("async_recv", 0, 0, 200),
            ("receive", None),
            ("active", 0, "once"),
            ("receive", None),
        ),
        b0=(("listen", 0), ("accept", 0, None), ("send", 0, 74), ("sleep", 1.0), ("send", 0, 52)),
    ),
    "two in a blocking recv, and one who sleeps for long": _history(
        _setting("inet", packet=1, pace=20, options={"a": (("active", False),)}, connections=2),
        a0=(("connect", 0, None), ("connect", 1, 100), ("sleep", 6.0)),
        a1=(("recv", 0, 0, None),),
        a2=(("recv", 1, 0, None),),
        b=(("listen", 0), ("listen", 1)),
    ),
    "active while one is overtaken in a blocking recv": _history(
        _setting("socket", packet=0, delay=0.02, pace=0, options={"a": (("active", False),)}),
        a0=(("connect", 0, None), ("sleep", 0.1), ("active", 0, False), ("recv", 0, 0, None)),
        a1=(("recv", 0, 700, None),),
        a2=(("sleep", 1.0), ("active", 0, 3)),
        b0=(("listen", 0), ("accept", 0, None), ("sleep", 2.0), ("close", 0)),
    ),
    "recv while the socket is active for a while": _history(
        _setting("inet", packet=2, options={"a": (("active", False),)}),
        a0=(("connect", 0, 5000), ("recv", 0, 0, None)),
        a1=(("active", 0, 1),),
        b0=(("listen", 0), ("accept", 0, None), ("send", 0, 1211)),
    ),
}


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulation]:
    with simulation() as found:
        yield found


@pytest.mark.parametrize("name", FOUND)
def test_it_holds_with_every_schedule(name: str, simulated: Simulation) -> None:
    for schedule in range(_SCHEDULES):
        outcome = simulated.run(FOUND[name].with_setting(schedule=schedule))
        assert not outcome.violations, "\n".join((f"schedule {schedule}", *outcome.log, *outcome.violations))
