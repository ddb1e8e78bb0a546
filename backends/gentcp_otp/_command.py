"""Finding a VM: the command that starts `erl`, and what it is started with."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from importlib.resources import files

from gentcp.errors import NoBackend

ENVIRONMENT = "GENTCP_ERL"

# Reads the harness from standard input, since the VM may not see our files, and compiles it in memory.
_BOOT = """
Forms = fun Forms(Text, Line) ->
    case erl_scan:tokens([], Text, Line) of
        {done, {ok, Tokens, Next}, Rest} ->
            {ok, Form} = erl_parse:parse_form(Tokens),
            [Form | Forms(Rest, Next)];
        _ -> []
    end
end,
Port = open_port({fd, 0, 1}, [{packet, 4}, binary, eof]),
receive
    {Port, {data, Source}} ->
        {ok, Module, Code} = compile:forms(Forms(unicode:characters_to_list(Source) ++ "\\n", 1), []),
        {module, Module} = code:load_binary(Module, "gentcp", Code),
        Module:main(Port);
    {Port, eof} -> erlang:halt(0)
end.
"""

# Standard output is ours alone: no shell, no ~/.erlang, no log.
FLAGS = ("-noinput", "-boot", "no_dot_erlang", "-kernel", "logger_level", "none", "-eval", " ".join(_BOOT.split()))

_HOW = (
    "install Erlang/OTP so that `erl` is on PATH (Debian: apt-get install erlang-base), or set GENTCP_ERL to the"
    " command that starts it, such as `chroot DIR erl` or `docker run -i --rm --network host erlang:29 erl`"
)


class NoErlang(NoBackend):
    """There is no VM to start, or it does not start; the message says how to get one."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; {_HOW}")


def find() -> list[str] | None:
    """The command that starts `erl`, from GENTCP_ERL or PATH; None when there is none.  Starts nothing."""
    words = shlex.split(os.environ.get(ENVIRONMENT, "")) or ["erl"]
    found = shutil.which(words[0])
    return None if found is None else [found, *words[1:]]


def program() -> list[str]:
    """As `find`; NoErlang when there is none."""
    found = find()
    if found is None:
        given = os.environ.get(ENVIRONMENT)
        raise NoErlang(f"{ENVIRONMENT}={given}: there is no such program" if given else "there is no `erl` on PATH")
    return found


def environment() -> Mapping[str, str]:
    """What the VM is started with."""
    return os.environ | {"ERL_CRASH_DUMP_BYTES": "0"}


def harness() -> bytes:
    """Erlang source of the VM's side."""
    return (files(__package__ or "gentcp_otp") / "harness.erl").read_bytes()
