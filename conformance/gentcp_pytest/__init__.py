"""The pytest plugin `gentcp_pytest`, which is loaded wherever gentcp is installed next to pytest.

It adds options and, until one of them is used, nothing else: the kit is not even imported.  What it does then stands
in `gentcp_conformance.pytest_plugin`.
"""

from __future__ import annotations

import re

import pytest

_SUITE = "gentcp_conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the conformance suite."""
    group = parser.getgroup("gentcp", "gentcp's conformance suite: pytest --pyargs gentcp_conformance")
    group.addoption(
        "--inet-backend", action="append", default=[], metavar="NAME[:inet|:socket]", dest="inet_backends",
        help="backend to run, and which of OTP's it follows when its name does not say so; repeatable",
    )  # fmt: skip
    group.addoption(
        "--otp-release", metavar="NN", dest="otp_release",
        help="release of OTP whose recording is the judge; a VM is judged by its own, anything else by 29",
    )  # fmt: skip
    group.addoption(
        "--inet-differences", action="append", default=[], metavar="FILE", dest="inet_differences",
        help="accepted differences, in the format of the kit's differences.toml; repeatable",
    )  # fmt: skip
    group.addoption(
        "--inet-reruns", type=int, default=2, metavar="N", dest="inet_reruns",
        help="how often to run what is not as expected again, to tell flaky from different (default: 2)",
    )  # fmt: skip
    group.addoption(
        "--inet-jobs", type=int, metavar="N", dest="inet_jobs",
        help="how many cases to run at a time, on however few cores; 1: each within its test (default: 16)",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Go to work if a backend is named.  UsageError when the suite is asked for without one."""
    if config.getoption("inet_backends"):
        from gentcp_conformance.pytest_plugin import Conformance

        config.pluginmanager.register(Conformance(config), "gentcp_conformance")
    elif any(_SUITE in re.split(r"[/\\.:]", argument) for argument in config.args):
        raise pytest.UsageError(f"{_SUITE}: which backend? name it with --inet-backend=NAME, such as inet or socket")
