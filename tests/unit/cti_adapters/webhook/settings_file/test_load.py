"""``webhook.settings_file``: every mistake is told by its line; no secret stands in the file."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from cti_adapters.webhook.settings_file import HooksRefused, check_file, check_text, read_hooks
from cti_adapters.webhook.settings_file.schema import FILE, schema_text, webhooks_schema
from router.core.catalog import Catalog, EntryPoint

SAMPLE = Path(__file__).parents[5] / "config" / "webhooks.yaml"
LONG = "0123456789abcdef"
ENVIRONMENT = dict.fromkeys(
    ("SMS_SECRET", "SMS_TOKEN", "WHATSAPP_SECRET", "WHATSAPP_VERIFY", "WHATSAPP_TOKEN"), LONG
)
HOOK = """
hooks:
  sms:
    label: SMS
    entry_point: sms
    incoming:
      signature: {header: X-Signature, timestamp_header: X-Time, secret_env: SMS_SECRET}
      events:
        - {event: message, fields: {id: /id, address: /from, text: /text}}
    outgoing:
      url: https://sms.example/messages
      body: {to: "{address}", text: "{text}"}
"""


def problems(text, environment=ENVIRONMENT):
    return [str(one) for one in check_text(text, environment=environment).problems]


def test_the_sample_is_good_and_as_its_schema_says():
    report = check_file(SAMPLE, environment=ENVIRONMENT)
    assert [hook.id for hook in report.found] == ["sms", "whatsapp"]
    assert [one.what for one in report.problems] == [
        "what was sent once could be sent again by others, at any time"
    ]
    jsonschema.validate(yaml.safe_load(SAMPLE.read_text()), webhooks_schema())


def test_the_schema_in_the_repository_is_current():
    assert FILE.read_text(encoding="utf-8") == schema_text()


def test_a_plain_hook_has_no_problem():
    assert problems(HOOK) == []


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("event: message", "event: call", "event"),
        ("id: /id", "id: id", "from the outside in"),
        ("text: /text}", "words: /text}", "words"),
        ("address: /from, ", "", "which conversation"),
        (", text: /text", "", "says nothing"),
        ("https://", "http://", "read and change"),
        ('"{text}"', '"{message}"', "message"),
        ('"{text}"', '"Hello"', "nothing is said"),
        ("X-Signature", "X Signature", "header"),
        ("  sms:\n", "  dead:\n", "Patchbay's own"),
        ("timestamp_header: X-Time", "signed: '{timestamp}.{body}'", "where the timestamp stands"),
        ("timestamp_header: X-Time", "timestamp_header: X-Time, signed: '{body}'", "not signed"),
        ("timestamp_header: X-Time", "timestamp_header: X-Time, tolerance: 2h", "no sense"),
        ("timestamp_header: X-Time", "timestamp_header: X-Time, signed: 'x'", "the body once"),
        ("secret_env: SMS_SECRET", "secret_env: NONE", "the environment has no"),
        ("body: {", "headers: {X-Token: abc}\n      body: {", "a secret would stand"),
    ],
)
def test_a_mistake_is_told(written, instead, told):
    assert written in HOOK
    found = problems(HOOK.replace(written, instead))
    assert any(told in one for one in found), found


def test_a_secret_that_could_be_guessed_is_refused():
    assert "could be guessed" in problems(HOOK, {"SMS_SECRET": "short"})[0]


def test_the_entry_point_must_be_one_of_this_channel():
    points = {"sms": EntryPoint(id="sms", channel="chat", queue="q")}
    catalog = Catalog(version=1, entry_points=points)
    report = check_text(HOOK, catalog=catalog, environment=ENVIRONMENT)
    assert "an entry point of the channel chat" in str(report.errors[0])
    other = check_text(HOOK, catalog=Catalog(version=1), environment=ENVIRONMENT)
    assert other.found is None


def test_nothing_shown_holds_a_secret():
    assert LONG not in repr(check_file(SAMPLE, environment=ENVIRONMENT).found)


@pytest.mark.parametrize("text", ["", "hooks:", "[]", "hooks: {x: {}}", "\x00"])
def test_what_is_no_file_of_hooks_is_told(text):
    assert problems(text)


def test_the_start_is_refused_in_words(tmp_path):
    (tmp_path / "hooks.yaml").write_text("hooks: 7")
    with pytest.raises(HooksRefused, match="cannot be used"):
        read_hooks(tmp_path / "hooks.yaml")
