"""A product and an offer as people write them in acts."""

from __future__ import annotations

_BOTH = {"name_zh": "铃音", "name_en": "Tone", "scope": "provincial", "province": "15"}
PRODUCT = {"id": "P1", "sp": "S1", "owner": "200", "platform": "303", **_BOTH}
OFFER = {"id": "F1", "type": "vas-bundle", "products": ["P1", "P2"], **_BOTH}
