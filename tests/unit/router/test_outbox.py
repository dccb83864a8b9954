"""``router.outbox``: bounded, numbered without gaps, and never wrong for a slow reader."""

import asyncio

import msgspec

from router.outbox import MAX_CHANGES, MAX_REPLIES, Outbox, Parcel


class Said(msgspec.Struct, kw_only=True, tag="said"):
    n: int
    text: str


def parcel(text):
    return Parcel(Said(n=0, text=text))


def outbox(**given):
    return Outbox(lambda: parcel("everything"), **given)


def heard(box):
    frames = []
    while (frame := box.take()) is not None:
        frames.append(msgspec.json.decode(frame))
    return frames


def texts(frames):
    return [frame["text"] for frame in frames]


def test_a_parcel_is_encoded_once_and_numbered_for_each_reader():
    tricky = parcel('tricky "n":0 text')
    frames = [msgspec.json.decode(tricky.numbered(n)) for n in (1, 250)]
    assert [f["n"] for f in frames] == [1, 250]
    assert set(texts(frames)) == {'tricky "n":0 text'}


def test_a_snapshot_comes_first_and_numbers_have_no_gaps():
    box = outbox()
    box.change(parcel("before anything was shown"))
    first = heard(box)
    box.change(parcel("a"))
    box.reply(parcel("b"))
    second = heard(box)
    assert texts(first + second) == ["everything", "a", "b"]
    assert [frame["n"] for frame in first + second] == [1, 2, 3]


def test_without_anything_to_show_replies_are_sent_and_the_snapshot_when_there_is_one():
    shown = []
    box = Outbox(lambda: shown[0] if shown else None)
    box.reply(parcel("hello"))
    assert texts(heard(box)) == ["hello"]
    assert box.stale
    shown.append(parcel("everything"))
    assert texts(heard(box)) == ["everything"]


def test_a_slow_reader_gets_one_snapshot_for_all_changes_and_every_reply():
    box = outbox()
    heard(box)
    box.reply(parcel("first reply"))
    for number in range(10 * MAX_CHANGES):
        box.change(parcel(str(number)))
        assert len(box) <= MAX_CHANGES + 1
    assert box.stale
    box.reply(parcel("second reply"))
    assert texts(heard(box)) == ["everything", "first reply", "second reply"]
    box.change(parcel("after"))
    assert texts(heard(box)) == ["after"]


def test_the_bound_of_changes_is_the_callers():
    box = outbox(max_changes=2)
    heard(box)
    for number in range(2):
        box.change(parcel(str(number)))
    assert not box.stale
    box.change(parcel("one too many"))
    assert box.stale


def test_who_asks_and_asks_and_reads_nothing_is_noticed_and_holds_little():
    box = outbox()
    taken = [box.reply(parcel(str(number))) for number in range(MAX_REPLIES + 10)]
    assert taken.count(True) == MAX_REPLIES == len(box)


def test_everything_is_shown_anew_when_asked():
    box = outbox()
    heard(box)
    box.change(parcel("superseded"))
    box.refresh()
    assert texts(heard(box)) == ["everything"]


async def test_what_was_there_is_sent_before_the_end():
    box = outbox()
    frames = []

    async def read():
        while (frame := await box.next()) is not None:
            frames.append(msgspec.json.decode(frame))

    reader = asyncio.create_task(read())
    await asyncio.sleep(0)
    box.change(parcel("a"))
    box.reply(parcel("b"))
    box.close()
    box.change(parcel("too late"))
    assert not box.reply(parcel("too late"))
    await reader
    assert texts(frames) == ["everything", "a", "b"]


async def test_no_snapshot_is_drawn_for_who_has_gone():
    box = outbox()
    box.close()
    assert await box.next() is None
