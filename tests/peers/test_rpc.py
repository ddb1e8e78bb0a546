"""rpcinfo calls the example that serves ONC RPC from `{packet, sunrm}`."""

from __future__ import annotations

import socket
import struct
import subprocess

from ..support.programs import ON_ALL, PATIENCE, exactly, need, output, serving

PROGRAM = 0x20000001


@ON_ALL
def test_rpcinfo_finds_the_versions(backend: str) -> None:
    with serving("rpc_server.py", "--backend", backend) as address:
        command = [need("rpcinfo"), "-a", address, "-T", "tcp"]
        ready = [f"program {PROGRAM} version {version} ready and waiting" for version in (2, 3, 4)]
        assert output([*command, str(PROGRAM)]).splitlines() == ready
        assert output([*command, str(PROGRAM), "3"]).splitlines() == ready[1:2]
        for program, version, problem in [
            (PROGRAM, "5", "RPC: Program/version mismatch; low version = 2, high version = 4"),
            (PROGRAM + 1, "2", "RPC: Program unavailable"),
        ]:
            done = subprocess.run(
                [*command, str(program), version], capture_output=True, text=True, timeout=PATIENCE, check=False
            )
            assert done.returncode == 1
            assert problem in done.stderr


@ON_ALL
def test_a_record_may_come_in_fragments(backend: str) -> None:
    call = struct.pack(">10I", 7, 0, 2, PROGRAM, 2, 0, 0, 0, 0, 0)
    fragments = [
        struct.pack(">I", 0) + b"",
        struct.pack(">I", 3) + call[:3],
        struct.pack(">I", 37 | 1 << 31) + call[3:],
    ]
    with serving("rpc_server.py", "--backend", backend) as address:
        *_, high, low = map(int, address.split("."))
        with socket.create_connection(("127.0.0.1", high << 8 | low), PATIENCE) as client:
            client.sendall(b"".join(fragments))
            assert struct.unpack(">7I", exactly(client, 28)) == (24 | 1 << 31, 7, 1, 0, 0, 0, 0)
