from pathlib import Path

import pytest

from config.tenants import check_file
from server.tenants.examining import with_their_own


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def told(folder: Path, **settings: str) -> list[str]:
    """The errors of tenants that have these lines of settings."""
    lines = ["tenants:"]
    for tenant, text in settings.items():
        (folder / f"{tenant}.env").write_text(text)
        lines.append(f"  {tenant}: {{hosts: [{tenant}.example], settings: {tenant}.env}}")
    (folder / "tenants.yaml").write_text("\n".join(lines))
    report = with_their_own(check_file(folder / "tenants.yaml"))
    assert report.ok is not any(one.severity == "error" for one in report.problems)
    return [str(one) for one in report.problems if one.severity == "error"]


def test_of_tenants_that_would_start_nothing_is_said(tmp_path):
    (tmp_path / "mqtt.yaml").write_text("mqtt: {url: 'mqtt://127.0.0.1', tenant: acme}")
    assert told(tmp_path, acme="PATCHBAY_MQTT_PATH=mqtt.yaml", bolt="") == []


def test_a_broker_file_of_another_tenant_is_told(tmp_path):
    (tmp_path / "mqtt.yaml").write_text("mqtt: {url: 'mqtt://127.0.0.1', tenant: acme}")
    (problem,) = told(tmp_path, acme="", bolt="PATCHBAY_MQTT_PATH=mqtt.yaml")
    assert "the topics of tenant acme; write 'tenant: bolt' there" in problem
    assert "bolt.env" in problem


def test_what_is_wrong_in_a_tenants_files_is_told_by_its_line(tmp_path):
    (tmp_path / "mqtt.yaml").write_text("mqtt: {url: 'http://127.0.0.1'}")
    (problem,) = told(tmp_path, acme="PATCHBAY_MQTT_PATH=mqtt.yaml")
    assert "mqtt.yaml:1:13" in problem
    assert "none.yaml" in "".join(told(tmp_path, acme="PATCHBAY_MAILBOXES_PATH=none.yaml"))


def test_a_setting_that_cannot_be_and_a_place_of_two_are_told(tmp_path):
    (problem,) = told(tmp_path, acme="PATCHBAY_KEPT_DAYS=soon", bolt="")
    assert "PATCHBAY_KEPT_DAYS" in problem
    same = "PATCHBAY_DATA_DIRECTORY=here"
    assert "tenants acme and bolt have the same" in "".join(told(tmp_path, acme=same, bolt=same))
