"""Settings of the whole process: those of Erlang's `kernel` application that are about gen_tcp.

`kernel` has them as attributes; from outside they are set by environment variables, as they are with `erl -kernel`:

* GENTCP_INET_BACKEND: the name of a backend;
* GENTCP_INET_DEFAULT_CONNECT_OPTIONS, GENTCP_INET_DEFAULT_LISTEN_OPTIONS: a JSON object of options as keywords of
  `gentcp.connect` and `gentcp.listen`, such as `{"nodelay": true, "send_timeout": 5, "priority": 3}`.

What the program sets goes before the environment.  The default options are those that both faces begin with; options
in a call replace them, `active` is never taken from them (as in OTP), and the Python face always says which `mode`.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Generator, Mapping
from typing import Any, Final, TypeAlias

from .errors import OptionError
from .options import ALLOWED, BY_NAME, OPENING, as_pair, is_count, valid

Term = Any
Defaults: TypeAlias = "Mapping[str, object] | list[Term] | None"
"""Keywords of the Python face, or options as Erlang has them; None for none."""

_CONNECT: Final = "inet_default_connect_options"
_LISTEN: Final = "inet_default_listen_options"
_VARIABLES: Final = {
    _CONNECT: ("GENTCP_INET_DEFAULT_CONNECT_OPTIONS", "c"),
    _LISTEN: ("GENTCP_INET_DEFAULT_LISTEN_OPTIONS", "l"),
}
_BACKEND: Final = "GENTCP_INET_BACKEND"

_environment: dict[tuple[str, str], Term] = {}
_default_backend: str | None = None


class Kernel:
    """The settings, checked when they are set."""

    __slots__ = ()

    @property
    def inet_backend(self) -> str:
        """The backend used where no `inet_backend` is given; "inet" unless set.  NoBackend for an unknown name."""
        return default_backend()

    @inet_backend.setter
    def inet_backend(self, name: str | None) -> None:
        set_default_backend(name)

    @property
    def inet_default_connect_options(self) -> list[Term] | None:
        """What connect begins with, as Erlang's options, whichever way they were set.  OptionError for bad ones."""
        return _as_list(get_env("kernel", _CONNECT))

    @inet_default_connect_options.setter
    def inet_default_connect_options(self, options: Defaults) -> None:
        _set_defaults(_CONNECT, options)

    @property
    def inet_default_listen_options(self) -> list[Term] | None:
        """What listen begins with."""
        return _as_list(get_env("kernel", _LISTEN))

    @inet_default_listen_options.setter
    def inet_default_listen_options(self, options: Defaults) -> None:
        _set_defaults(_LISTEN, options)

    @contextlib.contextmanager
    def changed(
        self,
        *,
        inet_backend: str | None = None,
        inet_default_connect_options: Defaults = None,
        inet_default_listen_options: Defaults = None,
    ) -> Generator[None, None, None]:
        """With these settings instead, for tests; what is not given stays.  For the process, not for the thread."""
        before = _default_backend, dict(_environment)
        try:
            if inet_backend is not None:
                self.inet_backend = inet_backend
            if inet_default_connect_options is not None:
                self.inet_default_connect_options = inet_default_connect_options
            if inet_default_listen_options is not None:
                self.inet_default_listen_options = inet_default_listen_options
            yield
        finally:
            _restore(*before)


kernel: Final = Kernel()


def set_default_backend(name: str | None) -> None:
    """Use backend `name` where no `inet_backend` is given; None goes back to `GENTCP_INET_BACKEND`, then "inet"."""
    global _default_backend
    if name is not None:
        from ._registry import get_backend

        get_backend(name)
    _default_backend = name


def default_backend() -> str:
    """The name of the backend used where no `inet_backend` is given."""
    return _default_backend or os.environ.get(_BACKEND) or "inet"


def set_env(application: str, key: str, value: Term) -> None:
    """`application:set_env/3`, which checks nothing.

    gentcp reads `inet_default_connect_options` and `inet_default_listen_options` of "kernel"; its `inet_backend` is
    read when a VM starts, and changing it here has no effect, as there.
    """
    _environment[application, key] = value


def get_env(application: str, key: str, default: Term = None) -> Term:
    """`application:get_env/3`; of "kernel", what the environment variables say unless it was set."""
    if (application, key) in _environment or application != "kernel":
        return _environment.get((application, key), default)
    found: Term = None
    if key in _VARIABLES:
        found = _from_environment(key)
    elif key == "inet_backend":
        found = _default_backend or os.environ.get(_BACKEND) or None
    return default if found is None else found


def environment(application: str) -> dict[str, Term]:
    """All that is set for an application.  `application:get_all_env/1`."""
    found = {key: value for (name, key), value in _environment.items() if name == application}
    missing = [key for key in (*_VARIABLES, "inet_backend") if key not in found] if application == "kernel" else []
    return found | {key: value for key in missing if (value := get_env(application, key)) is not None}


def unset_env(application: str, key: str) -> None:
    """`application:unset_env/2`."""
    _environment.pop((application, key), None)


def _restore(backend: str | None, values: dict[tuple[str, str], Term]) -> None:
    global _default_backend
    _default_backend = backend
    _environment.clear()
    _environment.update(values)


def _as_list(options: Term) -> list[Term] | None:
    """A copy: what is done to it changes no setting."""
    if options is None:
        return None
    return list(options) if isinstance(options, list) else [options]


# ---- default options


def _set_defaults(key: str, options: Defaults) -> None:
    if options is None:
        unset_env("kernel", key)
    else:
        set_env("kernel", key, _checked(key, options))


def _checked(key: str, options: Mapping[str, object] | list[Term]) -> list[Term]:
    where = _VARIABLES[key][1]
    if isinstance(options, Mapping):
        from ._values import check_name, term_of

        for name in options:
            check_name(name, where)
            if name in OPENING:
                raise OptionError(name, f"has no default, give it to each {'connect' if where == 'c' else 'listen'}")
        return [(name, term_of(name, value)) for name, value in options.items()]
    if not isinstance(options, list):
        raise OptionError(key, f"expected a list of options, or a dict of keywords, not {options!r}")
    for option in options:
        _check(key, option, where)
    return list(options)


def _check(key: str, option: Term, where: str) -> None:
    """OptionError for an Erlang option that connect or listen would refuse."""
    pair = as_pair(option)
    known = None if pair is None else BY_NAME.get(pair[0])
    if pair is None or known is None or where not in known.where or known.name in OPENING:
        raise OptionError(key, f"{option!r} is not one of its options")
    name, value = pair
    if not valid(name, value) and not (name == "active" and is_count(value)):
        raise OptionError(name, f"expected {ALLOWED[known.kind]}, not {value!r}")


def _from_environment(key: str) -> list[Term] | None:
    text = os.environ.get(_VARIABLES[key][0])
    return _parsed(key, text) if text else None


@functools.lru_cache(maxsize=8)
def _parsed(key: str, text: str) -> list[Term]:
    variable = _VARIABLES[key][0]
    try:
        options = json.loads(text)
    except ValueError as problem:
        raise OptionError(variable, f"expected a JSON object of options, not {text!r} ({problem})") from None
    if not isinstance(options, dict):
        raise OptionError(variable, f"expected a JSON object of options, not {text!r}")
    try:
        return _checked(key, options)
    except OptionError as problem:
        raise OptionError(variable, str(problem)) from None
