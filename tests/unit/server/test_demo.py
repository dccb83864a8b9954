import io
from datetime import date
from pathlib import Path

from rich.console import Console

from config.catalog import check_file
from server.demo import CATALOG, FOR_PEOPLE, SignIns, demo_settings, ready_box
from server.demo_customers import CUSTOMERS, callers, visitors, write_csv


def test_nothing_meant_for_a_real_centre_leaks_into_the_demo(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_DATABASE_URL", "postgresql+asyncpg://real/centre")
    monkeypatch.setenv("PATCHBAY_JOURNAL_PATH", "/real/journal.db")
    monkeypatch.setenv("PATCHBAY_CATALOG_PATH", "/real/catalog.yaml")
    monkeypatch.setenv("PATCHBAY_HOST", "0.0.0.0")
    settings = demo_settings(tmp_path, 8080, "warning")
    assert settings.database == f"sqlite+aiosqlite:///{tmp_path.as_posix()}/patchbay.db"
    assert settings.journal_file.parent == tmp_path
    assert settings.catalog_path == CATALOG
    assert settings.host == "127.0.0.1"


def test_the_demos_catalog_is_good_and_has_the_agents_people_play():
    report = check_file(Path(CATALOG))
    assert report.ok
    assert set(FOR_PEOPLE) <= set(report.catalog.agents)


def test_account_managers_are_agents_of_the_catalog():
    agents = check_file(Path(CATALOG)).catalog.agents
    assert {one.account_manager for one in CUSTOMERS if one.account_manager} <= set(agents)


def test_a_household_shares_a_number_so_that_the_desk_has_to_choose():
    assert len(callers()) < len(CUSTOMERS)
    assert len(visitors()) == len(CUSTOMERS)


def test_last_orders_stay_recent_however_old_the_program_is(tmp_path):
    write_csv(tmp_path / "c.csv", date(2031, 5, 20))
    assert "2031-05-11" in (tmp_path / "c.csv").read_text(encoding="utf-8")


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
