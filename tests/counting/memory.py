"""Memory that is taken for a moment, and what an idle connection keeps; in bytes, the kernel's not counted."""

from __future__ import annotations

import gc
import socket
import threading
import tracemalloc
from typing import Any

import gentcp

from .kit import BUFFER, Kit, read_exactly
from .meters import bytes_at_a_time

MEGABYTE = 1 << 20
IDLE = 200


def receiving(kit: Kit, size: int, times: int) -> int:
    """A packet of `size` bytes, `times` times."""
    sock, peer = kit.pair(packet=4)
    wire = size.to_bytes(4, "big") + bytes(size)

    def step() -> None:
        for _ in range(times):
            peer.sendall(wire)
            sock.recv()

    step()
    return bytes_at_a_time(step)


def receiving_exactly(kit: Kit, size: int) -> int:
    """So many bytes of a stream in one recv."""
    sock, peer = kit.pair()
    data = bytes(size)
    writer = threading.Thread(target=peer.sendall, args=(2 * data,))
    writer.start()
    sock.recv(size)
    most = bytes_at_a_time(lambda: sock.recv(size))
    writer.join()
    return most


def active(kit: Kit, size: int, times: int) -> int:
    _, peer = kit.pair(packet=4, active=True)
    wire = size.to_bytes(4, "big") + bytes(size)

    def step() -> None:
        for _ in range(times):
            peer.sendall(wire)
            gentcp.receive()

    step()
    return bytes_at_a_time(step)


def sending(kit: Kit, packet: Any, size: int) -> int:
    """To a peer that reads as fast as it can, until it has everything."""
    sock, peer = kit.pair(packet=packet)
    data, whole = bytes(size), size + (packet if packet != "raw" else 0)
    go, done = threading.Semaphore(0), threading.Semaphore(0)

    def read() -> None:
        for _ in range(2):
            go.acquire()
            read_exactly(peer, whole)
            done.release()

    def step() -> None:
        go.release()
        sock.send(data)
        done.acquire()

    reader = threading.Thread(target=read)
    reader.start()
    step()
    most = bytes_at_a_time(step)
    reader.join()
    return most


def queueing(kit: Kit, packet: Any, size: int) -> int:
    """Everything is in the queue before the peer reads; `inet` alone does that."""
    sock, peer = kit.pair(BUFFER, packet=packet, sndbuf=BUFFER, high_watermark=2 * size)
    data, whole = bytes(size), size + (packet if packet != "raw" else 0)

    def step() -> None:
        sock.send(data)
        read_exactly(peer, whole)

    step()
    return bytes_at_a_time(step)


def idle(kit: Kit, active: Any) -> int:
    """Bytes that each of many accepted connections keeps."""
    listener = kit.listen(packet=4, active=active)
    port = listener.port
    peers = [socket.create_connection(("127.0.0.1", port)) for _ in range(IDLE + 1)]
    accepted = [listener.accept()]  # opens what is there once
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    accepted += [listener.accept() for _ in range(IDLE)]
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    for sock in accepted:
        sock.close()
    for peer in peers:
        peer.close()
    return kept // IDLE


def all_of(kit: Kit) -> dict[str, int]:
    found = {f"recv {size} x {times}": receiving(kit, size, times) for size in (64, 4096) for times in (1, 100)}
    found |= {f"active {size} x {times}": active(kit, size, times) for size in (64, 4096) for times in (1, 100)}
    found["recv exactly"] = receiving_exactly(kit, MEGABYTE)
    found |= {f"send {packet}": sending(kit, packet, MEGABYTE) for packet in ("raw", 4)}
    if kit.backend == "inet":
        found |= {f"queue {packet}": queueing(kit, packet, MEGABYTE) for packet in ("raw", 4)}
    found |= {f"idle {active}": idle(kit, active) for active in (False, True)}
    return found
