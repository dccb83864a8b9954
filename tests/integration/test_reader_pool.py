"""Mails are read in real processes, which may hang, die and eat."""

import asyncio
import os
from pathlib import Path

import pytest

from cti_adapters.email.model import MAX_BYTES, Unreadable
from cti_adapters.email.reader_pool import ReaderPool, ReadersUnavailable
from cti_adapters.email.reading import read
from router.core.durations import MILLISECOND, SECOND
from tests.hostile_mails import MAILS
from tests.mail_generator import mail

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def pools(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    opened = []

    def made(**settings):
        opened.append(ReaderPool(**settings))
        return opened[-1]

    yield made
    for pool in opened:
        await pool.close()
    assert children() == []


@pytest.fixture
def bad(pools):
    def made(**settings):
        return pools(module="tests.integration.bad_readers", **settings)

    return made


def children():
    """Processes of ours that read mails."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            line = (folder / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and b"reader" in line:
            found.append(folder)
    return found


async def test_what_comes_back_is_what_reading_here_gives(pools):
    pool = pools(workers=2)
    raws = [mail(seed) for seed in range(40)]
    assert await asyncio.gather(*map(pool.read, raws)) == [read(raw) for raw in raws]
    assert len(children()) <= 2


async def test_a_mail_that_hangs_is_kept_apart_and_the_next_ones_flow(bad):
    pool = bad(workers=1, limit=300 * MILLISECOND)
    hung, next_one = await asyncio.gather(pool.read(b"hang"), pool.read(b"hello"))
    assert hung == Unreadable(
        digest=hung.digest, size=4, reason="Reading it took longer than 0.3 seconds."
    )
    assert next_one[0].text == "hello"


async def test_a_mail_that_kills_its_reader_twice_is_kept_apart(bad):
    pool = bad(workers=1)
    died = await pool.read(b"die")
    assert died.reason == "The process that read it died of it, twice."
    assert (await pool.read(b"hello"))[0].text == "hello"


async def test_a_reader_that_was_ended_from_outside_costs_no_mail(bad, tmp_path):
    pool = bad(workers=1)
    assert (await pool.read(f"once:{tmp_path}/mark".encode()))[0].text.startswith("once")


async def test_a_mail_that_eats_memory_is_kept_apart(bad):
    pool = bad(workers=1, memory=512 * 1024 * 1024, limit=60 * SECOND)
    assert (await pool.read(b"eat")).reason == (
        "Reading it takes more memory than one mail may have."
    )
    assert (await pool.read(b"hello"))[0].text == "hello"


async def test_a_fault_of_ours_is_one_mail_kept_apart(bad):
    pool = bad(workers=1)
    assert "ValueError" in (await pool.read(b"fail")).reason


async def test_an_answer_that_is_none_is_not_believed(bad):
    pool = bad(workers=1)
    assert isinstance(await pool.read(b"babble"), Unreadable)
    assert (await pool.read(b"hello"))[0].text == "hello"


async def test_who_is_cancelled_leaves_no_process_at_work(bad):
    pool = bad(workers=1)
    await pool.read(b"hello")
    reading = asyncio.create_task(pool.read(b"hang"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await pool.read(b"hello"))[0].text == "hello"


async def test_closing_ends_what_is_at_work_and_says_so(bad):
    pool = bad(workers=2)
    await pool.read(b"hello")
    readings = [asyncio.create_task(pool.read(b"hang")) for _ in range(3)]
    await asyncio.sleep(0)
    await pool.close()
    for outcome in await asyncio.gather(*readings, return_exceptions=True):
        assert isinstance(outcome, ReadersUnavailable)
    with pytest.raises(ReadersUnavailable):
        await pool.read(b"hello")


async def test_when_no_process_can_start_the_mail_is_not_at_fault(bad):
    pool = bad(memory=1)
    with pytest.raises(ReadersUnavailable):
        await pool.read(b"hello")


async def test_a_mail_above_the_limit_reaches_no_process(pools):
    pool = pools()
    assert (await pool.read(b"x" * (MAX_BYTES + 1))).reason == "It is larger than 40 MiB."
    assert children() == []


async def test_the_largest_mail_fits_into_the_memory_of_a_reader(pools):
    pool = pools(workers=1, limit=120 * SECOND)
    for name in ("38 MiB of base64", "just below the limit"):
        mail_read, files = await pool.read(MAILS[name]())
        assert sum(map(len, files.values())) > 25_000_000 or mail_read.cut


async def test_a_reader_inherits_no_secret(pools, monkeypatch):
    monkeypatch.setenv("PATCHBAY_SECRET", "hush")
    pool = pools(workers=1)
    await pool.read(b"From: ann@example.org\n\nhello")
    (reader,) = children()
    assert b"hush" not in (reader / "environ").read_bytes()
