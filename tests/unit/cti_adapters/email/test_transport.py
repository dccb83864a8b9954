"""``email.transport``: what strangers say is shown in one harmless line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.transport import is_loopback, printable


@given(st.one_of(st.text(), st.binary()), st.integers(1, 50))
def test_whatever_a_server_said_is_one_line_that_can_be_shown(said, most):
    shown = printable(said, most)
    assert len(shown) <= most
    assert all(one.isprintable() for one in shown)


def test_only_this_machine_is_this_machine():
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.9.9.9", "::1")))
    assert not any(map(is_loopback, ("localhost.evil.test", "10.0.0.1", "0.0.0.0", "", "127.1")))
