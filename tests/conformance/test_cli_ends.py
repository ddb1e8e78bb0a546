"""How the command line ends: interrupted, with nobody who reads, on a full disk; and how it is started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gentcp

from .command import run

COMMAND = (sys.executable, "-m", "gentcp_conformance")
_HEEDS = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command that heeds Ctrl-C, however these tests were started."""
ENVIRONMENT = {**os.environ, "TERM": "dumb", "COLUMNS": "120"}


def test_as_a_module_of_either_name() -> None:
    for module in ("gentcp", "gentcp_conformance"):
        ran = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True)
        assert ran.stdout == f"gentcp, version {gentcp.__version__}\n"


def test_ctrl_c_is_130() -> None:
    """Sent when something has been written: the rest does not fit into the pipe, so the command cannot have ended."""
    started = subprocess.Popen(
        [sys.executable, "-c", _HEEDS, *COMMAND, "list"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT,
    )  # fmt: skip
    assert started.stdout is not None
    started.stdout.read(1)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=20)
    assert (started.returncode, said) == (130, b"interrupted\n")


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([*COMMAND, "list"], stdout=writer, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)
    os.close(writer)
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_a_line() -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run([*COMMAND, "list"], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)
    assert ran.returncode == 1
    assert b"No space left on device" in ran.stderr
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_file_that_cannot_be_written_is_named() -> None:
    ran = run("compare", "--case", "send/data/empty", "--otp", "recorded", "--json", "/dev/full")
    assert ran.exit_code == 1
    assert "/dev/full: No space left on device" in ran.stderr


def test_a_backend_that_is_misspelt() -> None:
    ran = run("compare", "--backend", "sockt")
    assert ran.exit_code == 2
    assert "did you mean socket?" in " ".join(ran.stderr.replace("│", " ").split())
