"""``config.mqtt``: every mistake is told by its line; no secret stands in the file."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from config.mqtt import MqttRefused, check_file, check_text, read_mqtt
from config.mqtt.schema import FILE, mqtt_schema, schema_text
from router.core.durations import SECOND
from router.edge.requests import KINDS
from router.edge.settings import EdgeSettings, Privacy, rate_of
from tests.mail.certificates import write_certificates

SAMPLE = Path(__file__).parents[4] / "config" / "mqtt.yaml"
DOCUMENTATION = Path(__file__).parents[4] / "docs" / "mqtt.md"
SECRET = "a password of the broker"
ENVIRONMENT = {"MQTT_PASSWORD": SECRET}
BROKER = """
mqtt:
  url: mqtts://broker.example
  username: patchbay
  password_env: MQTT_PASSWORD
  clients:
    leeds: {commands: [arrive, enqueue]}
"""


def problems(text: str, folder: Path = Path()) -> list[str]:
    found = check_text(text, folder=folder, environment=ENVIRONMENT).problems
    return [str(one) for one in found]


def test_the_sample_is_good_and_as_its_schema_says() -> None:
    report = check_file(SAMPLE, environment=ENVIRONMENT)
    assert report.problems == ()
    assert report.found is not None
    assert set(report.found.clients) == {"leeds", "backoffice"}
    jsonschema.validate(yaml.safe_load(SAMPLE.read_text()), mqtt_schema())


def test_the_schema_in_the_repository_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), "run python -m config.mqtt.schema"


def test_what_is_not_written_keeps_its_default() -> None:
    found = check_text("mqtt: {url: 'mqtt://localhost'}").found
    assert found == EdgeSettings(host="localhost", port=1883)
    assert not found.privacy.personal_data


def test_what_is_written_holds() -> None:
    more = "  personal_data: true\n  attributes: [service]\n  figures_every: 5s\n  in_flight: 7\n"
    found = check_text(BROKER + more + "  tenant: acme\n", environment=ENVIRONMENT).found
    assert found is not None
    assert found.tls is not None
    assert (found.host, found.port, found.password) == ("broker.example", 8883, SECRET)
    assert found.privacy == Privacy(personal_data=True, attributes=frozenset({"service"}))
    assert (found.figures_every, found.in_flight, found.tenant) == (5 * SECOND, 7, "acme")
    assert found.clients["leeds"].commands == {"arrive", "enqueue"}
    assert found.clients["leeds"].rate == rate_of(50)


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("mqtts://broker.example", "https://broker.example", "write it as mqtts://"),
        ("mqtts://broker.example", "mqtts://broker.example/x", "write it as mqtts://"),
        ("mqtts://broker.example", "mqtts://me:pw@broker.example", "write it as mqtts://"),
        ("mqtts://broker.example", "mqtts://broker.example:0", "port"),
        ("mqtts://broker.example", "mqtt://broker.example", "for all to read"),
        ("MQTT_PASSWORD", "NONE", "the environment has no"),
        ("password_env: MQTT_PASSWORD", "password: secret", "password"),
        ("password_env: MQTT_PASSWORD", "password_file: nowhere", "nowhere"),
        ("username: patchbay\n", "tenant: one\n", "nobody whose it is"),
        ("username: patchbay", "username: patchbay\n  tenant: A/B", "small letters"),
        ("username: patchbay", "username: patchbay\n  node: '#'", "small letters"),
        ("username: patchbay", "username: patchbay\n  ca_file: nowhere.pem", "no such file"),
        ("username: patchbay", "username: patchbay\n  key_file: a.key", "needs its key"),
        ("username: patchbay", "username: patchbay\n  figures_every: 1ms", "makes no sense"),
        ("username: patchbay", "username: patchbay\n  in_flight: 0", "in_flight"),
        ("leeds:", "Leeds/#:", "Leeds/#"),
        ("[arrive, enqueue]", "[]", "no command"),
        ("[arrive, enqueue]", "[arive]", "did you mean 'arrive'"),
        ("[arrive, enqueue]", "[publish_catalog]", "publish_catalog"),
        ("[arrive, enqueue]", "[tick]", "tick"),
        ("[arrive, enqueue]", "[arrive, arrive]", "named twice"),
        ("[arrive, enqueue]", "[arrive], per_second: 0", "per_second"),
    ],
)
def test_a_mistake_is_told(written: str, instead: str, told: str) -> None:
    assert written in BROKER
    found = problems(BROKER.replace(written, instead))
    assert any(told in one for one in found), found


def test_certificates_are_looked_at(tmp_path: Path) -> None:
    write_certificates(tmp_path)
    own = "  ca_file: ca.pem\n  certificate_file: server.pem\n  key_file: server.key\n"
    assert problems(BROKER + own, tmp_path) == []
    swapped = own.replace("server.pem", "x").replace("server.key", "server.pem")
    assert "missing" in problems(BROKER + swapped, tmp_path)[0]
    wrong = own.replace("key_file: server.key", "key_file: ca.pem")
    assert "no certificate and its key" in problems(BROKER + wrong, tmp_path)[0]
    (tmp_path / "ca.pem").write_text("no certificate")
    assert "no certificates" in problems(BROKER + own, tmp_path)[0]


def test_a_password_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\nnot this\n")
    text = BROKER.replace("password_env: MQTT_PASSWORD", "password_file: secret")
    found = check_text(text, folder=tmp_path).found
    assert found is not None
    assert found.password == SECRET
    both = BROKER.replace("username", "password_file: secret\n  username")
    assert "both given" in problems(both, tmp_path)[0]


def test_nothing_shown_holds_a_secret() -> None:
    assert SECRET not in repr(check_file(SAMPLE, environment=ENVIRONMENT).found)


@pytest.mark.parametrize("text", ["", "mqtt:", "[]", "mqtt: {}", "\x00", "mqtt: 7"])
def test_what_is_no_file_about_a_broker_is_told(text: str) -> None:
    assert problems(text)


def test_the_start_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "mqtt.yaml").write_text("mqtt: 7")
    with pytest.raises(MqttRefused, match="cannot be used"):
        read_mqtt(tmp_path / "mqtt.yaml")


def test_the_documentation_names_every_command() -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []
