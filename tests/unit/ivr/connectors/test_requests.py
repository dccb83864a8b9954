"""``ivr.connectors.requests``: whatever a customer says stays the value that it is."""

import json
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.connectors.definitions import Connector, Parameter
from ivr.connectors.requests import request_for
from router.outgoing.requests import Unaskable
from router.outgoing.templates import Fixed, parse_template
from router.text import one_line

ANY = st.text(max_size=60)
CRUEL = [
    "../../admin",
    "..\\admin",
    "%2e%2e%2fadmin",
    "a/b",
    "x?admin=1",
    "x#y",
    "x&admin=1",
    "1 HTTP/1.1\r\nHost: evil\r\n\r\n",
    "@evil.example",
    "//evil.example",
    '", "admin": "1',
    "\u2028\u202e\x00",
    "１２３",
    "{pin}",
]


def connector(**changes):
    values = {
        "id": "crm",
        "host": "crm.example",
        "port": 443,
        "path": (parse_template("v1"), parse_template("acc-{account}"), parse_template("debt")),
        "query": (("day", parse_template("{day}")), ("all", parse_template("yes"))),
        "method": "POST",
        "body": {"pin": parse_template("{pin}"), "n": [Fixed(1), parse_template("<{day}>")]},
        "headers": (("Authorization", "Bearer s3cret"),),
        "parameters": {
            "account": Parameter(),
            "day": Parameter(optional=True),
            "pin": Parameter(optional=True),
        },
    }
    return Connector(**(values | changes))


def sent(**parameters):
    return request_for(connector(), {"account": "42", **parameters})


def test_what_is_sent():
    request = sent(day="mon", pin="4711")
    assert request.target == "/v1/acc-42/debt?day=mon&all=yes"
    assert json.loads(request.body) == {"pin": "4711", "n": [1, "<mon>"]}
    headers = dict(request.headers)
    assert headers["Host"] == "crm.example"
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Content-Type"] == "application/json"
    assert headers["Content-Length"] == str(len(request.body))
    assert headers["Accept-Encoding"] == "identity"


def test_what_names_an_optional_parameter_is_left_out_without_it():
    request = sent()
    assert request.target == "/v1/acc-42/debt?all=yes"
    assert json.loads(request.body) == {"n": [1]}


@pytest.mark.parametrize("value", ["", "  ", "\r\n"])
def test_without_a_parameter_that_is_needed_nobody_is_asked(value):
    with pytest.raises(Unaskable, match="account is empty"):
        sent(account=value)


def test_a_value_that_is_too_long_is_not_sent_and_not_told():
    with pytest.raises(Unaskable, match="longer than 200") as told:
        sent(day="secret" * 100)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("value", ["a/b", "a\\b", "%2e%2e", "../x"])
def test_a_path_gets_nothing_that_might_be_decoded_twice(value):
    with pytest.raises(Unaskable, match="no path may have"):
        sent(account=value)


@pytest.mark.parametrize("value", [".", "..", "..."])
def test_a_segment_never_leads_upwards(value):
    with pytest.raises(Unaskable, match="elsewhere"):
        request_for(connector(path=(parse_template("{account}"),)), {"account": value})


@given(account=ANY | st.sampled_from(CRUEL), day=ANY | st.sampled_from(CRUEL))
def test_no_value_reaches_another_segment_another_name_or_another_header(account, day):
    try:
        request = sent(account=account, day=day, pin=day)
    except Unaskable:
        return
    assert request.target.isascii()
    parts = urlsplit(request.target)
    _, version, segment, last = parts.path.split("/")
    assert (version, last, parts.fragment) == ("v1", "debt", "")
    assert unquote(segment) == f"acc-{one_line(account)}"
    given_day = [("day", one_line(day))] if one_line(day) else []
    assert parse_qsl(parts.query, strict_parsing=True) == [*given_day, ("all", "yes")]
    body = json.loads(request.body)
    assert body.get("pin", "") == one_line(day)
    assert set(body) <= {"pin", "n"}
    wire = h11.Connection(h11.CLIENT).send(
        h11.Request(method="POST", target=request.target, headers=list(request.headers))
    )
    assert wire.count(b"\r\n") == len(request.headers) + 2


def test_a_request_and_a_connector_show_no_secret():
    told = sent(pin="4711"), connector()
    shown = f"{told!r} {[list(one.__rich_repr__()) for one in told]}"
    assert "4711" not in shown
    assert "s3cret" not in shown


@pytest.mark.parametrize(
    ("change", "host"),
    [
        ({"port": 8443}, "crm.example:8443"),
        ({"port": 80, "tls": False}, "crm.example"),
        ({"port": 80}, "crm.example:80"),
        ({"host": "::1", "port": 1}, "[::1]:1"),
    ],
)
def test_the_host_is_the_connectors_own(change, host):
    request = request_for(connector(**change), {"account": "1"})
    assert dict(request.headers)["Host"] == host


def test_a_get_has_no_body():
    request = request_for(connector(method="GET", body=None), {"account": "1"})
    assert request.body == b""
    assert "Content-Length" not in dict(request.headers)
