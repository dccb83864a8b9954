"""``config.tenants.own_settings``: what a tenant takes over, and what it never does."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load_settings
from config.tenants import OWN, Tenant, check_apart, settings_of

SHARED = load_settings(
    data_directory=Path("/data"),
    database_url="postgresql://host/shared",
    mailboxes_path=Path("boxes.yaml"),
    region="GB",
    redis_url="redis://host:6379/0",
    secret_key="s" * 40,
    chat_sites=("https://shop.example",),
)
ACME = Tenant(id="acme", hosts=("acme.example",))


def with_lines(folder: Path, *lines: str, tenant: str = "acme") -> Tenant:
    file = folder / f"{tenant}.env"
    file.write_text("\n".join(lines))
    return Tenant(id=tenant, hosts=(f"{tenant}.example",), settings=file)


def test_a_tenant_has_a_folder_of_its_own_and_nothing_that_is_another_s() -> None:
    found = settings_of(ACME, SHARED, 8080)
    assert found.data_directory == Path("/data/acme")
    assert found.database == "sqlite:////data/acme/patchbay.db"
    assert (found.mailboxes_path, found.chat_sites) == (None, ())
    assert (found.tenant, found.tenants_path) == ("acme", None)


def test_what_is_nobody_s_in_particular_is_taken_over() -> None:
    found = settings_of(ACME, SHARED, 8080)
    assert (found.region, found.redis_url) == ("GB", SHARED.redis_url)


def test_the_environment_of_the_process_says_nothing_to_a_tenant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATCHBAY_DATABASE_URL", "postgresql://host/of-another")
    monkeypatch.setenv("PATCHBAY_MQTT_PATH", "mqtt.yaml")
    found = settings_of(ACME, SHARED, 8080)
    assert (found.database_url, found.mqtt_path) == ("", None)


def test_its_own_file_is_stronger(tmp_path: Path) -> None:
    acme = with_lines(tmp_path, "PATCHBAY_REGION=ES", "PATCHBAY_DATABASE_URL=sqlite:///own.db")
    found = settings_of(acme, SHARED, 8080)
    assert (found.region, found.database) == ("ES", "sqlite:///own.db")


def test_its_pages_are_at_its_hosts_alone() -> None:
    origins = settings_of(ACME, SHARED, 8080).allowed_origins
    assert origins == ("https://acme.example", "http://acme.example:8080")


def test_every_tenant_has_a_secret_of_its_own_that_all_nodes_know() -> None:
    one, again = (settings_of(ACME, SHARED, 8080).secret_key for _ in range(2))
    other = settings_of(Tenant(id="globex", hosts=("g.example",)), SHARED, 8080).secret_key
    assert one is not None
    assert one == again
    assert len({one, other, SHARED.secret_key}) == 3
    assert settings_of(ACME, Settings(), 8080).secret_key is None  # kept in its own folder


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("PATCHBAY_PORT=1", "is the same for all tenants"),
        ("PATCHBAY_TENANT=globex", "is the same for all tenants"),
        ("PATCHBAY_TENANTS_PATH=more.yaml", "is the same for all tenants"),
        ("PATCHBAY_REGIONS=GB", "is not known"),
        ("PATH=/bin", "is not known"),
        ("PATCHBAY_REGION=gb", "tenant acme: the setting PATCHBAY_REGION"),
        ("queues:", "line 1"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        settings_of(with_lines(tmp_path, line), SHARED, 8080)


@pytest.mark.parametrize(
    "line",
    [
        "PATCHBAY_DATABASE_URL=postgresql://host/one",
        "PATCHBAY_FILES_PATH=/files",
        "PATCHBAY_RECORDINGS_PATH=/recordings",
        "PATCHBAY_JOURNAL_PATH=/journal.db",
        "PATCHBAY_DATA_DIRECTORY=/data/acme",
        "PATCHBAY_MAILBOXES_PATH=boxes.yaml",
        "PATCHBAY_MQTT_PATH=mqtt.yaml",
    ],
)
def test_two_tenants_keep_and_ask_nothing_in_common(tmp_path: Path, line: str) -> None:
    tenants = (with_lines(tmp_path, line, tenant=one) for one in ("acme", "globex"))
    with pytest.raises(SettingsError, match="tenants acme and globex have the same"):
        check_apart({one.id: settings_of(one, SHARED, 8080) for one in tenants})


def test_no_tenant_keeps_something_within_the_folder_of_another(tmp_path: Path) -> None:
    globex = with_lines(tmp_path, "PATCHBAY_FILES_PATH=/data/acme/theirs", tenant="globex")
    acme = with_lines(tmp_path, "PATCHBAY_DATA_DIRECTORY=/data/acme", tenant="acme")
    with pytest.raises(SettingsError, match="of tenant globex is within the data directory"):
        check_apart({one.id: settings_of(one, SHARED, 8080) for one in (acme, globex)})


def test_tenants_that_are_apart_may_be_served() -> None:
    tenants = (Tenant(id=one, hosts=(one,)) for one in ("acme", "globex"))
    check_apart({one.id: settings_of(one, SHARED, 8080) for one in tenants})


def test_every_place_and_secret_is_a_tenant_s_own() -> None:
    """A setting that is added must be looked at: is it another place, system or secret?"""
    endings = ("_path", "_directory", "_url", "_key", "_secrets")
    common = {one for one in Settings.model_fields if one.endswith(endings)} - OWN
    assert common == {"tenants_path", "redis_url"}
