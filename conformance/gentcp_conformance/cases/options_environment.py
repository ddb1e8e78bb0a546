"""The environment of applications, where the default options are."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ask

APPLICATION = "gentcp_conformance"


@case(
    "options/kernel/environment",
    title="A setting is read back as it was given, and is undefined before and afterwards",
    means="""The environment holds any term under any name, so a misspelt setting is as good as none: nothing says that
    nobody reads it. get_env tells one that is not there from one that is set to undefined.""",
    source="application:set_env/3; application:get_env/2; application:unset_env/2",
)
def environment(t: Subject) -> Term:
    key = f"of_{t.backend.removeprefix('otp_')}"
    before = ask(t, "application", "get_env", APPLICATION, key)
    found = [
        (
            value,
            ask(t, "application", "set_env", APPLICATION, key, value),
            ask(t, "application", "get_env", APPLICATION, key),
        )
        for value in ([("nodelay", True)], "undefined")
    ]
    removed = ask(t, "application", "unset_env", APPLICATION, key)
    return (before, found, removed, ask(t, "application", "get_env", APPLICATION, key))
