import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.transfer import decoded

ENCODINGS = ("base64", "quoted-printable", "7bit", "x-uuencode", "", "BASE64 ")


@given(st.binary(max_size=500), st.sampled_from(ENCODINGS))
def test_any_bytes_are_decoded_to_no_more_bytes(data, encoding):
    assert len(decoded(data, encoding)) <= len(data)


@given(st.binary(max_size=300))
def test_what_was_encoded_well_comes_back(data):
    assert decoded(base64.encodebytes(data), "Base64") == data
    assert decoded(binascii.b2a_qp(data, istext=False), "quoted-printable") == data


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_two_pieces_of_base64_are_joined(one, other):
    joined = base64.b64encode(one) + base64.b64encode(other)
    if len(one) % 3 and other:
        assert decoded(joined, "base64") == one + other


@pytest.mark.parametrize("written", [b"=", b"=\n", b"=Z", b"==", b"= \n", b"=3", b"\xff="])
def test_a_bad_escape_does_no_harm(written):
    assert isinstance(decoded(written, "quoted-printable"), bytes)
