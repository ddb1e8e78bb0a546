"""The command that starts `erl`, and what runs peers.erl in it."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).with_name("peers") / "peers.erl"
_header = struct.Struct(">I")

# The module comes by standard input, since the VM may not see our files.
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
        {module, Module} = code:load_binary(Module, "peers", Code),
        Module:main(Port)
end.
"""
# A scheduler that spins while it waits would take the CPU from the other side.
_FLAGS = ("+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "-noinput", "-boot", "no_dot_erlang")


def command() -> list[str] | None:
    """`erl`, from GENTCP_ERL or PATH; None when there is none."""
    words = shlex.split(os.environ.get("GENTCP_ERL", "")) or ["erl"]
    found = shutil.which(words[0])
    return None if found is None else [found, *words[1:]]


@functools.cache
def version() -> str | None:
    """The release and the version of the emulator, None when there is no VM."""
    found = command()
    if found is None:
        return None
    ask = 'io:format("OTP ~s, erts ~s", [erlang:system_info(otp_release), erlang:system_info(version)]), halt().'
    done = subprocess.run([*found, "-noinput", "-eval", ask], capture_output=True, text=True, check=False)
    return done.stdout if not done.returncode else None


class VM:
    """A VM that runs a role of peers.erl."""

    def __init__(self, role: str) -> None:
        boot = " ".join(_BOOT.split())
        found = command()
        assert found is not None
        self._process = subprocess.Popen(
            [*found, *_FLAGS, "-eval", boot], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"ERL_CRASH_DUMP_BYTES": "0"},
        )  # fmt: skip
        self.pid: int = self._process.pid
        self.tell(SOURCE.read_bytes())
        self.tell(f"{role}.".encode())

    def tell(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(_header.pack(len(data)) + data)
        self._process.stdin.flush()

    def words(self) -> Iterator[list[bytes]]:
        """What it says, until it ends."""
        stream = self._process.stdout
        assert stream is not None
        while header := stream.read(4):
            yield stream.read(_header.unpack(header)[0]).split()
