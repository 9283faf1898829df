"""The likely cause of a difference, by what VSOP's orders came to."""

from __future__ import annotations

import pytest
from sides import SUSPENDED, history, holding, past, side

from gateway.domain.order import OrderState
from gateway.recon.causes import WORDS, Cause, likely_cause
from gateway.recon.comparing import compare
from gateway.recon.holdings import Right

(EXTRA,) = compare([holding()], {})
(MISSING,) = compare([], side(holding()))
ENDED_HERE = past(action="unsubscribe")
FAILED = past(state=OrderState.FAILED, code=8001)


@pytest.mark.parametrize(
    ("right", "cause"),
    [
        (Right.XPLATFORM, Cause.ACTIVATION_LOST), (Right.ISMP, Cause.REPORT_LOST), (Right.BILLING, Cause.ARCHIVE_LOST),
        (Right.OCS, Cause.ARCHIVE_LOST), (Right.GROUP, Cause.NOT_TOLD),
    ],
)  # fmt: skip
def test_what_vsop_alone_holds(right, cause):
    """Something did not reach the other side, or its word did not come back."""
    assert likely_cause(EXTRA, history(past()), right) is cause


@pytest.mark.parametrize(
    ("orders", "right", "cause"),
    [
        ((), Right.XPLATFORM, Cause.NO_ORDER), ((), Right.ISMP, Cause.REPORT_LOST), ((), Right.BILLING, Cause.NO_ORDER),
        ((ENDED_HERE, past()), Right.XPLATFORM, Cause.END_LOST), ((ENDED_HERE,), Right.ISMP, Cause.END_LOST),
        ((ENDED_HERE,), Right.BILLING, Cause.ARCHIVE_LOST), ((ENDED_HERE,), Right.GROUP, Cause.NOT_TOLD),
        ((FAILED,), Right.XPLATFORM, Cause.FAILED_HERE),
        ((past(state=OrderState.FAILED, undone=True),), Right.XPLATFORM, Cause.UNDONE),
        ((past(action="torn-down", of_user=True), past()), Right.BILLING, Cause.USER_CHANGED),
    ],
)  # fmt: skip
def test_what_the_other_side_alone_holds(orders, right, cause):
    """The newest order of the product says why; where there is none, nobody ordered it here."""
    assert likely_cause(MISSING, history(*orders), right) is cause


@pytest.mark.parametrize(
    ("known", "cause"), [(history(known=False), Cause.UNKNOWN_PRODUCT), (history(ours=False), Cause.NOT_ITS_PRODUCT)]
)
def test_product_that_is_no_business_of_the_other_side(known, cause):
    """Goes before everything else."""
    assert likely_cause(MISSING, known, Right.XPLATFORM) is cause


def test_state_product_and_offer_speak_for_themselves():
    """What differs in a field is named after it."""
    pairs = [holding(standing=SUSPENDED), holding("P2"), holding(offer="O2")]
    found = [likely_cause(compare([holding()], side(other))[0], history(past()), Right.XPLATFORM) for other in pairs]
    assert found == [Cause.WRONG_STATE, Cause.WRONG_PRODUCT, Cause.WRONG_OFFER]


def test_every_cause_has_words():
    """In Chinese and English."""
    assert [cause for cause in Cause if not all(WORDS[cause])] == []
