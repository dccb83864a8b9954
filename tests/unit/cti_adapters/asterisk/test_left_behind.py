"""What callers leave behind says in its file's name whose it is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from cti_adapters.asterisk.left_behind import NEW, LeftBehind, of_file
from cti_adapters.asterisk.outbound import MAX_NUMBER
from cti_adapters.asterisk.settings_file.values import MAX_ID

WORDS = st.text(max_size=12)
NUMBERS = st.from_regex(r"\+?[0-9*#]{1,20}", fullmatch=True) | st.just("")
HOSTILE = st.text(max_size=300) | st.text("0.*#(a/", max_size=300)
LEFT = st.builds(
    LeftBehind,
    call=WORDS.filter(bool),
    channel=st.sampled_from(("voicemail", "fax")),
    box=WORDS,
    number=NUMBERS,
)


@given(left=LEFT)
def test_the_name_of_its_file_says_everything_about_it(left):
    found = of_file(NEW + left.file)
    assert found == left or len(left.file) > 200


@given(left=LEFT, number=HOSTILE)
@example(left=LeftBehind(call="main:1", channel="fax", box="papers"), number="a..b")
def test_its_name_is_a_plain_one_whatever_the_telephone_network_said(left, number):
    left = replace(left, number=number)
    name = left.file.removesuffix(".wav").removesuffix(".tif")
    assert all(char.isascii() and (char.isalnum() or char in "._+-") for char in name)
    assert ".." not in name
    found = of_file(NEW + left.file)
    assert found is None or found.arrival() == left.arrival(), "whoever brings it in"


@given(number=HOSTILE)
@example(number="*" * MAX_NUMBER)
def test_its_name_fits_into_a_folder_whatever_the_telephone_network_said(number):
    call = f"{'p' * MAX_ID}:{'s' * 13}-1700000000.123456:60000000000000"
    left = LeftBehind(call=call, channel="voicemail", box="customer_care-box", number=number)
    assert len(NEW + left.file) <= 240
    assert of_file(NEW + left.file) is not None


@pytest.mark.parametrize("number", ["a..b", "anonymous", "(" * 79, "1" * 33, "12 34"])
def test_what_is_no_number_is_left_out(number):
    left = LeftBehind(call="main:17.0", channel="voicemail", box="box", number=number)
    assert left.file == "main_3a17.0__voicemail__box__.wav"
    assert left.arrival().address == ""


@given(name=st.text(max_size=40) | st.from_regex(r"new-[a-z0-9_]{0,30}\.(wav|tif)"))
def test_a_file_of_another_name_is_nothing_to_bring_in(name):
    found = of_file(name)
    assert found is None or NEW + found.file == name


def test_a_file_that_was_brought_in_is_not_brought_in_again():
    left = LeftBehind(call="main:17.0", channel="fax", box="papers", number="+442079460001")
    assert left.file == "main_3a17.0__fax__papers__+442079460001.tif"
    assert of_file(left.file) is None


def test_the_contact_it_becomes():
    left = LeftBehind(call="main:17.0", channel="voicemail", box="box", number="+442079460001")
    arrival = left.arrival()
    assert (arrival.contact, arrival.channel) == ("main:17.0-voicemail", "voicemail")
    assert (arrival.address, arrival.entry_point) == ("+442079460001", "box")
    assert arrival.attributes == {"file": left.file, "call": "main:17.0"}
