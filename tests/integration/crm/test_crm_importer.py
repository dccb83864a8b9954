"""``patchbay import customers``: repeatable, bounded, errors by line."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.csv_rows import CsvProblem
from crm.customers import CustomerFields
from crm.database import Database
from crm.demo import load_demo_customers
from crm.exporter import export_customers
from crm.importer import BATCH, MAX_ERRORS, Importer, ImportReport
from crm.models import CustomerRow
from crm.store import CustomerStore
from router.clock import ManualClock
from router.customers import CustomerRecord, Identity

HEADER = "name,phone,email,chat,tier,value,language,account_manager,notes,external_id\n"

Counts = tuple[int, int, int, int, int]


@pytest.fixture
def importer(database: Database, clock: ManualClock) -> Importer:
    return Importer(database, clock, region="GB")


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str], Path]:
    def save(text: str) -> Path:
        file = tmp_path / "customers.csv"
        file.write_text(text, encoding="utf-8")
        return file

    return save


async def count(database: Database) -> int:
    query = select(func.count()).select_from(CustomerRow)
    return await database.ask(lambda connection: connection.scalar(query)) or 0


def _counts(report: ImportReport) -> Counts:
    """Created, updated, unchanged, repeated, rejected."""
    return (
        report.created,
        report.updated,
        report.unchanged,
        report.repeated,
        report.rejected,
    )


async def _one(store: CustomerStore, name: str) -> CustomerRecord:
    found = await store.search(name)
    assert len(found) == 1
    record = await store.record(found[0].customer.id)
    assert record is not None
    return record


async def test_a_row_becomes_a_customer_whole(
    importer: Importer, store: CustomerStore, save: Callable[[str], Path]
) -> None:
    file = save(
        HEADER + '李娜,01632960001;+441632960002,Li@Example.com,LiNa,Gold,3200,zh,chi,"a\nb",X1\n'
    )
    report = await importer.run(file)
    assert _counts(report) == (1, 0, 0, 0, 0)
    record = await _one(store, "李娜")
    assert (record.tier, record.value, record.language) == ("gold", 3200, "zh")
    assert (record.account_manager, record.external_id) == ("chi", "X1")
    assert record.identities == (
        Identity(kind="phone", value="+441632960001"),
        Identity(kind="phone", value="+441632960002"),
        Identity(kind="email", value="li@example.com"),
        Identity(kind="chat", value="lina"),
    )
    assert [(note.text, note.by) for note in record.notes] == [("a\nb", "import")]


async def test_importing_again_changes_nothing(
    importer: Importer, store: CustomerStore, save: Callable[[str], Path]
) -> None:
    file = save(HEADER + "Ann,01632960001,,,gold,5,en,,hello,X1\nBen,,ben@example.com,,,,,,,\n")
    assert _counts(await importer.run(file)) == (2, 0, 0, 0, 0)
    before = await _one(store, "Ann")
    assert _counts(await importer.run(file)) == (0, 0, 2, 0, 0)
    assert await _one(store, "Ann") == before


async def test_a_change_is_one_update_and_what_people_added_stays(
    importer: Importer, store: CustomerStore, save: Callable[[str], Path]
) -> None:
    await importer.run(save(HEADER + "Ann,01632960001,,,gold,5,en,ben,hello,X1\n"))
    ann = await _one(store, "Ann")
    await store.link_identity(ann.id, "chat", "annie")
    await store.add_note(ann.id, "likes tea", "ben")
    await store.update(ann.id, CustomerFields(watch_out="Dog"), 2)
    report = await importer.run(save("external_id,name,tier,phone\nX1,Anna,,01632960009\n"))
    assert _counts(report) == (0, 1, 0, 0, 0)
    after = await _one(store, "Anna")
    assert after.id == ann.id
    assert (after.tier, after.value, after.watch_out) == ("", 5, "Dog")
    assert after.version == 4
    assert [each.value for each in after.identities] == ["+441632960001", "annie", "+441632960009"]
    assert {note.text for note in after.notes} == {"hello", "likes tea"}


async def test_a_shared_number_under_two_names_is_two_customers(
    importer: Importer, store: CustomerStore, save: Callable[[str], Path]
) -> None:
    file = save("name,phone\nAnn,01632960001\nBen,01632960001\n")
    assert _counts(await importer.run(file)) == (2, 0, 0, 0, 0)
    assert _counts(await importer.run(file)) == (0, 0, 2, 0, 0)
    assert len((await store.identify("voice", "+441632960001")).customers) == 2


async def test_two_external_ids_with_one_name_and_number_stay_two_people(
    importer: Importer, database: Database, save: Callable[[str], Path]
) -> None:
    file = save("external_id,name,phone\nX,John,01632960001\nY,John,01632960001\n")
    assert _counts(await importer.run(file)) == (2, 0, 0, 0, 0)
    assert _counts(await importer.run(file)) == (0, 0, 2, 0, 0)
    assert await count(database) == 2


async def test_an_external_id_is_given_to_the_customer_who_had_none(
    importer: Importer, store: CustomerStore, save: Callable[[str], Path]
) -> None:
    await importer.run(save("name,phone\nAnn,01632960001\n"))
    file = save("external_id,name,phone\nX1,Ann,01632960001\n")
    assert _counts(await importer.run(file)) == (0, 1, 0, 0, 0)
    assert (await _one(store, "Ann")).external_id == "X1"


async def test_repeated_rows_are_counted_and_make_one_customer(
    importer: Importer, database: Database, save: Callable[[str], Path]
) -> None:
    file = save("name,phone\n" + "Ann,01632960001\n" * (2 * BATCH))
    assert _counts(await importer.run(file)) == (1, 0, 0, 2 * BATCH - 1, 0)
    assert await count(database) == 1


async def test_a_dry_run_says_what_would_happen_and_does_nothing(
    importer: Importer, database: Database, save: Callable[[str], Path]
) -> None:
    await importer.run(save("name,phone,tier\nAnn,01632960001,gold\nBen,01632960002,\n"))
    rows = "name,phone,tier\nAnn,01632960001,silver\nBen,01632960002,\nChi,01632960003,\n"
    more = "".join(f"C{n},+4416329{n:05d},\n" for n in range(10_000, 10_000 + BATCH))
    file = save(rows + more + "Chi,01632960003,\nbad,bad,\n")
    dry = await importer.run(file, dry_run=True)
    assert dry.dry_run
    assert await count(database) == 2
    assert _counts(dry) == (1 + BATCH, 1, 1, 1, 1)
    assert _counts(await importer.run(file)) == _counts(dry)


async def test_bad_rows_are_named_by_line_and_the_others_come_in(
    importer: Importer, database: Database, save: Callable[[str], Path]
) -> None:
    file = save(
        HEADER
        + "Ann,01632960001,,,,,,,,\n"
        + "Ben,twelve,,,,,,,,\n"
        + f"{'x' * 1_000_000},01632960002,,,,,,,,\n"
        + 'Chi,01632960003,,,,,,,"never closed,\n'
        + "D\0ra,01632960004,,,,,,,,\n"
        + "Eli,01632960005,,,,,,,,\n"
    )
    report = await importer.run(file)
    assert _counts(report) == (2, 0, 0, 0, 4)
    assert [(error.line, error.column) for error in report.errors] == [
        (3, "phone"),
        (4, ""),
        (5, ""),
        (6, ""),
    ]
    assert await count(database) == 2


async def test_errors_past_the_first_thousand_are_counted_only(
    importer: Importer, save: Callable[[str], Path]
) -> None:
    report = await importer.run(save("name,phone\n" + "x,y\n" * (MAX_ERRORS + 7)))
    assert report.rejected == MAX_ERRORS + 7
    assert len(report.errors) == MAX_ERRORS


async def test_a_file_in_another_encoding_changes_nothing(
    importer: Importer, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "latin1.csv"
    file.write_bytes(b"name,phone\nAnn,01632960001\n" * 2_000 + b"D\xedaz,01632960002\n")
    with pytest.raises(CsvProblem, match=r"line 4001.*CSV UTF-8"):
        await importer.run(file)
    assert await count(database) == 0


@pytest.mark.parametrize(("text", "says"), [("", "is empty"), ('"name\nAnn\n', "Line 1")])
async def test_a_file_without_a_header_is_one_clear_error(
    importer: Importer, save: Callable[[str], Path], text: str, says: str
) -> None:
    with pytest.raises(CsvProblem, match=says):
        await importer.run(save(text))


async def test_progress_goes_up_to_the_last_line(
    importer: Importer, save: Callable[[str], Path]
) -> None:
    heard: list[tuple[int, int]] = []
    rows = "".join(f"C{n},+4416329{n:05d}\n" for n in range(10_000, 10_000 + 2 * BATCH))
    await importer.run(save("name,phone\n" + rows), progress=lambda *now: heard.append(now))
    total = 2 * BATCH + 1
    assert heard == [(BATCH + 1, total), (total, total), (total, total)]


async def test_memory_stays_flat_however_long_the_file(
    importer: Importer, tmp_path: Path, kind: str
) -> None:
    if kind != "sqlite":
        return  # the rows do not pass through the database: every one is rejected
    file = tmp_path / "long.csv"

    async def peak(rows: int) -> int:
        with file.open("w") as out:
            out.write("name,phone\n")
            out.writelines(f"C{n},bad\n" for n in range(rows))
        tracemalloc.reset_peak()
        await importer.run(file)
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        await peak(2_000)
        assert await peak(20_000) < 1.2 * await peak(2_000)
    finally:
        tracemalloc.stop()


async def test_an_export_is_safe_to_open_and_imports_as_unchanged(
    importer: Importer, store: CustomerStore, database: Database, save: Callable[[str], Path]
) -> None:
    await importer.run(
        save(
            HEADER
            + "=HYPERLINK(x),01632960001;01632960002,,,gold,5,en,,+note,X1\n"
            + '"Díaz, ""Ann""",,,ann,,,,,"two\nlines",X2\n'
        )
    )
    pieces: Iterable[str] = [piece async for piece in export_customers(database)]
    text = "".join(pieces)
    assert "'=HYPERLINK(x),+441632960001;+441632960002" in text
    assert "'+note" in text
    file = save(text)
    assert _counts(await importer.run(file)) == (0, 0, 2, 0, 0)


async def test_the_demos_customers_come_in_once(
    database: Database, clock: ManualClock, store: CustomerStore
) -> None:
    report = await load_demo_customers(database, clock)
    assert _counts(report) == (200, 0, 0, 0, 0)
    assert report.ignored_columns == ()
    assert _counts(await load_demo_customers(database, clock)) == (0, 0, 200, 0, 0)
    found = await store.identify("voice", "+13055550142")
    assert found.certain is not None
    assert found.certain.name == "María Díaz"
    assert found.preferred_agents == ("ann",)
    record = await store.record(found.certain.id)
    assert record is not None
    assert [past.agent for past in record.history] == ["ann", "ann"]
    written = next(past for past in record.history if past.channel == "chat")
    assert await store.transcript(record.id, written.contact)
