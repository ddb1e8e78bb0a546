"""A live Erlang node takes the example for a node: handshake in packets of 2, messages and ticks in packets of 4."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

import gentcp_otp

from ..support.programs import ON_ALL, listening, need, refused, run, running

COOKIE = "a_cookie_of_this_test"
NODE = "live@127.0.0.1"
TICK_TIME = 1
"""Seconds; a node ticks four times in it and drops a neighbour that has not answered for so long."""
TICKS = 7


@pytest.fixture(scope="module")
def epmd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = need("epmd"), tmp_path_factory.mktemp("epmd")
    with listening(lambda port: [program, "-address", "127.0.0.1", "-port", str(port)], folder) as port:
        yield port


@pytest.fixture(scope="module")
def node(epmd: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The arguments that lead to a live node."""
    if (erl := gentcp_otp.find()) is None:
        pytest.skip("no erl on PATH, nor in GENTCP_ERL")
    command = [
        *erl, "-noinput", "-start_epmd", "false", "-name", NODE, "-setcookie", COOKIE,
        "-kernel", "net_ticktime", str(TICK_TIME), "inet_dist_use_interface", "{127,0,0,1}",
        "-eval", 'io:format("ready~n").',
    ]  # fmt: skip
    home = {"HOME": str(tmp_path_factory.mktemp("home"))}
    environment = os.environ | home | {"ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1"}
    with running(command, subprocess.PIPE, subprocess.STDOUT, environment) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield ["--node", NODE, "--epmd-port", str(epmd)]


def as_node(name: str, backend: str) -> list[str]:
    """Arguments; every connection has a name of its own, or the node might not have missed the one before."""
    return ["--name", f"{name}_{backend}@127.0.0.1", "--backend", backend]


@ON_ALL
def test_the_node_calls_functions_for_us(backend: str, node: list[str]) -> None:
    for call, result in {
        ("erlang", "node"): NODE,
        ("lists", "seq", "1", "5"): "[1, 2, 3, 4, 5]",
        ("math", "pow", "2", "70"): repr(2.0**70),
        ("erlang", "bsl", "-1", "70"): str(-1 << 70),
        ("erlang", "no_such_function"): "('badrpc', ('EXIT', ('undef', [('erlang', 'no_such_function', [], [])])))",
    }.items():
        printed = run("node.py", *node, "--cookie", COOKIE, *as_node("call", backend), *call)
        assert printed == f"connected to {NODE}\n{result}\n"


@ON_ALL
def test_we_stay_its_neighbour_by_answering_ticks(backend: str, node: list[str]) -> None:
    arguments = [*node, "--cookie", COOKIE, *as_node("ticks", backend), "--ticks", str(TICKS)]
    greeting, before, ticks, after = run("node.py", *arguments, "erlang", "nodes", "hidden").splitlines()
    assert (greeting, ticks) == (f"connected to {NODE}", f"answered {TICKS} ticks")
    for neighbours in (before, after):  # perhaps others too, who have just left
        assert f"'ticks_{backend}@127.0.0.1'" in neighbours


@ON_ALL
def test_the_node_refuses_a_stranger(backend: str, node: list[str]) -> None:
    said = refused("node.py", *node, "--cookie", "another", *as_node("stranger", backend), "erlang", "node")
    assert said == "the node has closed the connection; is the cookie right?\n"


def test_epmd_does_not_know_everybody(node: list[str]) -> None:
    said = refused("node.py", "--node", "nobody@127.0.0.1", *node[2:], "--cookie", COOKIE, "erlang", "node")
    assert said == "epmd does not know nobody\n"
