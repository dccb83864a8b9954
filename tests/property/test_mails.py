"""Random mails, shaped like real ones and then broken, are read within limits."""

import os

from tests.mail_generator import run_many

MAILS = int(os.environ.get("PATCHBAY_MAILS", "2000"))


def test_random_mails_are_read_within_limits():
    made = run_many(MAILS, processes=1 if MAILS <= 2_000 else 2)
    print(made)
    assert made.faults == []
    assert made.mails == MAILS
    assert made.unreadable < MAILS / 10
