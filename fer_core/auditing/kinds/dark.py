"""Images in which a face is hardly seen for darkness."""

from fer_core.auditing.kind import BelowLimit
from fer_core.auditing.quality import Limit


class Dark(BelowLimit):
    name = "dark"
    title = "Dark"
    limit = Limit("brightness", 30.0, "of 255")
    meaning = limit.words
    order = 70
