"""`application`: the environment of the kernel application, where the defaults for new sockets are."""

from __future__ import annotations

from gentcp import config
from gentcp.abc import Result, Term


def set_env(application: Term, key: Term, value: Term) -> Result:
    """`set_env(Application, Par, Val)`.

    gentcp reads `inet_default_connect_options` and `inet_default_listen_options` of "kernel".
    """
    config.set_env(application, key, value)
    return "ok"


def get_env(application: Term, key: Term) -> Result:
    """`get_env(Application, Par)`: `("ok", value)` or "undefined"."""
    missing = object()
    value = config.get_env(application, key, missing)
    return "undefined" if value is missing else ("ok", value)


def unset_env(application: Term, key: Term) -> Result:
    """`unset_env(Application, Par)`."""
    config.unset_env(application, key)
    return "ok"
