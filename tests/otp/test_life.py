"""The VM's life: how it starts, what its end does, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import gentcp
import gentcp_otp
from gentcp.abc import Backend
from gentcp.erl import gen_tcp, inet

from ..support import Task, eventually, run_python
from .test_calls import pair

USES_IT = "import gentcp; print(gentcp.get_backend('otp_inet').apply('os', 'getpid', []), flush=True);"


def pid_of(printed: str) -> int:
    return int(bytes(eval(printed)))  # a list of numbers that we printed


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] == "Z"
    except FileNotFoundError:
        return True


def vm_pid(vm: Backend) -> int:
    return int(bytes(vm.apply("os", "getpid", [])))


def test_one_vm_for_all(vm: Backend) -> None:
    assert vm_pid(vm) == vm_pid(gentcp.get_backend("otp_socket")) == Task(vm_pid, vm).result()


@pytest.mark.parametrize(
    "end", ["", "import sys; sys.exit(0)", "import os; os._exit(0)", "gentcp.spawn(gentcp.receive)"]
)
def test_nothing_is_left_at_exit(end: str) -> None:
    pid = pid_of(run_python(USES_IT + end))
    eventually(lambda: gone(pid))


@pytest.mark.parametrize("busy", ["gentcp.receive()", "gentcp.listen(0, inet_backend='otp_inet').accept()"])
def test_nothing_is_left_after_sigkill(busy: str) -> None:
    with subprocess.Popen([sys.executable, "-c", USES_IT + busy], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = pid_of(parent.stdout.readline())
        parent.kill()
    eventually(lambda: gone(pid))


def test_a_child_neither_has_nor_holds_the_vm() -> None:
    code = USES_IT + (
        "import os, signal;"
        "sock = gentcp.listen(0, inet_backend='otp_inet');"
        "child = os.fork();"
        "\nif child == 0:\n"
        "    try: sock.port\n"
        "    except RuntimeError: print('without', flush=True)\n"
        "    print(gentcp.get_backend('otp_inet').apply('os', 'getpid', []), flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0); print(sock.port > 0)"
    )
    parents, without, childs, still_there = run_python(code).splitlines()
    assert (without, still_there) == ("without", "True")
    assert pid_of(parents) != pid_of(childs)
    eventually(lambda: gone(pid_of(parents)) and gone(pid_of(childs)))


def test_every_call_raises_when_the_vm_dies(name: str, vm: Backend) -> None:
    listener, _, server = pair(name)
    waiting = [Task(gen_tcp.accept, listener), Task(gen_tcp.recv, server, 0)]
    for process in [task.process for task in waiting]:
        eventually(partial(vm.apply, "erlang", "is_process_alive", [process]))
    os.kill(vm_pid(vm), signal.SIGKILL)
    for task in waiting:
        with pytest.raises(gentcp_otp.VMDied):
            task.result()
    with pytest.raises(gentcp_otp.VMDied):
        gen_tcp.recv(server, 0)
    assert repr(server) == f"<gentcp.Socket {name} out of reach>"
    again, _, _ = pair(name)  # another VM
    assert inet.port(again)[0] == "ok"
    with pytest.raises(gentcp_otp.VMDied):
        inet.port(listener)


def test_a_vm_that_is_stopped(vm: Backend) -> None:
    first = vm_pid(vm)
    gentcp_otp.stop()
    assert gone(first)
    assert vm_pid(vm) != first


def test_text_on_standard_output_is_the_end_and_no_hang(vm: Backend) -> None:
    def prints() -> None:
        vm.apply("io", "put_chars", ["user", list(b"x" * 100)])
        eventually(lambda: vm.apply("erlang", "self", []) is None)

    with pytest.raises(gentcp_otp.VMDied):
        prints()


@pytest.fixture
def _no_vm(vm: Backend) -> None:
    gentcp_otp.stop()


@pytest.mark.usefixtures("_no_vm")
def test_no_erl(vm: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GENTCP_ERL", raising=False)
    assert gentcp_otp.find() is None
    with pytest.raises(gentcp.NoBackend, match="no `erl` on PATH; install Erlang/OTP .*GENTCP_ERL"):
        vm.about()
    monkeypatch.setenv("GENTCP_ERL", "no-such-program")
    with pytest.raises(gentcp_otp.NoErlang, match="GENTCP_ERL=no-such-program: there is no such program"):
        gen_tcp.listen(0, [("inet_backend", "otp_socket")])


@pytest.mark.usefixtures("_no_vm")
@pytest.mark.parametrize(
    ("script", "words"), [("echo it is broken >&2; exit 3", "it is broken"), ("echo hello", "says nothing")]
)
def test_an_erl_that_does_not_start(
    vm: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, words: str
) -> None:
    program = tmp_path / "erl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("GENTCP_ERL", str(program))
    with pytest.raises(gentcp_otp.NoErlang, match=f"does not start a VM: .*{words}"):
        vm.about()


@pytest.mark.usefixtures("_no_vm")
def test_a_command_of_several_words(vm: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    words = gentcp_otp.find()
    assert words
    monkeypatch.setenv("GENTCP_ERL", f"env GENTCP_TEST='two words' {' '.join(words)}")
    assert vm.apply("os", "getenv", [list(b"GENTCP_TEST")]) == list(b"two words")
    gentcp_otp.stop()
