"""``ivr.core.values``: which of the known languages is spoken."""

import pytest

from ivr.core.values import spoken_in


@pytest.mark.parametrize(
    ("known", "wanted", "language"),
    [
        (("en", "zh"), "zh-TW", "zh"),
        (("en", "zh-CN", "zh"), "zh", "zh"),
        (("en", "zh-CN", "zh-TW"), "zh_TW", "zh-TW"),
        (("en", "zh-CN"), "zh_TW", "zh-CN"),
        (("en", "zh"), "x" * 1_000_000, "en"),
        (("en", "zh"), "", "en"),
        ((), "en", ""),
    ],
)
def test_the_nearest_language(known, wanted, language):
    assert spoken_in(known, wanted) == language
