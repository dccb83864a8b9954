import re

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.model import MAX_NAME
from cti_adapters.email.names import file_name, message_name


@given(st.text(max_size=300), st.sampled_from(["application/pdf", "x/y", ""]))
def test_any_name_can_be_shown_and_saved_under(given_name, kind):
    name = file_name(given_name, kind)
    assert 0 < len(name) <= MAX_NAME
    assert not re.search(r'[/\\<>:"|?*\x00-\x1f\u202a-\u202e]', name)
    assert name not in (".", "..")


@given(st.text(max_size=300))
def test_a_mail_in_a_mail_is_named_by_its_subject(subject):
    assert message_name(subject).endswith(".eml")
    assert len(message_name(subject)) <= MAX_NAME
