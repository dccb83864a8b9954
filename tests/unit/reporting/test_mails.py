"""``reporting.mails``: mails counted by mailbox and by words of ours."""

from prometheus_client import CollectorRegistry, generate_latest

from reporting.mails import MailMetrics
from router.core.durations import SECOND


def test_what_becomes_of_mails_is_counted_by_mailbox():
    registry = CollectorRegistry()
    metrics = MailMetrics(registry)
    metrics.came("help", "contact", 3 * SECOND)
    metrics.came("help", "contact", -1)
    metrics.left("help", "sent")
    metrics.readable("help", well=False)
    shown = generate_latest(registry).decode()
    assert 'patchbay_mail_received_total{became="contact",mailbox="help"} 2.0' in shown
    assert 'patchbay_mail_taking_in_seconds_sum{mailbox="help"} 3.0' in shown
    assert 'patchbay_mail_deliveries_total{mailbox="help",outcome="sent"} 1.0' in shown
    assert 'patchbay_mailbox_readable{mailbox="help"} 0.0' in shown
    metrics.readable("help", well=True)
    assert 'patchbay_mailbox_readable{mailbox="help"} 1.0' in generate_latest(registry).decode()
