"""How large each part of a customer may be. Longer text is refused, never silently cut."""

from typing import Final

MAX_ID: Final = 64
MAX_NAME: Final = 200
MAX_KEY: Final = 400  # a folded name may grow: one ligature becomes several letters
MAX_TIER: Final = 40
MAX_LANGUAGE: Final = 35
MAX_SHORT: Final = 500
MAX_EXTERNAL_ID: Final = 100
MAX_ADDRESS: Final = 320
MAX_NOTE: Final = 4_000
MAX_VALUE: Final = 10**12
MAX_IDENTITIES: Final = 50
MAX_ATTRIBUTES: Final = 32
MAX_ATTRIBUTE_NAME: Final = 64
MAX_ATTRIBUTE: Final = 500
