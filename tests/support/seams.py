"""Where tests and mutants reach into the engine and the backends: each place by a name, and only here by where it is.

A seam is a function, method, class or variable, written as "module:name" or "module:Class.name".  Tests patch it with
`monkeypatch.setattr(*seam("..."), change)`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

BACKENDS = ("inet", "socket")
PACKAGES = tuple(f"gentcp_{name}" for name in BACKENDS)
ENTERED = (*PACKAGES, "gentcp.engine")
"""Packages in whose modules sockets have states,"""
STATEFUL = (*ENTERED, "gentcp.erl", "gentcp")
"""and in whose modules somebody might set one."""
SET_THE_STATE = {("engine", "__init__"), ("engine", "become")}
"""The functions that do, by folder: that of a new socket, and the change."""
ENTERS, TRANSITS = "_enter", "transit"
"""The method that puts a socket into a state, and the only one that calls it."""

_DRIVER = "gentcp.engine.driver"
_READER = "gentcp.engine.reader:Reader"
_ENDPOINT = "gentcp.engine.endpoint:Endpoint"
_INBOUND = "gentcp.engine.inbound:Inbound"
_PROCESS = "gentcp.process:Process"
_HANDLE = {"inet": "gentcp_inet._port:InetPort", "socket": "gentcp_socket._handle:SocketSocket"}
_SENDING = "gentcp_inet._sending"
_SHUTTING = "gentcp_inet._shutting"
_INET_SETTINGS = "gentcp_inet._settings:InetSettings"


def _both(place: str) -> dict[str, str]:
    return dict.fromkeys(BACKENDS, place)


def _of(classes: dict[str, str], method: str) -> dict[str, str]:
    """A method that each backend has its own of."""
    return {backend: f"{where}.{method}" for backend, where in classes.items()}


SEAMS: dict[str, dict[str, str]] = {
    # recv, and what is read.  Those that begin with "recv," run in the process that receives.
    "recv, blocking": _both("gentcp.engine.blocking:recv_blocking"),
    "recv, first poll": _both(f"{_READER}._recv_timed"),
    "recv, polling": _both("gentcp.engine.blocking:wait"),
    "recv, one read": _both(f"{_READER}.read_packet"),
    "recv refused": _of(_HANDLE, "refuse_recv"),
    "recv expired": _of(_HANDLE, "on_expired"),
    "so many bytes": _both(f"{_INBOUND}.take_bytes"),
    "put back": {"inet": f"{_INBOUND}.push_back"},
    # messages
    "data for the mailbox": _both(f"{_ENDPOINT}.on_ready"),
    "a packet for the owner": _both(f"{_ENDPOINT}.tell_data"),
    "a message for the owner": _both(f"{_ENDPOINT}.tell"),
    "the next active": _both(f"{_ENDPOINT}.set_active"),
    "hand over": _both(f"{_ENDPOINT}.hand_over"),
    "monitors": _both(f"{_ENDPOINT}.fire_monitors"),
    # events and states
    "end of the stream": _of(_HANDLE, "on_fin"),
    "reading failed": _of(_HANDLE, "on_broken"),
    "no packet": _of(_HANDLE, "on_misframed"),
    "transition": _of(_HANDLE, TRANSITS),
    "step": {"inet": "gentcp_inet._port:step", "socket": "gentcp_socket._handle:step"},
    # send, and its queue
    "send": _of(_HANDLE, "send"),
    "can sendfile": {"inet": "gentcp_inet._sendfile:CAN_SENDFILE", "socket": "gentcp_socket._beginning:CAN_SENDFILE"},
    "send overdue": {"inet": f"{_SENDING}:overdue", "socket": "gentcp_socket._sending:overdue"},
    "send blocked": {"inet": f"{_SENDING}:overdue"},
    "the send queue": {"inet": "gentcp_inet._queue:SendQueue"},
    "the rest of a send": {"socket": "gentcp_socket._sending:rest_of"},
    "drop the queue": {"inet": f"{_SENDING}:drop_queue"},
    "shutdown": {"inet": f"{_SENDING}:shut"},
    "a send is queued": {"inet": f"{_SENDING}:enqueue"},
    "down to the low watermark": {"inet": f"{_SENDING}:relieve"},
    "those who wait go on": {"inet": f"{_SENDING}:settle"},
    "a blocked sender gives up": {"inet": "gentcp_inet._operations:Sender.give_up"},
    "a writer steps aside": {"socket": "gentcp_socket._writer:DirectWriter.step_aside"},
    "close waits": {"inet": f"{_SHUTTING}:_drained"},
    "close's patience": {"inet": f"{_SHUTTING}:_PATIENCE"},
    "close's longest wait": {"inet": f"{_SHUTTING}:_LONGEST"},
    "statistics": {"inet": "gentcp_inet._info:counted"},
    # the contract
    "accept": _of(_HANDLE, "accept"),
    "close": _of(_HANDLE, "close"),
    "controlling_process": _of(_HANDLE, "controlling_process"),
    "setopts": _of(_HANDLE, "setopts"),
    # options
    "settings": {"inet": f"{_INET_SETTINGS}._derive", "socket": "gentcp.engine.settings:Settings._derive"},
    "watermarks": {"inet": f"{_INET_SETTINGS}._derive"},
    "line length": {"inet": f"{_INET_SETTINGS}.line_length"},
    "system option": {"inet": "gentcp_inet._options:set_option", "socket": "gentcp_socket._options:set_option"},
    "apply options": {"inet": "gentcp_inet._options:apply", "socket": "gentcp_socket._options:apply"},
    # processes, and the driver
    "a waiter goes on": _both("gentcp.engine.waiting:go_on"),
    "serve a mailbox": _both(f"{_PROCESS}.pump"),
    "wait for a descriptor": _both(f"{_PROCESS}.wait_fd"),
    "watch a descriptor": _both(f"{_PROCESS}.watch"),
    "longest park": _both("gentcp.mailbox:LONGEST_PARK"),
    "new poller": _both("gentcp._platform:new_poller"),
    "wake": _both("gentcp._platform:Waker.wake"),
    "receive quantum": _both("gentcp.engine.blocking:QUANTUM"),
    "driver": _both(f"{_DRIVER}:_driver"),
    "driver class": _both(f"{_DRIVER}:Driver"),
    "tick": _both(f"{_DRIVER}:TICK"),
}


def place(name: str, backend: str) -> str:
    """Where a seam of a backend is.  KeyError when it has none."""
    return SEAMS[name][backend]


def resolved(place: str) -> tuple[Any, str]:
    """The module or class, and the attribute."""
    module, _, path = place.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    return owner, name


def seam(name: str, backend: str = "") -> tuple[Any, str]:
    """What to patch; without `backend` it has to be the same for all that have it."""
    (where,) = {place(name, backend)} if backend else set(SEAMS[name].values())
    return resolved(where)


def found(name: str, backend: str = "") -> Any:
    """What is there."""
    owner, attribute = seam(name, backend)
    return getattr(owner, attribute)


def call(name: str, handle: Any, *arguments: Any) -> Any:
    """A method of a handle's backend."""
    return found(name, handle.backend.name)(handle, *arguments)


# ---- for tests of the code itself


def states(backend: str) -> Any:
    """The module with the table of states: STATES, TRANSITIONS, step, and CONNECTED."""
    return importlib.import_module(f"gentcp_{backend}._states")


def handle_class(backend: str) -> Any:
    """What connect and accept make."""
    owner, name = resolved(_HANDLE[backend])
    return getattr(owner, name)


def folder(package: str) -> Path:
    """Where its modules are."""
    (path,) = importlib.import_module(package).__path__
    return Path(path)
