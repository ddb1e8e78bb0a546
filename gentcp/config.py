"""What may be set for the whole process: the default backend, and the `kernel` application's environment."""

from __future__ import annotations

import os
from typing import Any

Term = Any

_environment: dict[tuple[str, str], Term] = {}
_default_backend: str | None = None


def set_default_backend(name: str | None) -> None:
    """Use backend `name` where no `inet_backend` is given; None goes back to `GENTCP_INET_BACKEND`, then "inet"."""
    global _default_backend
    if name is not None:
        from ._registry import get_backend

        get_backend(name)
    _default_backend = name


def default_backend() -> str:
    """The name of the backend used where no `inet_backend` is given."""
    return _default_backend or os.environ.get("GENTCP_INET_BACKEND") or "inet"


def set_env(application: str, key: str, value: Term) -> None:
    """`application:set_env/3`; gentcp reads `inet_default_connect_options` and `inet_default_listen_options`."""
    _environment[application, key] = value


def get_env(application: str, key: str, default: Term = None) -> Term:
    """`application:get_env/3`."""
    return _environment.get((application, key), default)


def environment(application: str) -> dict[str, Term]:
    """All that is set for an application.  `application:get_all_env/1`."""
    return {key: value for (name, key), value in _environment.items() if name == application}


def unset_env(application: str, key: str) -> None:
    """`application:unset_env/2`."""
    _environment.pop((application, key), None)
