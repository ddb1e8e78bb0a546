"""What the table of options says of OTP's backends is so: each row, on the VM's sockets of each kind."""

from __future__ import annotations

import pytest

from gentcp.options import TABLE, Option

from ..support.option_rows import FAMILIES, Row, said, seen

pytestmark = pytest.mark.usefixtures("followed")
APART = ("debug", "multicast_if", "fd")
"""The trace of the first would go to the pipe that the VM is asked through; of the second OTP's driver shows memory
that is not its own; and setting the third takes a socket of the socket backend down."""
ROWS = [option for option in TABLE if option.name not in APART]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("option", ROWS, ids=lambda option: option.name)
@pytest.mark.parametrize("column", ["inet", "socket"])
def test_a_row_says_what_sockets_of_otp_do(column: str, option: Option, family: str) -> None:
    row = Row(option, column, family)
    expected = said(row)
    assert seen(row, f"otp_{column}", expected) == expected
