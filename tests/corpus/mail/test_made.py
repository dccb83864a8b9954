"""Every mail of the corpus is read as it must be."""

import msgspec
import pytest

from cti_adapters.email.model import Unreadable
from cti_adapters.email.reading import read
from tests.corpus.mail.made import cases
from tests.mail_judge import faults

CASES = cases()


def value(mail, name):
    for piece in name.split("."):
        mail = getattr(mail, piece)
    return mail


def test_the_corpus_is_large_and_each_mail_has_a_name_of_its_own():
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: case.name.encode("ascii", "replace").decode()
)
def test_a_mail_is_read_as_its_sender_meant_it(case):
    result = read(case.raw)
    assert faults(case.raw, result) == []
    if case.unreadable:
        assert isinstance(result, Unreadable)
        assert case.unreadable in result.reason
        return
    mail, _ = result
    assert {name: value(mail, name) for name in case.is_} == case.is_
    for name, wanted in case.has.items():
        assert [one for one in wanted if one not in value(mail, name)] == []
    for name, unwanted in case.lacks.items():
        assert [one for one in unwanted if one in value(mail, name)] == []
    if case.files is not None:
        assert tuple(one.name for one in mail.attachments) == case.files
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(mail), type=type(mail)) == mail
