"""Tasks as processes: identity, messages, the end, and monitors, of tasks and of threads."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

import gentcp
from gentcp import aio, mailbox
from gentcp.aio import _loops

from ...support import Task, eventually
from .kit import Link, Run, turns, until


def test_a_task_has_one_process_and_another_task_another(run: Run) -> None:
    async def test() -> None:
        mine = aio.current_process()
        assert aio.current_process() is mine
        assert mine.task is asyncio.current_task()

        async def other() -> gentcp.Process:
            return aio.current_process()

        process = await asyncio.create_task(other())
        assert process is not mine
        await turns(2)
        assert (process.alive, process.exit_reason) == (False, "normal")
        assert process.join(0)

    run(test())


def test_spawn_runs_a_coroutine_function_with_its_arguments(run: Run) -> None:
    async def test() -> None:
        async def work(*args: Any) -> tuple[Any, ...]:
            return (aio.current_process(), *args)

        process = aio.spawn(work, 1, "two", name="worker")
        assert (process.name, process.task.get_name()) == ("worker", "worker")
        assert await process.task == (process, 1, "two")
        await process
        assert not process.alive
        assert aio.spawn(work).name == "work"

    run(test())


@pytest.mark.parametrize("end", ["raises", "is cancelled", "is killed"])
def test_the_end_of_a_task_is_that_of_its_process(run: Run, end: str) -> None:
    error = ZeroDivisionError("as intended")

    async def test() -> None:
        async def work() -> None:
            await aio.receive()
            raise error

        process = aio.spawn(work)
        ref = aio.monitor(process)
        await turns(2)
        reason: Any
        match end:
            case "raises":
                reason = error
                process.post("go on")
            case "is cancelled":
                reason = "cancelled"
                process.task.cancel()
            case _:
                reason = "killed"
                process.kill()
        assert await aio.receive() == ("DOWN", ref, "process", process, reason)
        await process
        assert process.exit_reason == reason
        if end == "raises":
            assert process.task.exception() is error

    run(test())


def test_a_killed_task_is_cancelled_wherever_it_waits(run: Run) -> None:
    async def test() -> None:
        process = aio.spawn(asyncio.Event().wait)
        await turns(2)
        await asyncio.to_thread(process.kill)
        await process
        assert process.task.cancelled()
        assert process.exit_reason == "killed"

    run(test())


def test_monitors_see_across(run: Run) -> None:
    """A task that of a thread, and a thread that of a task."""

    async def test() -> None:
        thread = Task(gentcp.receive)
        ref = aio.monitor(thread.process)
        task = aio.spawn(aio.receive)

        def watch() -> Any:
            seen = gentcp.monitor(task)
            watching.set_result(None)
            return gentcp.receive(lambda message: message[1] is seen, timeout=20.0)

        loop, watching = asyncio.get_running_loop(), _Told(asyncio.get_running_loop())
        watcher = Task(watch)
        await watching.future
        thread.process.post("go on")
        task.post("go on")
        assert await aio.receive() == ("DOWN", ref, "process", thread.process, "normal")
        down = await loop.run_in_executor(None, watcher.result)
        assert down[2:] == ("process", task, "normal")
        await loop.run_in_executor(None, thread.join)
        gone = aio.monitor(task)
        assert await aio.receive(timeout=0) == ("DOWN", gone, "process", task, "noproc")

    run(test())


class _Told:
    """A future of a loop that a thread sets."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[None] = loop.create_future()
        self._loop = loop

    def set_result(self, result: None) -> None:
        self._loop.call_soon_threadsafe(self.future.set_result, result)


def test_a_monitor_taken_back_does_not_fire(run: Run) -> None:
    async def test() -> None:
        process = aio.spawn(aio.receive)
        ref = aio.monitor(process)
        assert aio.demonitor(ref)
        assert not aio.demonitor(ref)
        process.kill()
        await process
        with pytest.raises(TimeoutError):
            await aio.receive(timeout=0)

    run(test())


# ---- messages


def test_messages_come_in_order_and_by_choice(run: Run) -> None:
    async def test() -> None:
        me = aio.current_process()
        for message in ("a", 1, "b", 2):
            me.post(message)
        assert await aio.receive(lambda message: message == 2) == 2
        assert [await aio.receive(timeout=0) for _ in range(3)] == ["a", 1, "b"]
        with pytest.raises(TimeoutError):
            await aio.receive(timeout=0)
        with pytest.raises(TimeoutError):
            await aio.receive(lambda message: message == 1, timeout=0.01)

    run(test())


def test_a_predicate_that_raises_loses_no_message(run: Run) -> None:
    async def test() -> None:
        me = aio.current_process()
        for message in (1, "two", 3):
            me.post(message)
        for _ in range(2):
            with pytest.raises(TypeError):
                await aio.receive(lambda message: bool(message > 1))
        assert [await aio.receive(timeout=0) for _ in range(3)] == [1, "two", 3]

    run(test())


def test_threads_and_tasks_post_to_one_another(run: Run) -> None:
    count = 500

    async def test() -> None:
        me = aio.current_process()

        def answer() -> None:
            for _ in range(count):
                me.post(("thread", gentcp.receive(timeout=20.0)))

        thread = Task(answer)

        async def post() -> None:
            for number in range(count):
                thread.process.post(number)
                await asyncio.sleep(0)

        task = aio.spawn(post)
        assert [await aio.receive() for _ in range(count)] == [("thread", number) for number in range(count)]
        await task
        await asyncio.get_running_loop().run_in_executor(None, thread.result)

    run(test())


@pytest.mark.parametrize("timeout", [0, 5.0])
def test_data_that_is_there_is_a_message_at_once(run: Run, link: Link, timeout: float) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(active=True)
            for _ in range(20):
                peer.send(b"data")
                eventually(lambda: _readable(sock.fileno()))
                assert await aio.receive(timeout=timeout) == ("tcp", sock, b"data")

    run(test())


def _readable(fd: int) -> bool:
    import select

    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))


# ---- sockets and their owners


def test_a_socket_ends_with_the_task_that_owns_it(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener = await net.listen()
            kept: list[aio.Socket] = []

            async def work() -> None:
                kept.append(await aio.connect("127.0.0.1", listener.port, inet_backend=net.backend))

            process = aio.spawn(work)
            accepted = await listener.accept()
            with pytest.raises(gentcp.Closed):
                await accepted.recv()
            await process
            await accepted.close()
            assert kept[0].fileno() == -1

    run(test())


def test_messages_go_along_to_a_new_owner(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(active=True, packet="line")
            peer.send(b"one\ntwo\n")
            first = await aio.receive()

            async def work() -> list[Any]:
                return [(await aio.receive())[2] for _ in range(2)]

            process = aio.spawn(work)
            await until(lambda: aio.current_process()._inbox)
            await sock.controlling_process(process)
            peer.send(b"three\n")
            assert first[2] == b"one\n"
            assert await process.task == [b"two\n", b"three\n"]

    run(test())


def test_a_group_of_tasks_that_fails_closes_what_its_tasks_had(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener = await net.listen()

            accepted = asyncio.Event()

            async def serve() -> None:
                async with await listener.accept() as sock:
                    accepted.set()
                    await sock.recv()

            async def fail() -> None:
                await accepted.wait()
                raise ZeroDivisionError

            sock = await net.connect(listener.port)
            with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012
                async with asyncio.TaskGroup() as group:
                    group.create_task(serve())
                    group.create_task(fail())
            assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]
            with pytest.raises(gentcp.Closed):
                await sock.recv()

    run(test())


def test_a_mailbox_that_is_much_too_full_is_in_the_log_once(
    run: Run, link: Link, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mailbox, "HIGH_WATER", 100)
    monkeypatch.setattr(_loops, "LOOK", 0.01)
    caplog.set_level(logging.WARNING, "gentcp")

    async def test() -> None:
        async with link() as net:
            _, peer = await net.dial(packet=1, active=True)
            me = aio.current_process()
            peer.send(b"\0" * 200)
            await until(lambda: bool(caplog.records))
            await asyncio.sleep(0.05)
            assert len(me._inbox) == 200
            assert len(caplog.records) == 1
            assert me.name in caplog.text

    run(test())
