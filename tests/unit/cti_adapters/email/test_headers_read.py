"""What one part looks at in a mail's headers, another must have kept."""

from cti_adapters.email import loops, reading, threads


def test_every_header_that_the_guard_against_loops_looks_at_is_kept():
    assert loops.HEADERS <= reading.HEADERS


def test_every_header_that_tells_where_a_mail_was_sent_is_kept():
    assert set(threads._RECEIVED_AS) <= reading.HEADERS
