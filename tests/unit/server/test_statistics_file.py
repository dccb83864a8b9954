from reporting.statistics import Statistics
from router.core.events import ContactArrived, Entry
from server.statistics_file import load_statistics, save_statistics


def counted(last: int) -> Statistics:
    statistics = Statistics("Europe/London")
    for position in range(1, last + 1):
        event = ContactArrived(
            contact=f"c{position}", sequence=1, channel="voice", direction="inbound"
        )
        entry = Entry(position=position, at=position, cause="", by="", events=(event,))
        statistics.handle(entry)
    return statistics


def test_figures_go_on_where_they_were(tmp_path):
    save_statistics(tmp_path / "s", counted(3).snapshot())
    assert load_statistics(tmp_path / "s", "Europe/London", 5).position == 3


def test_without_a_file_they_begin_anew(tmp_path):
    assert load_statistics(tmp_path / "s", "UTC", 5).position == 0


def test_a_damaged_file_another_time_zone_or_another_journal_begin_anew(tmp_path):
    file = tmp_path / "s"
    save_statistics(file, counted(3).snapshot())
    assert load_statistics(file, "UTC", 5).position == 0
    assert load_statistics(file, "Europe/London", 2).position == 0
    file.write_bytes(b"\xff\x00")
    assert load_statistics(file, "Europe/London", 5).position == 0


def test_a_disk_that_takes_nothing_is_no_failure(tmp_path):
    save_statistics(tmp_path / "no" / "folder", b"x")
    assert list(tmp_path.iterdir()) == []
