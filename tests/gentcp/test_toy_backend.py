"""A distribution that knows only `gentcp.abc` adds a backend: installed is enough, gentcp need not know it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).parents[1] / "toy_backend"

ERLANG_FACE = """
from gentcp.erl import gen_tcp, inet
result, listener = gen_tcp.listen(0, [("inet_backend", "null"), "binary"])
print(result, listener.inet_backend, gen_tcp.accept(listener, 0), inet.sockname(listener), gen_tcp.close(listener))
"""

PYTHON_FACE = """
import gentcp
with gentcp.connect("nowhere.invalid", 1, inet_backend="null") as sock:
    sock.send(b"into the void")
    try:
        sock.recv()
    except gentcp.Closed as error:
        print(sock.inet_backend, error.reason)
"""

UNKNOWN = """
import gentcp
try:
    gentcp.connect("nowhere.invalid", 1, inet_backend="nul")
except gentcp.NoBackend as error:
    print(error)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed gentcp-null, as a user would, but without a network."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--isolated", "--no-input", "--disable-pip-version-check"]
    install = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *install, str(TOY)], check=True)
    return target


def run(code: str, site: Path) -> str:
    """Run a program that sees `site` besides what is installed here; return what it printed."""
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_an_installed_backend_is_listed(installed: Path) -> None:
    listed = run("import gentcp; print(*gentcp.available_backends())", installed).split()
    assert {"inet", "null", "socket"} <= set(listed)


def test_without_the_distribution_there_is_no_such_backend(tmp_path: Path) -> None:
    assert "null" not in run("import gentcp; print(*gentcp.available_backends())", tmp_path).split()


def test_the_erlang_face_reaches_it(installed: Path) -> None:
    assert run(ERLANG_FACE, installed) == "ok null ('error', 'timeout') ('ok', ((0, 0, 0, 0), 0)) ok"


def test_the_python_face_reaches_it(installed: Path) -> None:
    assert run(PYTHON_FACE, installed) == "null closed"


def test_the_environment_makes_it_the_default(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENTCP_INET_BACKEND", "null")
    assert run("import gentcp; print(gentcp.listen(0).inet_backend)", installed) == "null"


def test_a_misspelt_name_is_answered_with_the_installed_ones(installed: Path) -> None:
    message = run(UNKNOWN, installed)
    assert all(name in message for name in ("inet", "null", "socket"))
