"""The free pictures of the gallery: one per expression that we have one for, a group, and a hard case."""

from dataclasses import dataclass
from pathlib import Path

from fer_core import settings

FOLDER = settings.samples_folder()


@dataclass(frozen=True)
class Sample:
    """A picture of the gallery.

    Attributes:
        file: its name below `samples/`; who made it and its licence stand in samples/CREDITS.md.
        title: a word or two below the thumbnail.
        description: for those who cannot see it.
        expression: what people would say it shows; empty where a picture has several faces.
    """

    file: str
    title: str
    description: str
    expression: str = ""

    @property
    def path(self) -> Path:
        return FOLDER / self.file


SAMPLES = (
    Sample("astronaut.jpg", "Happy", "Eileen Collins, astronaut, smiling in an orange suit before a flag", "happy"),
    Sample("surprised.jpg", "Surprise", "A man dressed as Santa Claus with wide eyes and open mouth", "surprise"),
    Sample("angry.jpg", "Angry", "A man who frowns and shows his teeth, in black and white", "angry"),
    Sample("sad_baby.jpg", "Sad", "A crying baby in a hood", "sad"),
    Sample("neutral.jpg", "Neutral", "A young woman who looks straight into the camera", "neutral"),
    Sample("happy_baby.jpg", "Baby", "A laughing baby on a rug", "happy"),
    Sample("group.jpg", "Group", "Five people at a table, one of them cut by the border of the picture"),
    Sample("selfie.jpg", "Dim light", "A dim selfie of a woman with purple hair", "neutral"),
)
