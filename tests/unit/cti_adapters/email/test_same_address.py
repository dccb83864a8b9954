"""``cti_adapters.email.same_address``: when two addresses are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.same_address import base_of, key_of, parts


@given(st.text(max_size=60))
def test_comparing_what_is_compared_changes_nothing(address):
    assert key_of(key_of(address)) == key_of(address)
    assert base_of(base_of(address)) == base_of(address)
    assert base_of(key_of(address)) == base_of(address)


@pytest.mark.parametrize(
    ("address", "key", "base"),
    [
        ("Ann@Example.COM", "ann@example.com", "ann@example.com"),
        ("ann+shop@example.com", "ann+shop@example.com", "ann@example.com"),
        ("a@b@example.com", "a@b@example.com", "a@b@example.com"),
        ("ann", "ann", "ann"),
        ("+x@example.com", "+x@example.com", "+x@example.com"),
        ("", "", ""),
    ],
)
def test_addresses_are_compared_without_capitals_and_mailboxes_without_their_plus(
    address, key, base
):
    assert key_of(address) == key
    assert base_of(address) == base


def test_an_address_has_a_local_part_and_a_domain():
    assert parts(" Ann@Example.com ") == ("Ann", "example.com")
    assert parts("ann") == ("ann", "")
