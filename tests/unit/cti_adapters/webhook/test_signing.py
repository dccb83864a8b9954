"""``webhook.signing``: only who has the secret is believed, and only for a while."""

import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cti_adapters.webhook.signing import Unsigned, headers_for, moment, verify
from router.core.durations import MINUTE, SECOND
from router.outgoing.templates import parse_template
from tests.webhook.in_memory import SCHEME

NOW = 1_700_000_000 * SECOND
SCHEMES = st.builds(
    lambda encoding, prefix, signed: replace(
        SCHEME, encoding=encoding, prefix=prefix, signed=parse_template(signed)
    ),
    st.sampled_from(["hex", "base64"]),
    st.sampled_from(["", "sha256=", "v1,"]),
    st.sampled_from(["{timestamp}.{body}", "v0:{timestamp}:{body}", "{body}{timestamp}"]),
)


def headers(scheme, body, at=NOW):
    return {name.lower(): value for name, value in headers_for(scheme, body, at)}


@given(SCHEMES, st.binary(max_size=200))
def test_what_was_signed_is_believed(scheme, body):
    verify(scheme, headers(scheme, body), body, NOW)


@given(SCHEMES, st.binary(max_size=50), st.binary(max_size=50))
def test_another_body_or_another_secret_is_not(scheme, body, other):
    if other != body:
        with pytest.raises(Unsigned):
            verify(scheme, headers(scheme, body), other, NOW)
    stranger = replace(scheme, secret=b"not the right one")
    with pytest.raises(Unsigned):
        verify(scheme, headers(stranger, body), body, NOW)


@given(st.dictionaries(st.sampled_from(["x-signature", "x-timestamp"]), st.text()))
def test_whatever_stands_in_the_headers_is_refused_in_words(given_headers):
    with pytest.raises(Unsigned) as refused:
        verify(SCHEME, given_headers, b"{}", NOW)
    assert str(refused.value).endswith(".")
    assert "0123456789abcdef" not in str(refused.value)


def test_what_was_signed_long_ago_or_in_the_future_is_refused():
    signed = headers(SCHEME, b"{}")
    for now in (NOW - 4 * MINUTE, NOW + 4 * MINUTE):
        verify(SCHEME, signed, b"{}", now)
    for now in (NOW - 6 * MINUTE, NOW + 6 * MINUTE):
        with pytest.raises(Unsigned):
            verify(SCHEME, signed, b"{}", now)


def test_the_timestamp_is_signed():
    signed = headers(SCHEME, b"{}") | {"x-timestamp": str(NOW // SECOND + 1)}
    with pytest.raises(Unsigned):
        verify(SCHEME, signed, b"{}", NOW)


def test_both_secrets_are_believed_while_one_is_being_changed():
    rotating = replace(SCHEME, secret=b"the new secret!!", previous=SCHEME.secret)
    verify(rotating, headers(SCHEME, b"{}"), b"{}", NOW)
    verify(rotating, headers(rotating, b"{}"), b"{}", NOW)


def test_no_secret_is_shown():
    assert "0123456789abcdef" not in repr(SCHEME)


@given(st.text(max_size=20))
def test_a_moment_is_read_or_is_none(text):
    found = moment(text)
    assert found is None or found >= 0


def test_milliseconds_are_told_from_seconds():
    assert moment("1700000000") == moment("1700000000000") == NOW


def test_the_connector_in_the_guide_signs_as_is_expected(monkeypatch):
    monkeypatch.setenv("HOOK", "http://localhost/")
    monkeypatch.setenv("SECRET", SCHEME.secret.decode())
    monkeypatch.setattr("sys.argv", ["x", "+441632960001", "Hello"])
    sent = []

    class Answer:
        status = 200

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def read(self):
            return b"{}"

    def urlopen(request, timeout):
        sent.append(request)
        return Answer()

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    path = Path(__file__).parents[4] / "docs" / "webhook_connector.py"
    spec = importlib.util.spec_from_file_location("webhook_connector", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    (request,) = sent
    named = {name.lower(): value for name, value in request.headers.items()}
    verify(SCHEME, named, request.data, int(named["x-timestamp"]) * SECOND)
    assert json.loads(request.data)["text"] == "Hello"
