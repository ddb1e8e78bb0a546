"""`application`: the environment of the kernel application, where the defaults for new sockets are."""

from __future__ import annotations

from gentcp import config
from gentcp.abc import Result, Term
from gentcp.errors import ErlangError


def _checked(application: Term, key: Term) -> tuple[Term, Term]:
    try:
        hash((application, key))
    except (TypeError, ValueError, RecursionError):
        raise ErlangError("badarg") from None  # a term that Python cannot look up, such as a list
    return application, key


def set_env(application: Term, key: Term, value: Term) -> Result:
    """`set_env(Application, Par, Val)`.

    gentcp reads `inet_default_connect_options` and `inet_default_listen_options` of "kernel".
    """
    config.set_env(*_checked(application, key), value)
    return "ok"


def get_env(application: Term, key: Term) -> Result:
    """`get_env(Application, Par)`: `("ok", value)` or "undefined"."""
    missing = object()
    value = config.get_env(*_checked(application, key), missing)
    return "undefined" if value is missing else ("ok", value)


def unset_env(application: Term, key: Term) -> Result:
    """`unset_env(Application, Par)`."""
    config.unset_env(*_checked(application, key))
    return "ok"
