"""A mail bomb, in virtual time on the production's parts: other customers wait as ever."""

import pytest

from benchmarks.mail_bomb_simulated import MAILS, bomb_of, waits

LOAD, SEED = 0.85, 1
MOST = 1.2  # times as long


@pytest.fixture(scope="module")
def usual():
    return waits(LOAD, SEED)


@pytest.mark.parametrize("senders", [1, MAILS])
def test_five_thousand_mails_in_ten_minutes_make_no_customer_wait_a_fifth_longer(usual, senders):
    bombed = waits(LOAD, SEED, bomb_of(senders, SEED))
    assert usual.known > 1  # minutes: there is something to be delayed
    assert bombed.known <= MOST * usual.known
    assert bombed.strangers <= MOST * usual.strangers
    assert bombed.caught < bombed.others / 20
    assert bombed.bombs < MAILS / 50
