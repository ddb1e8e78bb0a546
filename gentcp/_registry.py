"""Finding backends: first what was registered in this process, then the entry points, loaded when asked for."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
from importlib.metadata import EntryPoint, MetadataPathFinder, entry_points

from .abc import Backend
from .errors import Error, NoBackend, reason_of

GROUP = "gentcp.backends"
_SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)

_registered: dict[str, Backend] = {}
_loaded: dict[str, Backend] = {}


def register(backend: Backend, *, replace: bool = False) -> None:
    """Make `backend` available under its name in this process.  ValueError if the name is taken."""
    if not isinstance(backend, Backend):
        raise TypeError(f"backend: expected a gentcp.abc.Backend, not {type(backend).__name__}")
    if backend.name in _registered and not replace:
        raise ValueError(f"backend: {backend.name!r} is registered already; pass replace=True to replace it")
    _registered[backend.name] = backend


def unregister(name: str) -> None:
    """Undo `register`."""
    _registered.pop(name, None)


def _installed() -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        same = found.setdefault(point.name, [])
        if all(point.value != other.value for other in same):
            same.append(point)
    return found


def available_backends() -> dict[str, str]:
    """The names of all backends, each with where it comes from, in alphabetical order.  Loads none."""
    names = {name: f"{points[0].dist.name} {points[0].dist.version}" if points[0].dist else points[0].value
             for name, points in _installed().items()}  # fmt: skip
    names |= dict.fromkeys(_registered, "registered in this process")
    return dict(sorted(names.items()))


def get_backend(name: str) -> Backend:
    """The backend called `name`.

    NoBackend, listing those installed, when there is none, when two distributions claim the name, or when it
    cannot be loaded.  Error, such as emfile, when the system has no descriptors to look for it with; the next call
    looks again.
    """
    if not isinstance(name, str):
        raise NoBackend(f"inet_backend: expected the name of a backend, not {name!r}. {_installed_text()}")
    found = _registered.get(name) or _loaded.get(name)
    if found is None:
        found = _loaded[name] = _load(name)
    return found


def _load(name: str) -> Backend:
    points = _installed().get(name, [])
    if not points:
        _look_anew()  # what was not found for want of descriptors is there later
        points = _installed().get(name, [])
    if not points:
        _need_descriptors()
        names = list(available_backends())
        hint = difflib.get_close_matches(str(name), names, 1)
        raise NoBackend(
            f"inet_backend: no backend {name!r}"
            + (f"; did you mean {hint[0]!r}" if hint else "")
            + f". {_installed_text()}"
        )
    if len(points) > 1:
        raise NoBackend(f"inet_backend: {name!r} is claimed by {' and '.join(_owner(point) for point in points)}")
    try:
        loaded = points[0].load()
        backend = loaded if isinstance(loaded, Backend) else loaded()
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _SHORT:
            _look_anew()
            raise Error(reason_of(error)) from error
        raise NoBackend(f"inet_backend: {name!r} of {_owner(points[0])} cannot be loaded: {error}") from error
    if not isinstance(backend, Backend):
        raise NoBackend(f"inet_backend: {_owner(points[0])} gives no gentcp.abc.Backend for {name!r}")
    return backend


def _look_anew() -> None:
    """Python remembers the folders that it has looked at, also those that it could not open."""
    importlib.invalidate_caches()
    MetadataPathFinder().invalidate_caches()  # up to Python 3.11 the line before leaves this out


def _need_descriptors() -> None:
    """Error when nothing can be opened: then nothing is found, whatever there is."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        _look_anew()
        raise Error(reason_of(error)) from error


def _installed_text() -> str:
    return f"Installed: {', '.join(available_backends()) or 'none'}"


def _owner(point: EntryPoint) -> str:
    return f"{point.dist.name if point.dist else 'an unknown distribution'} ({point.value})"
