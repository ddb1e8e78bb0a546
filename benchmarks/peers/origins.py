"""Not a contestant: which gentcp a side gets, and what that has."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from multiprocessing.connection import Connection

from ..model import there


def report(channel: Connection, backends: Iterable[str], needs: Iterable[str]) -> None:
    """The file of each of its modules once the backends are loaded, and what of `needs` is not there."""
    gentcp = importlib.import_module("gentcp")
    importlib.import_module("gentcp.erl")
    for name in backends:
        gentcp.get_backend(name)
    files = {name: module.__file__ or "" for name, module in list(sys.modules.items()) if name.startswith("gentcp")}
    channel.send((files, [what for what in needs if not there(what)]))
