"""The simulation needs greenlet, and the sources of the engine."""

from __future__ import annotations

import importlib.util

import gentcp.mailbox

MISSING = (
    "greenlet is not installed"
    if importlib.util.find_spec("greenlet") is None
    else "the engine is compiled"
    if not str(gentcp.mailbox.__file__).endswith(".py")
    else ""
)
collect_ignore_glob = ["test_[!a]*.py"] if MISSING else []
