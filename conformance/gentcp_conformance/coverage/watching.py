"""Watching cases as they run: what each uses of the Erlang face, told apart by the processes that it starts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp import erl
from gentcp.erl import ErlangError
from gentcp_conformance.task import is_told
from gentcp_conformance.traces.patching import Patch, patched

from . import noticing
from .inventory import Inventory

if TYPE_CHECKING:
    from gentcp_conformance.case import Case
    from gentcp_conformance.subject import Subject

Found = dict[tuple[str, str], frozenset[str]]
"""Uses by case id and backend."""


class Notes:
    """What one run of a case has used so far; its processes may outlive it."""

    def __init__(self) -> None:
        self._uses: set[str] = set()
        self._lock = threading.Lock()

    def add(self, uses: Iterable[str]) -> None:
        """Note these."""
        with self._lock:
            self._uses.update(uses)

    def all(self) -> frozenset[str]:
        """What was noted until now."""
        with self._lock:
            return frozenset(self._uses)


class Watch:
    """Notes what is in `inventory`.  `found` has the last run of each case."""

    def __init__(self, inventory: Inventory, backends: Iterable[str]) -> None:
        self.found: Found = {}
        self._inventory = inventory
        self._known = inventory.uses
        self._backends = tuple(backends)
        self._notes: dict[gentcp.Process, Notes] = {}
        self._within = threading.local()

    @contextmanager
    def watching(self) -> Generator[None]:
        """Watch until the end of the block."""
        with patched(self._patches()):
            yield

    def watched(self, case: Case) -> Case:
        """The case, to be run within `watching`."""

        def function(t: Subject) -> Any:
            notes = Notes()
            self._notes[gentcp.current_process()] = notes
            try:
                return case.function(t)
            finally:
                self.found[case.id, t.backend] = notes.all()
                self._forget(notes)

        return replace(case, function=function)

    def _forget(self, notes: Notes) -> None:
        for process, each in list(self._notes.items()):
            if each is notes:
                self._notes.pop(process, None)

    def _patches(self) -> Iterator[Patch]:
        rows = (*self._inventory.rows, *self._inventory.internal)
        for module, name in dict.fromkeys(row.function[:2] for row in rows if row.function):
            if callable(getattr(getattr(erl, module, None), name, None)):
                yield Patch(getattr(erl, module), name, self._function(module, name))
        for kind in dict.fromkeys(type(gentcp.get_backend(name)) for name in self._backends):
            yield Patch(kind, "apply", self._apply)
        yield Patch(gentcp, "receive", self._receive)
        yield Patch(gentcp, "spawn", self._spawn)

    def _function(self, module: str, name: str) -> Callable[..., Any]:
        def around(original: Callable[..., Any], *args: Any, **named: Any) -> Any:
            return self._call(module, name, (*args, *named.values()), lambda: original(*args, **named))

        return around

    def _apply(self, original: Callable[..., Any], backend: Any, module: str, name: str, args: list[Any]) -> Any:
        return self._call(module, name, tuple(args), lambda: original(backend, module, name, args))

    def _receive(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        if not is_told(found):
            self._note(noticing.message(found))
        return found

    def _spawn(self, original: Callable[..., Any], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        notes = self._notes.get(gentcp.current_process())
        if notes is None:
            return original(function, *args, **kwargs)

        def run() -> Any:
            self._notes[gentcp.current_process()] = notes
            return function(*args)

        return original(run, **{"name": getattr(function, "__name__", None), **kwargs})

    def _call(self, module: str, name: str, args: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Make a call; what is called within it, by the face itself, is not the case's doing."""
        if getattr(self._within, "call", False):
            return make()
        self._note(noticing.call(module, name, args))
        self._within.call = True
        try:
            value = make()
        except ErlangError as error:
            self._note(noticing.raised(error))
            raise
        finally:
            self._within.call = False
        self._note(noticing.result(module, name, value))
        return value

    def _note(self, uses: Iterable[str]) -> None:
        notes = self._notes.get(gentcp.current_process())
        if notes is not None:
            notes.add(use for use in uses if use in self._known)
