"""``webchat.chat``: who has been gone for how long, and how often the desk hears of typing."""

from cti_adapters.webchat.chat import TYPING_REPEAT, Chat, Since
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.thread import Thread


def test_the_oldest_come_first_and_only_those_old_enough():
    since = Since()
    for at, contact in enumerate("abc"):
        since.add(contact, at)
    assert since.older_than(11, 10) == ["a", "b"]
    assert since.older_than(9, 10) == []


def test_a_beginning_is_not_moved_by_saying_it_again():
    since = Since()
    since.add("a", 0)
    since.add("a", 100)
    assert since.older_than(10, 10) == ["a"]
    assert since.discard("a")
    assert not since.discard("a")
    assert "a" not in since


def test_too_many_lose_the_oldest_however_young():
    since = Since()
    for at, contact in enumerate("abc"):
        since.add(contact, at)
    assert since.older_than(3, 10, most=1) == ["a", "b"]
    assert len(since) == 3


def test_the_desk_hears_of_typing_when_it_changes_and_now_and_then():
    chat = Chat("k", "", Thread(str), ChatSettings(), 0)
    assert not chat.visitor_typing(typing=False, at=0)
    assert chat.visitor_typing(typing=True, at=0)
    assert not chat.visitor_typing(typing=True, at=TYPING_REPEAT - 1)
    assert chat.visitor_typing(typing=True, at=TYPING_REPEAT)
    assert chat.visitor_typing(typing=False, at=TYPING_REPEAT)
