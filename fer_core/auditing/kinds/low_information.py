"""Images whose gray levels tell little: their histogram has a low entropy."""

from fer_core.auditing.kind import BelowLimit
from fer_core.auditing.quality import Limit


class LowInformation(BelowLimit):
    name = "low_information"
    title = "Low information"
    limit = Limit("entropy", 5.0, "of 8 bits")
    meaning = f"{limit.words}: drawings, texts, placeholders"
    order = 90
    offered = True  # the audit proposes to leave such images out
