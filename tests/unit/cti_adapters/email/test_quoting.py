import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.email.quoting import quoted_from


@pytest.mark.parametrize(
    "quote",
    [
        "> old\n> words",
        "On Mon, 2 Nov 2026 at 10:00, Ann <a@b.c> wrote:\n> old",
        "On Mon, 2 Nov 2026 at 10:00, Ann Lee <ann@example.org>\nwrote:\n\n> old\n>\n> words\n\n",
        "Am 2.11.2026 um 10:00 schrieb Ann Lee:\n> alt",
        "Le lun. 2 nov. 2026 à 10:00, Ann a écrit :\n> vieux",
        "在 2026年11月2日，Ann 写道\uff1a\n> 旧",
        "On Mon, 2 Nov 2026, Ann wrote:\n\nold words without marks",
        "-----Original Message-----\nFrom: Ann\n\nold",
        "-----原始邮件-----\n发件人: 李\n\n旧",
        "________________________________\nFrom: Ann <a@b.c>\nSent: Monday\nTo: x\n\nold",
        "Von: Ann\nGesendet: Montag\nAn: x\n\nalt",
        "发件人\uff1a 李\n发送时间\uff1a 2026年\n\n旧",
    ],
)
def test_the_quote_of_a_reply_is_found(quote):
    text = f"Thank you!\n\n{quote}"
    assert text[quoted_from(text) :] == quote


@pytest.mark.parametrize(
    "text",
    [
        "Thank you!",
        "",
        "> old\n\nmy answer below",
        "On Monday Ann wrote:\n> one\nyes\n> two\nno",
        "From: the heart\nof the city",
        "He wrote: nothing",
    ],
)
def test_what_a_customer_wrote_is_never_folded(text):
    assert quoted_from(text) == len(text)


@settings(deadline=None)
@given(st.text(alphabet=">\n aOnwrote:-_From Sent", max_size=200))
def test_the_offset_is_the_beginning_of_a_line_or_the_end(text):
    offset = quoted_from(text)
    assert 0 <= offset <= len(text)
    assert offset in (0, len(text)) or text[offset - 1] == "\n"
