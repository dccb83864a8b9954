"""Whose telephone is in use, and what is not said or asked twice."""

from cti_adapters.asterisk.legs import Ask, Call, Leg
from cti_adapters.asterisk.switchboard import ASKS_AGAIN, IN_USE_AFTER, SAYS_AGAIN, Switchboard
from router.core.commands import Abandon


def joined(board, contact, *agents):
    call = board.calls.setdefault(contact, Call(contact=contact))
    legs = [Leg(unique=f"{contact}-{agent}", agent=agent) for agent in agents]
    for leg in legs:
        board.join(call, leg)
    return call, legs


def test_a_telephone_is_in_use_from_being_called_up_until_soon_after_its_channel_is_gone():
    board = Switchboard()
    assert not board.in_use("ann", 0)
    call, [leg] = joined(board, "c1", "ann")
    assert board.in_use("ann", 0)
    call.leaving.append(call.legs.pop("ann"))
    assert board.in_use("ann", 0)
    board.drop(call, leg, 10)
    board.drop(call, leg, 20)
    assert board.find(leg.unique) is None
    assert board.in_use("ann", 10 + IN_USE_AFTER - 1)
    assert not board.in_use("ann", 10 + IN_USE_AFTER)


def test_a_telephone_with_two_calls_is_in_use_until_both_are_over():
    board = Switchboard()
    first, [one] = joined(board, "c1", "ann")
    second, [other] = joined(board, "c2", "ann")
    board.drop(first, one, 0)
    assert board.in_use("ann", IN_USE_AFTER)
    board.drop(second, other, 0)
    assert not board.in_use("ann", IN_USE_AFTER)


def test_legs_whose_channel_never_came_are_found():
    board = Switchboard()
    call, [early, late] = joined(board, "c1", "ann", "ben")
    early.since, late.since = 10, 20
    assert board.legs_without_channel(call, 15) == [early.unique]
    call.leaving.append(call.legs.pop("ann"))
    assert board.legs_without_channel(call, 20) == [late.unique, early.unique]


def test_the_same_is_not_asked_or_told_again_at_once():
    board = Switchboard()
    call, [leg] = joined(board, "c1", "ann")
    ask = Ask(what="ring", action="Originate", headers=(), unique=leg.unique)
    told = Abandon(id="c1/left/1", contact="c1")
    for at in (0, ASKS_AGAIN - 1, ASKS_AGAIN):
        board.ask(leg, ask, at)
    for at in (0, SAYS_AGAIN - 1, SAYS_AGAIN):
        board.tell(call, told, at)
    assert board.drain() == [ask, ask, told, told]
    assert board.drain() == []
