"""``asterisk.provisioning``: what an admin copies holds least rights and nothing unexpected."""

import configparser
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.catalog import load_catalog
from cti_adapters.asterisk.ami.settings import AmiSettings
from cti_adapters.asterisk.provisioning import (
    PhoneUser,
    endpoint_of,
    manager_user,
    phone_lines,
    phone_users,
)
from cti_adapters.asterisk.settings import PbxSettings, Softphone
from cti_adapters.asterisk.unread import UNREAD
from router.core.catalog import Catalog

DEMO = load_catalog(Path("config/demo.yaml"), at=0)
ONE = "127.0.0.1/255.255.255.255"
SOFTPHONE = Softphone(websocket="wss://pbx.example:8089/ws")


def read(text):
    """As Asterisk's own files are read, where no section is given twice."""
    parser = configparser.ConfigParser(comment_prefixes=";", interpolation=None, strict=False)
    parser.read_string(text)
    return parser


def user(name="Ann Lee", **changes):
    given = PhoneUser(agent="ann", name=name, dialled="PJSIP/ann", endpoint="ann", browser=False)
    return replace(given, **changes)


def test_the_manager_has_the_least_rights():
    section = read(manager_user(PbxSettings(ami=AmiSettings(secret="x")), ONE))["patchbay"]
    assert section["secret"] == "x"
    assert section["permit"] == ONE
    rights = set(section["read"].split(",")) | set(section["write"].split(","))
    assert rights.isdisjoint({"system", "command", "config", "all", "log", "verbose", "user"})
    assert int(section["writetimeout"]) >= 1_000, "its own would drop us in a busy moment"


def test_nobody_else_comes_in():
    lines = manager_user(PbxSettings(), ONE).splitlines()
    denials = [index for index, line in enumerate(lines) if line.startswith("deny")]
    assert [lines[index] for index in denials] == ["deny = 0.0.0.0/0.0.0.0", "deny = ::/0"]
    assert max(denials) < lines.index(f"permit = {ONE}"), "the last that fits decides"


def test_a_secret_does_not_become_a_comment():
    text = manager_user(PbxSettings(ami=AmiSettings(secret="a;b;--c")), ONE)
    assert r"secret = a\;b\;--c" in text.splitlines()


def test_agents_who_take_calls_have_phones():
    assert isinstance(DEMO, Catalog)
    everybody = phone_users(PbxSettings(), DEMO)
    assert [one.agent for one in everybody] == list(DEMO.agents)
    writers = replace(
        DEMO,
        profiles={
            name: replace(one, capacity={"chat": 3} if name == "sellers" else one.capacity)
            for name, one in DEMO.profiles.items()
        },
    )
    silent = {agent.id for agent in DEMO.agents.values() if agent.profile == "sellers"}
    assert {one.agent for one in phone_users(PbxSettings(), writers)} == set(DEMO.agents) - silent


def test_phones_are_called_as_the_settings_say():
    assert isinstance(DEMO, Catalog)
    settings = PbxSettings(
        phone="PJSIP/pb-{agent}", phones={"ann": "PJSIP/6001", "ben": "SIP/6002"}
    )
    found = {one.agent: one.endpoint for one in phone_users(settings, DEMO)}
    assert (found["ann"], found["ben"], found["chi"]) == ("6001", "", "pb-chi")
    named = [one.agent for one in phone_users(settings, DEMO) if one.named]
    assert named == ["ann", "ben"]


@pytest.mark.parametrize(
    ("softphone", "browsers"),
    [
        (None, set()),
        (SOFTPHONE, {"ben", "chi"}),
        (replace(SOFTPHONE, agents=("ann", "chi")), {"ann", "chi"}),
    ],
)
def test_who_talks_from_the_browser(softphone, browsers):
    assert isinstance(DEMO, Catalog)
    settings = PbxSettings(phones={"ann": "PJSIP/6001"}, softphone=softphone)
    found = {one.agent for one in phone_users(settings, DEMO)[:3] if one.browser}
    assert found == browsers


def test_every_phone_has_an_endpoint_a_password_and_a_place_to_register():
    text = phone_lines([(user(), "secret"), (user(agent="b", endpoint="b"), "other")])
    assert text.count("[ann](patchbay-phone)\n") == 1
    blocks = re.findall(r"^\[ann\]\n((?:\w+ = .*\n)+)", text, re.MULTILINE)
    auth, aor = (dict(line.split(" = ") for line in block.splitlines()) for block in blocks)
    assert auth == {
        "type": "auth",
        "auth_type": "userpass",
        "username": "ann",
        "password": "secret",
    }
    assert aor["type"] == "aor"
    assert aor["remove_existing"] == "yes", "a page that was loaded anew registers at once"
    assert "webrtc" not in text


def test_phones_in_the_browser_have_their_template():
    text = phone_lines([(user(browser=True), "x"), (user(agent="b", endpoint="b"), "y")])
    assert "[ann](patchbay-softphone)" in text
    assert "[b](patchbay-phone)" in text
    assert "[patchbay-softphone](!,patchbay-phone)\nwebrtc = yes\n" in text


def test_what_is_no_endpoint_is_said_and_left_alone():
    text = phone_lines([(user(endpoint="", dialled="SIP/6002"), "secret")])
    assert "; Ann Lee: SIP/6002 is no endpoint of PJSIP" in text
    assert "secret" not in text


def test_a_phone_that_is_there_already_is_not_set_up_a_second_time():
    text = phone_lines([(user(endpoint="6001", dialled="PJSIP/6001", named=True), "secret")])
    assert text.endswith("\n; Ann Lee: PJSIP/6001 is set up already\n")
    assert "[6001]" not in text
    assert "secret" not in text


def test_a_browser_registers_with_the_password_that_is_printed():
    named = user(endpoint="6001", dialled="PJSIP/6001", named=True, browser=True)
    text = phone_lines([(named, "secret")])
    assert "[6001](patchbay-softphone)" in text
    assert "password = secret" in text


@pytest.mark.parametrize("name", ["Ann\n[evil]", "]x[", "a;b", "${SHELL(id)}", "\u202eAnn"])
def test_a_name_stays_in_its_comment(name):
    text = phone_lines([(user(name=name), "x")])
    comment = text.splitlines()[text.splitlines().index("[ann](patchbay-phone)") - 1]
    assert comment.startswith("; ")
    assert "[evil]" not in text
    assert "${" not in text


@pytest.mark.parametrize(
    ("dialled", "endpoint"),
    [
        ("PJSIP/ann", "ann"),
        ("PJSIP/6001", "6001"),
        ("SIP/ann", ""),
        ("PJSIP/a/sip:b@c", ""),
        ("", ""),
    ],
)
def test_endpoints(dialled, endpoint):
    assert endpoint_of(dialled) == endpoint


def test_what_nobody_reads_asterisk_does_not_say():
    lines = manager_user(PbxSettings(), ONE).splitlines()
    filters = [line for line in lines if line.startswith("eventfilter")]
    assert filters == [f"eventfilter = !^Event: {name}" for name in sorted(UNREAD)]
    assert "eventfilter = !^Event: DialEnd" in filters, "a telephone that forwards writes its end"
