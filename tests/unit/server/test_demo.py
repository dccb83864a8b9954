import csv
import io
from pathlib import Path

from rich.console import Console

from config.catalog import check_file
from crm.demo import DEMO_CUSTOMERS
from server.demo import CATALOG, FOR_PEOPLE, SignIns, demo_settings, ready_box


def test_nothing_meant_for_a_real_centre_leaks_into_the_demo(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_DATABASE_URL", "postgresql+asyncpg://real/centre")
    monkeypatch.setenv("PATCHBAY_JOURNAL_PATH", "/real/journal.db")
    monkeypatch.setenv("PATCHBAY_CATALOG_PATH", "/real/catalog.yaml")
    monkeypatch.setenv("PATCHBAY_HOST", "0.0.0.0")
    settings = demo_settings(tmp_path, 8080, "warning")
    assert settings.database == f"sqlite:///{tmp_path.as_posix()}/patchbay.db"
    assert settings.journal_file.parent == tmp_path
    assert settings.catalog_path == CATALOG
    assert settings.host == "127.0.0.1"


def test_the_demos_catalog_is_good_and_has_the_agents_people_play():
    report = check_file(Path(CATALOG))
    assert report.ok
    assert set(FOR_PEOPLE) <= set(report.catalog.agents)


def test_account_managers_are_agents_of_the_catalog():
    with DEMO_CUSTOMERS.open(encoding="utf-8", newline="") as file:
        managers = {row["account_manager"] for row in csv.DictReader(file)}
    assert managers - {""} == set(check_file(Path(CATALOG)).catalog.agents)


def test_addresses_and_password_are_whole_in_the_box():
    signins = SignIns(
        url="http://127.0.0.1:50123",
        password="aaaaa-bbbbb-ccccc",
        agents=("ann", "ben", "chi"),
        supervisor="sue",
        admin="adam",
        directory="/tmp/patchbay-demo-abcdefgh",
    )
    console = Console(width=90, record=True, file=io.StringIO())
    console.print(ready_box(signins, kept=False))
    text = console.export_text()
    for part in ("http://127.0.0.1:50123/board", signins.password, signins.directory, "ann or ben"):
        assert part in text
