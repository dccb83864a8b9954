"""``connectors.settings_file``: one run names every mistake, and nothing unsafe is ever asked."""

import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.connectors.definitions import Connector, Parameter, Reading, Sign
from ivr.connectors.settings_file import (
    ConnectorsRefused,
    check_file,
    check_text,
    read_connectors,
)
from router.core.durations import MILLISECOND, SECOND
from router.outgoing.templates import Fixed, Slot

EXAMPLE = Path("config/connectors.yaml")
MINE = {"TOKEN": "s3cret", "BILLING_TOKEN": "s3cret", "LINES": "a\r\nHost: evil"}


def one(lines="", url="https://crm.example/c/{account}", hosts="crm.example", head=None):
    """A file of one connector, in one line: what matters to a test and no more."""
    head = "parameters: {account: {}}" if head is None else head
    inside = ", ".join(part for part in (f'url: "{url}"', head, lines) if part)
    return f"hosts: [{hosts}]\nconnectors: {{crm: {{{inside}}}}}"


def check(text):
    return check_text(text, environment=MINE)


def read(lines="", **given):
    report = check(one(lines, **given))
    assert report.problems == ()
    (found,) = report.found
    return found


def error(lines="", **given):
    report = check(one(lines, **given))
    assert report.found is None
    (only,) = report.problems
    assert only.severity == "error"
    return str(only).partition(" error: ")[2]


def warning(lines="", **given):
    report = check(one(lines, **given))
    assert report.ok, report.problems
    (only,) = report.problems
    return str(only).partition(" warning: ")[2]


def test_what_is_not_written_has_its_default():
    expected = Connector(
        id="crm",
        host="crm.example",
        port=443,
        path=(("c",), (Slot("account"),)),
        parameters={"account": Parameter()},
    )
    assert read() == expected


def test_all_that_may_be_written():
    found = read(
        'label: CRM, method: POST, body: {a: "{account}", n: 1, d: 1.5, t: "1", f: false, z: , '
        'l: [x]}, query: {"from[]": "x{account}"}, headers: {X-A: b, Authorization: {env: TOKEN, '
        'before: "Bearer "}}, answer: {debt: /a~1b/0/c~0}, found: {status: [200, 201], at: /ok, '
        "is: [true, 1]}, not_found: {status: [204], at: /state, is: [none]}, failed: {at: /error}, "
        "timeout: 500ms, max_answer: 1000, at_once: 2, allow_private: true"
    )
    slot = (Slot("account"),)
    assert (found.label, found.method, found.timeout) == ("CRM", "POST", 500 * MILLISECOND)
    assert (found.max_answer, found.at_once, found.allow_private) == (1000, 2, True)
    assert found.query == (("from[]", ("x", *slot)),)
    assert found.headers == (("X-A", "b"), ("Authorization", "Bearer s3cret"))
    assert found.body == {
        "a": slot,
        "n": Fixed(1),
        "d": Fixed(1.5),
        "t": ("1",),
        "f": Fixed(False),
        "z": Fixed(None),
        "l": [("x",)],
    }
    assert found.reading == Reading(
        fields={"debt": ("a/b", "0", "c~")},
        found_status=(200, 201),
        not_found_status=(204,),
        found=Sign(at=("ok",), values=("true", "1")),
        not_found=Sign(at=("state",), values=("none",)),
        failed=Sign(at=("error",)),
    )


def test_a_parameter_may_be_written_with_nothing_to_say():
    assert read(head="parameters: {account: }").parameters == {"account": Parameter()}
    known = read('query: {d: "{day}"}', head="parameters: {account: , day: {optional: true}}")
    assert known.parameters["day"] == Parameter(optional=True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"hosts": "erp.example"}, "the host crm.example may not be asked; add it to 'hosts'"),
        ({"hosts": "'crm.example:8443'"}, "the host crm.example may not be asked"),
        ({"hosts": "sub.crm.example"}, "the host crm.example may not be asked"),
        ({"url": "https://{account}.example/"}, "the host in full"),
        ({"url": "https://crm.example:{account}/"}, "the host in full"),
        ({"url": "https://me:pw@crm.example/{account}"}, "write it as https://"),
        ({"url": "https://crm.example/{account}?a=b"}, "write it as https://"),
        ({"url": "https://crm.example/{account}#a"}, "write it as https://"),
        ({"url": "https://crm.example\\\\@evil.example/{account}"}, "write it as https://"),
        ({"url": "https://crm.example/../{account}"}, "without '.' and '..'"),
        ({"url": "https://CRM.example/{account}"}, "lower case"),
        ({"url": "https://crm.example:0/{account}"}, "port from 1"),
        ({"url": "https://crm.example:99999/{account}"}, "cannot be used"),
        ({"url": "file:///etc/{account}"}, "write it as https://"),
        ({"url": "https://crm.example/{account"}, "a brace itself"),
        ({"url": "http://crm.example/{account}"}, "everybody on the way"),
        ({"url": "https://crm.example/{acount}"}, "there is no parameter 'acount'; did you mean"),
        ({"head": ""}, "there is no parameter 'account'; add 'parameters: {account: {}}'"),
        ({"head": "parameters: {account: {optional: true}}"}, "the path would be another"),
        ({"lines": "body: {a: 1}"}, "GET has no body"),
        ({"lines": 'headers: {Host: "evil.example"}'}, "Patchbay writes this header itself"),
        ({"lines": "headers: {content-length: 1}"}, "Patchbay writes this header itself"),
        ({"lines": "headers: {X-A: 1, x-a: 2}"}, "given twice"),
        ({"lines": "headers: {Authorization: Basic abc}"}, "a secret would stand in this file"),
        ({"lines": "headers: {X-Api-Key: abc}"}, "a secret would stand in this file"),
        ({"lines": "headers: {Authorization: {env: NONE}}"}, "the environment has no NONE"),
        ({"lines": "headers: {Authorization: {env: LINES}}"}, "cannot be a header"),
        ({"lines": 'headers: {X-A: "a\\tb"}'}, "on one line"),
        ({"lines": 'headers: {"X A": b}'}, "write a header's name"),
        ({"lines": "answer: {debt: debt}"}, "from the outside in, such as /data/name"),
        ({"lines": "answer: {Debt: /debt}"}, "lower-case letters"),
        ({"lines": "found: {}"}, "it is never so"),
        ({"lines": "not_found: {status: [404], is: [a]}"}, "'is' has nothing to look at"),
        ({"lines": "found: {status: [302]}"}, "redirects are never followed"),
        ({"lines": "found: {status: [200, 404]}"}, "says both found and not_found"),
        ({"lines": "timeout: 5m"}, "nobody waits like this; write 100ms to 30s"),
        ({"lines": "ca_file: nowhere.pem"}, "there is no such file"),
        ({"lines": "ca_file: config/demo.yaml"}, "holds no certificates"),
        ({"lines": "max_answer: 9999999"}, "write a number from 100"),
        ({"lines": "redirects: 3"}, "the key 'redirects' is not known"),
        ({"lines": 'query: {a: "{b"}'}, "a brace itself"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_to_do(given, says):
    assert says in error(**given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"url": "http://crm.example/{account}", "lines": "allow_private: true"},
            "everybody in your network can read",
        ),
        ({"url": "https://crm.example/"}, "nothing uses this parameter"),
    ],
)
def test_what_can_be_used_but_should_not_is_a_warning(given, says):
    assert says in warning(**given)


@pytest.mark.parametrize(
    ("url", "hosts", "host", "port"),
    [
        ("https://crm.example:8443/{account}", '"crm.example:8443"', "crm.example", 8443),
        ("https://crm.example:443/{account}", "crm.example", "crm.example", 443),
        ("https://[2606:2800::1]/{account}", '"[2606:2800::1]"', "2606:2800::1", 443),
        ("https://crm.example/{account}", '"crm.example:443"', "crm.example", 443),
    ],
)
def test_the_host_and_its_port_have_to_be_allowed(url, hosts, host, port):
    found = read(url=url, hosts=hosts)
    assert (found.host, found.port) == (host, port)


def test_http_on_this_machine_is_no_risk():
    found = read("allow_private: true", url="http://127.0.0.1:80/{account}", hosts='"127.0.0.1:80"')
    assert (found.tls, found.port) == (False, 80)


def test_the_example_is_good_once_its_secret_is_set():
    assert check_file(EXAMPLE, environment=MINE).problems == ()
    (problem,) = check_file(EXAMPLE, environment={}).problems
    assert "the environment has no BILLING_TOKEN" in str(problem)
    billing, desk = check_file(EXAMPLE, environment=MINE).found
    assert billing.signature.shows == ()
    assert desk.timeout == 3 * SECOND


def test_the_start_is_refused_with_every_problem(tmp_path):
    file = tmp_path / "connectors.yaml"
    with pytest.raises(ConnectorsRefused, match="cannot be read"):
        read_connectors(file)
    file.write_text(one("timeout: 5m", hosts="erp.example"))
    with pytest.raises(ConnectorsRefused, match=r"(?s)may not be asked.*nobody waits"):
        read_connectors(file)


def test_warnings_go_to_the_log_at_the_start(tmp_path, caplog):
    file = tmp_path / "connectors.yaml"
    file.write_text(one(url="https://crm.example/"))
    with caplog.at_level(logging.WARNING):
        assert len(read_connectors(file)) == 1
    assert "nothing uses this parameter" in caplog.text


@pytest.mark.parametrize("text", ["", "hosts: []", "connectors: {}", "hosts: x", "- 1", "\x00"])
def test_what_is_no_such_file_is_said(text):
    report = check(text)
    assert not report.ok
    assert report.errors == report.problems
    assert report.warnings == ()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80))
def test_nothing_raises(text):
    check(text)
    if isinstance(text, str):
        check_text(f"hosts: [a.example]\nconnectors: {{a: {{url: {text!r}}}}}", environment={})
