"""What is said to people, in one place, so that every surface says the same. No markup."""

from fer_core.photos.analysis import Prediction
from fer_core.text import percent

NOTICE_LINE = "Your photo is not stored. The answer is what a face appears to show, not what a person feels."
"""The notice in one line; NOTICE is what it opens to."""

NOTICE = (
    (
        "Your photo",
        "It is read in the memory of the computer that runs this page. We do not store it, log it or send it on. "
        "It is dropped when you press Clear, and within a minute after you close this page. A photo above 1 MB passes "
        "through a temporary file on the way in; nobody can open that file, and it is gone when the photo is here.",
    ),
    (
        "What the answer is",
        "A perceived expression: how people would probably label this face in this one picture. It does not tell "
        "what the person feels, thinks or intends, and it is often wrong.",
    ),
    (
        "Not for decisions",
        "Do not use it at work, in school, for hiring or for anything about health. The EU AI Act prohibits emotion "
        "recognition at the workplace and in education (Article 5(1)(f), with exceptions for medical and safety "
        "reasons only), and wherever else it is used, the people concerned must be told (Article 50).",
    ),
    (
        "Other people",
        "Use photos of yourself, or of people who agreed.",
    ),
)
"""Heading and text each; it stands before a camera opens."""

THRESHOLD = "How sure the face detector must be"
FACE_CROP = "The photo is one face"
"""Names of two settings."""

NO_FACE = "No face was found, so there is no answer."
NO_FACE_ADVICE = (
    "Use a photo in which the face is seen from the front, well lit and not covered, at least 40 pixels wide. "
    f"For a small or blurred face, lower '{THRESHOLD}' under Options. If the picture is nothing but a face, switch on "
    f"'{FACE_CROP}' there."
)

DETECTORS = {
    "yunet": "Faces are found by YuNet.",
    "haar": "Faces are found by the detector built into OpenCV. It misses some turned, small or covered faces.",
    "none": "Each photo is taken as one face. No detector runs.",
}
BETTER_DETECTOR = (
    "The better one, YuNet, is not on this computer, or its file is damaged: run `fer setup` once, or put the path of "
    "its file in FER_YUNET."
)
"""For those who can do something about the built-in detector."""


def answer(prediction: Prediction) -> str:
    """'happy 92 %', or 'Unsure: sad 41 %, or neutral 33 %'."""
    first = f"{prediction.label} {percent(prediction.confidence)}"
    if not prediction.unsure:
        return first
    second = prediction.runner_up
    return f"Unsure: {first}, or {second} {percent(prediction.probabilities[second])}"


def because(prediction: Prediction) -> str:
    """'Unsure because the face is turned away.'; empty where the picture gives no reason."""
    return f"Unsure because {prediction.reason}." if prediction.unsure and prediction.reason else ""


def faces_found(count: int) -> str:
    return {0: "no face", 1: "1 face"}.get(count, f"{count} faces")
