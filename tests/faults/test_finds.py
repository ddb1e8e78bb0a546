"""The harness finds what is put back; in an interpreter of its own, since faults leave things behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..support import PATIENCE
from .run import check_documented

ROOT = Path(__file__).parents[2]
FRAME = """
import socket, sys
sys.path.append({root!r})
from gentcp import mailbox
from gentcp._platform import Waker
from gentcp.engine import blocking, linger
from tests.faults import run
from tests.faults.sweep import jobs, sweep

def inside(module, function):
    return type(function)(function.__code__, vars(module))

run._PATIENCE = 1.0
{fault}
(found,) = (sweep(job) for job in jobs() if str(job) == {job!r})
for violation in found.violations:
    print(violation)
"""
WAITING_NEEDS_A_DESCRIPTOR = """
def wait_unwoken(self, *_):
    self._waker = Waker()
    return mailbox.WOKEN
mailbox.Mailbox._wait_unwoken = wait_unwoken
"""
NO_MEMORY_FOR_A_WAIT = """
def nap(self, deadline):
    raise
mailbox.Mailbox._nap = nap
"""
NOBODY_FLUSHES = """
def start(self):
    self._thread = threading.Thread(target=self._run, name="gentcp-driver", daemon=True)
    try:
        self._thread.start()
    except (RuntimeError, MemoryError):
        pass
    return True
module = sys.modules["gentcp.engine.driver"]
module.Driver._start = inside(module, start)
from gentcp_inet import _shutting
_shutting._PATIENCE = 0.01
"""
A_RECEIVER_STAYS = """
def keep_returning(reader):
    blocking.set_receive_quantum(reader.sock, 1)
    reader.returns = True
blocking.keep_returning = keep_returning
from gentcp.engine import reader
reader.keep_returning = keep_returning
"""
CLOSE_RAISES = """
def read(sock):
    sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    return False, 0
from gentcp_inet import _shutting
_shutting.linger_time = inside(linger, read)
"""
FAULTS = {
    "recv, timeout, socket": (WAITING_NEEDS_A_DESCRIPTOR, "in caller: EMFILE"),
    "send, blocked by a full queue, socket": (NO_MEMORY_FOR_A_WAIT, "poll.poll"),
    "close, with a queue, inet": (NOBODY_FLUSHES, "can't start new thread"),
    "recv by another process, inet": (A_RECEIVER_STAYS, "setsockopt"),
    "close, lingering, inet": (CLOSE_RAISES, "getsockopt"),
}


@pytest.mark.parametrize("job", FAULTS)
def test_a_fault_that_is_put_back_is_found(job: str) -> None:
    fault, expected = FAULTS[job]
    code = FRAME.format(root=str(ROOT), fault=fault, job=job)
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3 * PATIENCE, check=True)
    assert any(expected in line for line in done.stdout.splitlines()), done.stdout


@pytest.mark.parametrize("result", ["error", ("error", "nonsense"), None, ("ok",), 5])
def test_what_is_no_result(result: Any) -> None:
    with pytest.raises(AssertionError):
        check_documented(result)
