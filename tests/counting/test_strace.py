"""What strace writes is read as it is meant."""

from __future__ import annotations

from . import strace

LOG = """\
10 read(3, "", 16) = 0
10 access("mark:begin:one", F_OK) = -1 ENOENT (No such file or directory)
10 recvfrom(5,  <unfinished ...>
11 epoll_pwait(4, [{events=EPOLLIN, data={u32=6, u64=6}}], 64, -1, NULL, 8) = 1
10 <... recvfrom resumed>"a = 7", 65536, 0, NULL, NULL) = 5
10 sendto(5, "x", 1, MSG_NOSIGNAL, NULL, 0) = -1 EAGAIN (Resource temporarily unavailable)
10 brk(0x55) = 0x55
10 sendto(5, "x", 1, MSG_NOSIGNAL, NULL, 0) = 1
11 +++ exited with 0 +++
10 faccessat(AT_FDCWD, "mark:end", F_OK) = -1 ENOENT (No such file or directory)
10 close(5) = 0
10 access("mark:begin:one", F_OK) = -1 ENOENT (No such file or directory)
10 access("mark:end", F_OK) = -1 ENOENT (No such file or directory)
"""


def test_calls_stand_between_the_marks_of_their_thread() -> None:
    first, second = strace.sections(LOG)["one"]
    assert [(call.name, call.fd, call.result) for call in first.own if call.name != "brk"] == [
        ("recvfrom", 5, 5), ("sendto", 5, -1), ("sendto", 5, 1),
    ]  # fmt: skip
    assert [(call.name, call.fd, call.result) for call in first.others] == [("epoll_wait", 4, 1)]
    assert first.plain() == "recvfrom, 2 sendto"
    assert second.plain() == ""
