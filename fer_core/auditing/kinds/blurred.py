"""Images without a sharp edge."""

from fer_core.auditing.kind import BelowLimit
from fer_core.auditing.quality import Limit


class Blurred(BelowLimit):
    name = "blurred"
    title = "Blurred"
    limit = Limit("sharpness", 0.18, "")
    meaning = f"{limit.words} (variance of the Laplacian over that of the image)"
    order = 80
