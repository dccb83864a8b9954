"""``asterisk.settings_file``: one run names every mistake, and nothing unsafe becomes a setting."""

import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalog import load_catalog
from cti_adapters.asterisk.ami.settings import AmiSettings
from cti_adapters.asterisk.settings import (
    Announcing,
    IceServer,
    OutboundRules,
    PbxSettings,
    Softphone,
)
from cti_adapters.asterisk.settings_file import PbxsRefused, check_file, check_text, read_pbxs
from router.core.catalog import Catalog
from router.core.durations import MINUTE, SECOND

EXAMPLE = Path("config/asterisk.yaml")
DEMO = load_catalog(Path("config/demo.yaml"), at=0)
MINE = {"SECRET": "s3cret"}


def pbx(lines="", head="entry_point: line, secret: x"):
    """A file of one system, in one line: what matters to a test and no more."""
    inside = ", ".join(part for part in (head, lines) if part)
    return f"pbxs: {{main: {{{inside}}}}}"


def check(text, **given):
    return check_text(text, environment=given.pop("environment", MINE), **given)


def read(lines="", **given):
    report = check(pbx(lines, **given))
    assert report.problems == ()
    (found,) = report.found
    return found


def errors(text, **given):
    report = check(text, **given)
    assert report.found is None
    assert all(problem.severity == "error" for problem in report.problems)
    return [str(problem).partition(" error: ")[2] for problem in report.problems]


def error(lines, **given):
    (only,) = errors(pbx(lines, **given))
    return only


def warnings(lines, *, catalog=None, **given):
    report = check(pbx(lines, **given), catalog=catalog)
    assert report.ok, report.problems
    return [str(problem).partition(" warning: ")[2] for problem in report.problems]


# -- what is read -------------------------------------------------------------------------------


def test_the_example_works_with_the_demos_catalog():
    assert isinstance(DEMO, Catalog)
    report = check_file(EXAMPLE, catalog=DEMO, environment={"ASTERISK_SECRET": "x"})
    assert report.problems == ()
    (main,) = report.found
    assert main.entry_point in DEMO.entry_points


def test_what_is_not_written_keeps_its_default():
    defaults = PbxSettings(id="main", entry_point="line", ami=AmiSettings(secret="x"))
    assert read() == defaults


def test_every_line_becomes_a_setting(tmp_path):
    (tmp_path / "ca.pem").write_text("certificates")
    text = """
pbxs:
  leeds:
    host: pbx.example
    port: 5039
    username: router
    secret_env: SECRET
    tls: true
    ca_file: ca.pem
    challenge: false
    ping_every: 2s
    action_timeout: 500ms
    context: from-patchbay
    numbers: {"+442079460018": line, 600: line}
    faxes: {+442079460019: fax_line}
    entry_point: line
    phone: PJSIP/{agent}
    phones: {ann: PJSIP/6001}
    softphone:
      websocket: wss://pbx.example:8089/ws
      domain: sip.example
      agents: [ben]
      ice_servers:
        - {urls: ["turns:turn.example:5349?transport=tcp"], username: u, credential: c}
    answer_within: 12s
    trunk: PJSIP/{number}@trunk
    caller_id: "+442079460018"
    outbound:
      country: GB
      allow: ["+44", "+353"]
      deny: [+449]
      international: true
      premium: true
      per_agent: 5
      per_flow: 9
      per: 10m
    music: calm
    sounds: prompts
    recordings: /var/spool/calls
    recordings_there: /calls/
    record: [sales, care]
    language: zh
    voices: {en: en-us}
    announcing:
      position_every: 30s
      wait_every: 0
      first_after: 10s
      callback_every: 2m
      callback_key: "*"
    callback_promised: We will call.
    voicemail_greeting: Speak now.
"""
    report = check(text, folder=tmp_path)
    assert report.problems == ()
    assert report.found == (
        PbxSettings(
            id="leeds",
            ami=AmiSettings(
                host="pbx.example",
                port=5039,
                username="router",
                secret="s3cret",
                tls=True,
                ca_file=tmp_path / "ca.pem",
                challenge=False,
                ping_every=2 * SECOND,
                action_timeout=SECOND // 2,
            ),
            context="from-patchbay",
            numbers={"+442079460018": "line", "600": "line"},
            faxes={"+442079460019": "fax_line"},
            entry_point="line",
            phones={"ann": "PJSIP/6001"},
            softphone=Softphone(
                websocket="wss://pbx.example:8089/ws",
                domain="sip.example",
                agents=("ben",),
                ice_servers=(
                    IceServer(
                        urls=("turns:turn.example:5349?transport=tcp",),
                        username="u",
                        credential="c",
                    ),
                ),
            ),
            answer_within=12 * SECOND,
            trunk="PJSIP/{number}@trunk",
            caller_id="+442079460018",
            outbound=OutboundRules(
                country="GB",
                allow=("+44", "+353"),
                deny=("+449",),
                international=True,
                premium=True,
                per_agent=5,
                per_flow=9,
                per=10 * MINUTE,
            ),
            music="calm",
            sounds=tmp_path / "prompts",
            recordings=Path("/var/spool/calls"),
            recordings_there="/calls",
            record=("sales", "care"),
            language="zh",
            voices={"en": "en-us"},
            announcing=Announcing(
                position_every=30 * SECOND,
                wait_every=0,
                first_after=10 * SECOND,
                callback_every=2 * MINUTE,
                callback_key="*",
            ),
            callback_promised="We will call.",
            voicemail_greeting="Speak now.",
        ),
    )


def test_there_may_be_several():
    text = """
pbxs:
  one: {secret: x, entry_point: line}
  two: {secret: y, entry_point: line, port: 5039}
"""
    assert [one.id for one in check(text).found] == ["one", "two"]


# -- the secret ---------------------------------------------------------------------------------


def test_a_secret_in_a_file_of_its_own(tmp_path):
    (tmp_path / "manager.secret").write_text("s3cret\nfor the router\n")
    text = pbx("secret_file: manager.secret", head="entry_point: line")
    assert check(text, folder=tmp_path).found[0].ami.secret == "s3cret"


def test_a_secret_in_the_environment():
    assert read("secret_env: SECRET", head="entry_point: line").ami.secret == "s3cret"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "no secret is given"),
        ("secret: a, secret_env: SECRET", "2 of secret, secret_file, secret_env are given"),
        ("secret_env: NONE", "the environment has no NONE; set it"),
        ("secret_env: 'A B'", "write the name of an environment variable"),
        ("secret_file: nowhere", "the file cannot be read"),
        ("secret_file: .", "it is not a file"),
        ("secret: ''", "write a text"),
        ('secret: "a\\r\\nAction: Originate"', "this is no secret"),
    ],
)
def test_a_secret_that_cannot_be_used_is_told(lines, said, tmp_path):
    (only,) = errors(pbx(lines, head="entry_point: line"), folder=tmp_path)
    assert said in only


def test_an_empty_or_broken_secret_is_refused_wherever_it_is(tmp_path):
    (tmp_path / "empty").write_text("\nsecond line")
    (tmp_path / "binary").write_bytes(b"\x00\x01")
    for name in ("empty", "binary"):
        (only,) = errors(pbx(f"secret_file: {name}", head="entry_point: a"), folder=tmp_path)
        assert "this is no secret" in only
    environment = {"SECRET": "a\nb"}
    (only,) = errors(pbx("secret_env: SECRET", head="entry_point: a"), environment=environment)
    assert "this is no secret" in only


def test_no_problem_and_no_setting_shows_the_secret():
    report = check(pbx("secret: hunter2, port: x", head="entry_point: line"))
    assert "hunter2" not in str(report.problems)
    assert "hunter2" not in repr(read("secret: hunter2", head="entry_point: line"))


# -- the way there ------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "'::1'", "127.8.0.1"])
def test_on_this_machine_tls_is_not_needed(host):
    assert warnings(f"host: {host}") == []


@pytest.mark.parametrize("host", ["pbx.example", "10.0.0.5", "'2001:db8::1'", "0.0.0.0"])
def test_elsewhere_it_is(host):
    (only,) = warnings(f"host: {host}")
    assert "can listen and give it orders; add 'tls: true'" in only
    assert warnings(f"host: {host}, tls: true") == []
    assert "the secret would go to" in error(f"host: {host}, challenge: false")


# -- what makes no sense ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("hst: x", "the key 'hst' is not known here; did you mean 'host'?"),
        ("host: 'a b'", "write a host's name"),
        ("host: 'pbx.example/x'", "write a host's name"),
        ("port: 0", "write a number from 1 to 65535"),
        ("tls: maybe", "write true or false"),
        ("ping_every: 5", "a duration needs a unit"),
        ("ping_every: 1ms", "1ms makes no sense here; write 1s to 10m"),
        ("action_timeout: 1h", "write 100ms to 1m"),
        ("answer_within: 0", "0s makes no sense here"),
        ("outbound: {per: 0}", "0s makes no sense here"),
        ("outbound: {per_agent: 0}", "write a number from 1 to 10000"),
        ("outbound: {per_flow: 0}", "write a number from 1 to 10000"),
        ("outbound: {country: England}", "two letters"),
        ("outbound: {country: XX}", "two letters"),
        ("outbound: {allow: ['0044']}", "with the country code: +44"),
        ("trunk: 'PJSIP/{number}@t', outbound: {allow: [+44], deny: [+44]}", "allowed and denied"),
        ("announcing: {wait_every: 1s}", "write at least 10s, or 0"),
        ("announcing: {callback_key: 12}", "write one key of a telephone"),
        ("ca_file: none.pem", "there is no such file"),
        ("sounds_there: /sounds", "'sounds' is missing"),
        ("sounds: 'my sounds'", "Asterisk would misread this path"),
        ("sounds: /x, sounds_there: relative", "write a path from /"),
        ("sounds: /x, sounds_there: /a/../b", "write a path from /"),
        ("recordings: '/var/a,b'", "Asterisk would misread this path"),
        ("softphone: {domain: x}", "'websocket' is missing"),
        ("softphone: {websocket: 'https://x/ws'}", "wss://pbx.example:8089/ws"),
        ("softphone: {websocket: 'wss://u:p@x/ws'}", "wss://pbx.example:8089/ws"),
        ("softphone: {websocket: 'wss://x:99999/ws'}", "wss://pbx.example:8089/ws"),
        ("softphone: {websocket: 'wss://x/ws', ice_servers: [{urls: ['http://x']}]}", "stun:host"),
        ("numbers: {1: a}, faxes: {1: b}", "this number is given under 'numbers' as well"),
        ("caller_id: 'Ann <600>'", "write a number"),
        ("language: english", "write a language's letters"),
        ("record: ['a b']", "write the ids of queues"),
    ],
)
def test_every_mistake_is_told_with_what_to_do(lines, said):
    assert said in error(lines)


HOSTILE = [
    "PJSIP/a&PJSIP/b",
    "PJSIP/a,60",
    "PJSIP/${SHELL(id)}",
    "PJSIP/a;x",
    "PJSIP/a b",
    "PJSIP/",
    "ann",
    "PJSIP/a|b",
    'PJSIP/a\\"b',
    "PJSIP/\\r\\nAction: x",
    "PJSIP/" + "a" * 300,
]


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_that_asterisk_interprets_becomes_a_phone_or_a_trunk(value):
    assert "write what Asterisk dials" in error(f'phones: {{ann: "{value}"}}')
    assert "write what Asterisk dials" in error(f'phone: "{value}{{agent}}&"')
    assert "write what Asterisk dials" in error(f'trunk: "{value}{{number}},"')


@pytest.mark.parametrize("name", ["phone", "trunk"])
@pytest.mark.parametrize("value", ["PJSIP/x", "PJSIP/{agent}{agent}", "PJSIP/{number}{number}"])
def test_a_pattern_names_who_is_dialled_once(name, value):
    assert "once" in error(f'{name}: "{value}"')


@pytest.mark.parametrize("name", ["context", "music", "username"])
@pytest.mark.parametrize("value", ["a b", "a,b", "${x}", "a]b", "../x", "a&b", "-x"])
def test_nothing_that_asterisk_interprets_becomes_a_word(name, value):
    assert "alone" in error(f"{name}: '{value}'")


@pytest.mark.parametrize("trunk", ["PJSIP/{number}@trunk", "Local/{number}@from-internal/n"])
def test_trunks_are_written_as_asterisk_dials_them(trunk):
    found = read(f'trunk: "{trunk}", outbound: {{allow: [+44]}}')
    assert found.trunk == trunk


def test_two_names_for_one_system_are_refused():
    text = "pbxs: {a: {secret: x, entry_point: e}, b: {secret: x, entry_point: e, port: 5038}}"
    (only,) = errors(text)
    assert "this is the same telephone system as 'a'" in only


# -- what works but is hardly meant -------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("trunk: 'PJSIP/{number}@t'", "nothing may be dialled through it"),
        ("outbound: {allow: [+44]}", "there is no trunk to dial through"),
        (
            "trunk: 'PJSIP/{number}@t', outbound: {allow: [+44, +353]}",
            "'+353' is not in GB, so it is not dialled; add 'international: true'",
        ),
        ("record: ['*']", "nothing is recorded without a folder"),
    ],
)
def test_what_has_no_effect_is_told(lines, said):
    (only,) = warnings(lines)
    assert said in only


def test_a_system_that_turns_every_call_away_is_told():
    (only,) = warnings("", head="secret: x")
    assert "every call is turned away" in only


def test_prefixes_of_the_own_country_are_no_surprise():
    lines = "trunk: 'PJSIP/{number}@t', outbound: {country: US, allow: [+, '+1', '+1212']}"
    assert warnings(lines) == []


# -- the catalog --------------------------------------------------------------------------------


def test_names_are_those_of_the_catalog():
    assert isinstance(DEMO, Catalog)
    softphone = "softphone: {websocket: 'wss://x/ws', agents: [anna]}"
    lines = f"entry_point: main_lin, {softphone}, record: [sale], recordings: /r"
    found = errors(pbx(lines, head="secret: x"), catalog=DEMO)
    assert "the entry point 'main_lin' is not defined; did you mean 'main_line'?" in found[0]
    assert "the agent 'anna' is not defined" in found[1]
    assert "the queue 'sale' is not defined" in found[2]


def test_the_id_of_a_system_leaves_room_in_the_names_of_its_channels():
    assert check("pbxs: {abcdefghij-123456789: {entry_point: line, secret: x}}").ok
    (only,) = errors("pbxs: {abcdefghij-1234567890: {entry_point: line, secret: x}}")
    assert "write 20 characters at most" in only


def test_a_telephone_may_be_a_supervisors_whom_no_catalog_knows():
    assert isinstance(DEMO, Catalog)
    lines = "entry_point: main_line, phones: {ann: PJSIP/1, sue: PJSIP/2}"
    (only,) = warnings(lines, head="secret: x", catalog=DEMO)
    assert "there is no agent 'sue'; correct it, unless it is the user name of a" in only
    assert warnings(lines, head="secret: x") == []


def test_calls_go_to_entry_points_for_calls():
    assert isinstance(DEMO, Catalog)
    lines = "numbers: {1: website}, faxes: {2: main_line}, entry_point: website"
    found = errors(pbx(lines, head="secret: x"), catalog=DEMO)
    assert [one.partition("; ")[2] for one in found] == [
        "name one of the channel voice",
        "name one of the channel fax",
        "name one of the channel voice",
    ]


# -- the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no telephone system is named"),
        ("[]", "write 'key: value' lines"),
        ("pbx: {}", "did you mean 'pbxs'?"),
        ("pbxs: {Main: {secret: x}}", "lower-case letters"),
        ("pbxs: &a {main: {secret: x}}", "anchors are not allowed"),
        ("pbxs: {main: {secret: x, secret: y}}", "is given twice"),
    ],
)
def test_a_file_of_another_form_is_refused(text, said):
    assert said in "\n".join(errors(text))


def test_a_problem_has_its_file_line_and_path():
    (only,) = check_text("pbxs:\n  main:\n    secret: x\n    port: y\n", file="a.yaml").problems
    assert str(only).startswith("a.yaml:4:11: error: pbxs.main.port: 'y' cannot be used; ")


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    (only,) = check_file(tmp_path / "none.yaml").problems
    assert only.fix == "check its name"


def test_the_service_starts_with_what_is_right_and_logs_what_is_not_meant(tmp_path, caplog):
    file = tmp_path / "asterisk.yaml"
    file.write_text("pbxs: {main: {secret: x}}")
    with caplog.at_level(logging.WARNING):
        assert [one.id for one in read_pbxs(file)] == ["main"]
    assert "every call is turned away" in caplog.text


def test_the_service_does_not_start_with_what_is_wrong(tmp_path):
    file = tmp_path / "asterisk.yaml"
    file.write_text("pbxs: {main: {secret: x, port: 0}, other: {}}")
    with pytest.raises(PbxsRefused) as caught:
        read_pbxs(file)
    first, *problems = str(caught.value).splitlines()
    assert first == "The telephone systems cannot be used:"
    assert len(problems) == 2


keys = st.sampled_from(["pbxs", "main", "host", "secret", "numbers", "trunk", "softphone", "x"])
values = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.none(), st.just("${A}&b")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(keys, values, max_size=3) | values)
def test_whatever_the_file_holds_the_answer_is_a_report(document):
    import yaml

    report = check(yaml.safe_dump(document, allow_unicode=True))
    assert report.ok is (report.errors == ())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_report(source):
    assert check(source).found is None or source.startswith(b"pbxs")
