import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.addresses import addresses, message_ids, normal
from cti_adapters.email.model import MAX_ADDRESSES, MAX_REFERENCES


@given(st.text(alphabet='ab@.,;:<>()"\\ =?é\n', max_size=200))
def test_whatever_is_written_only_addresses_come_out(written):
    for one in addresses(written.encode()):
        assert normal(one.address) == one.address
        assert one.address.count("@") == 1


@given(st.lists(st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.org", fullmatch=True), max_size=5))
def test_a_list_is_read_in_its_order(written):
    assert [one.address for one in addresses(", ".join(written).encode())] == written


def test_only_so_many_are_kept():
    assert len(addresses(b"a@b.c," * 500)) == MAX_ADDRESSES


def test_a_group_is_its_members():
    found = addresses(b"team: a@b.c, Ann <d@e.f>;, g@h.i")
    assert [one.address for one in found] == ["a@b.c", "d@e.f", "g@h.i"]


@pytest.mark.parametrize(
    "written", ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@b\n", "<>", "x" * 400 + "@y"]
)
def test_what_is_no_address_is_none(written):
    assert normal(written) in ("", "a@b")


def test_of_many_references_the_first_and_the_newest_are_kept():
    written = b" ".join(b"<%d@x>" % number for number in range(200))
    found = message_ids(written)
    assert len(found) == MAX_REFERENCES
    assert (found[0], found[1], found[-1]) == ("0@x", "151@x", "199@x")
