"""The texts of the page, and what is read of the networks' own cards."""

import re

from fer_core import settings, text
from fer_core.photos import wording
from fer_core.predictors import PredictorInfo, networks
from space import engine

INTRODUCTION = """# Perceived facial expressions
Which expression would people see in this face? Networks trained on FER2013 answer, side by side, and say when they \
are unsure."""

YOUR_PHOTO = (
    "Your photo",
    "It is read on this server, is deleted within 60 seconds together with the answer, and is not kept, shared or used "
    "for training.",
)
NOTICE = "\n".join(
    [
        "**Before you use a photo**\n",
        *(f"- **{heading}.** {sentences}" for heading, sentences in (YOUR_PHOTO, *wording.NOTICE[1:])),
    ]
)
"""What every surface says; of the photo itself, what is true of this one."""

LIMITS = """## Limits
- The labels come from people who looked at small gray pictures, and from students who labelled press photos.
- The training pictures are not balanced in age, skin, glasses, beards or culture, and accuracy is not the same for \
all people: fewer neutral faces are found among darker pictures.
- Faces from the side, in the dark or smaller than about 40 pixels are often missed or misread.
- 'Unsure' is a real answer. The model gives it when its confidence is below a limit. Above the limit, four of five \
answers were right on labelled images.
- Confidence was measured on other photos, not on yours.

## Your photo
It is uploaded to this server, kept in memory while it is read, and lies in a temporary folder for less than 60 \
seconds. What the page shows stays in your browser. There is no account, no analytics and no log of photos.

## From code
The footer's *Use via API* shows `/predict`, `/predict_batch` and `/models`."""

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def about() -> str:
    """The networks with their measured figures, then limits and privacy."""
    infos = engine.infos()
    cards = "\n\n".join(_card(info) for info in infos)
    return f"## Networks\n{_table(infos)}\n\n{engine.detector_note()}\n\n{LIMITS}\n\n{cards}"


def _table(infos: list[PredictorInfo]) -> str:
    head = "| network | accuracy | measured on | sure enough to answer | parameters | licence |"
    return "\n".join([head, "|---|---|---|---|---|---|", *(_line(info) for info in infos)])


def _line(info: PredictorInfo) -> str:
    size = f"{info.parameters:,}" if info.parameters else "unknown"
    cells = (
        f"{info.title}: {info.about}",
        text.percent_to_a_tenth(info.accuracy) or "not measured",
        info.accuracy_note or "-",
        text.percent_to_a_tenth(info.coverage) or "-",
        size,
        info.licence,
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _card(info: PredictorInfo) -> str:
    """The network's own card below a heading, without what only machines read."""
    card = networks.card(settings.models_folder() / info.name)
    return FRONT_MATTER.sub("", card) if card else f"## {info.name}\n{info.origin}. {info.source}"
