"""The optional compiled build: the same source, its hot modules turned into C by mypyc.  Off unless asked for:

    HATCH_BUILD_HOOK_ENABLE_CUSTOM=true pip wheel --no-deps .

A C compiler is needed.  The wheel is for the interpreter and the machine that it was built on.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# A compiled class cannot be the base of an interpreted one, so each line of descent is here as a whole.  Not here:
# gentcp/_socket.py, as weak references to compiled objects are not safe (mypyc 2.4), errors.py and terms.py, whose
# classes have built-in bases, and what is not hot.
HOT = {
    "gentcp": ["_watching", "abc", "mailbox", "process"],
    "gentcp/engine": [
        "acceptors", "active", "asking", "batch", "blocking", "counters", "delivering", "endpoint", "following",
        "framing", "inbound", "linger", "many", "operation", "reader", "receivers", "settings", "shutting", "states",
        "waiting",
    ],
    "gentcp/erl": ["_common", "gen_tcp"],
    "gentcp/packet": [
        "_asn1", "_cdr", "_family", "_fcgi", "_http", "_http_heads", "_http_lines", "_length", "_line", "_sunrm",
        "_tls", "_tpkt",
    ],
    "backends/gentcp_inet": [
        "_accepting", "_arguments", "_async", "_commands", "_info", "_names", "_operations", "_owed", "_owning",
        "_port", "_primitives", "_queue", "_registering", "_sendfile", "_sending", "_settings", "_shutting", "_states",
        "_suspending", "_writer",
    ],
    "backends/gentcp_socket": [
        "_beginning", "_handle", "_info", "_operations", "_sending", "_settings", "_shutting", "_states", "_writer",
    ],
}  # fmt: skip


class CompiledBuild(BuildHookInterface[Any]):
    """Adds the extension modules to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and have hatchling put the results beside their sources."""
        if version == "editable":
            return
        root, target = Path(self.root), Path(self.root, "build", "compiled")
        _compile(root, target)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for module in target.rglob("*.so"):
            build_data["force_include"][str(module)] = str(module.relative_to(target))


def _compile(root: Path, target: Path) -> None:
    from mypyc.build import mypycify
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext

    os.chdir(root)
    sources = [f"{folder}/{name}.py" for folder, names in HOT.items() for name in names]
    options = ["--python-executable", sys.executable]
    modules = mypycify([*options, *sources], opt_level="3", debug_level="0", group_name="gentcp")
    command = build_ext(Distribution({"name": "gentcp", "ext_modules": modules}))
    command.build_lib, command.build_temp = str(target), str(target.parent / "objects")
    command.ensure_finalized()
    command.run()
