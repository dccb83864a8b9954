"""What callers leave behind says in its file's name whose it is."""

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.left_behind import NEW, LeftBehind, of_file

WORDS = st.text(max_size=12)
LEFT = st.builds(
    LeftBehind,
    call=WORDS.filter(bool),
    channel=st.sampled_from(("voicemail", "fax")),
    box=WORDS,
    number=WORDS,
)


@given(left=LEFT)
def test_the_name_of_its_file_says_everything_about_it(left):
    found = of_file(NEW + left.file)
    assert found == left or len(left.file) > 200


@given(left=LEFT)
def test_its_name_is_a_plain_one_whatever_the_telephone_network_said(left):
    name = left.file.removesuffix(".wav").removesuffix(".tif")
    assert all(char.isascii() and (char.isalnum() or char in "._+-") for char in name)
    assert "/" not in name


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
