"""What training shows a network: the very code that training uses, on images of the dataset."""

from dataclasses import asdict, replace

import numpy as np
import streamlit as st

from fer_core import settings
from fer_core.auditing import averages
from fer_core.datasets import Dataset
from fer_core.errors import FerError
from fer_core.recipes import schema, selection
from fer_core.recipes.augmentation import Augmentation, augment
from ui.datasets import numbers
from ui.shared import state
from ui.shared.text import plain

RECIPES = settings.CHECKOUT / "training" / "recipes"
OWN = "own settings"
SIZE = 96
VERSIONS = 7
WIDTH = 68
SLIDERS = {
    "rotation": ("Rotation, degrees", 0.0, 45.0, 1.0),
    "shift": ("Shift, of the side", 0.0, 0.4, 0.01),
    "zoom": ("Zoom and crop", 0.0, 0.5, 0.01),
    "shear": ("Shear, degrees", 0.0, 30.0, 1.0),
    "flip": ("Flip, probability", 0.0, 1.0, 0.1),
    "brightness": ("Brightness", 0.0, 0.5, 0.01),
    "contrast": ("Contrast", 0.0, 0.8, 0.01),
    "gamma": ("Gamma", 0.0, 1.0, 0.05),
    "blur": ("Blur, probability", 0.0, 1.0, 0.1),
    "noise": ("Noise", 0.0, 0.2, 0.01),
    "cutout": ("Cutout, probability", 0.0, 1.0, 0.1),
    "cutout_area": ("Cutout, largest area", 0.05, 0.5, 0.05),
}
START = Augmentation(rotation=10.0, shift=0.08, zoom=0.1, flip=0.5)


def show(dataset: Dataset) -> None:
    left, right = st.columns([1, 3], gap="medium")
    with left:
        settings = _settings()
        seed = int(st.number_input("Draw", 1, 1000, 1, key=state.widget("draw"), help="Another number, other chance."))
    with right:
        split = numbers.split_of(dataset)
        st.caption("The first image of each line is the original. Strengths are the largest change, either way.")
        _lines(dataset, split, settings, seed)


def _settings() -> Augmentation:
    files = {path.stem: path for path in sorted(RECIPES.glob("*.toml"))}
    name = st.selectbox("Settings of a recipe", [OWN, *files], key=state.widget("recipe"))
    if name != OWN:
        try:
            found = schema.load(files[name]).augmentation
        except FerError as error:
            st.warning(plain(str(error)))
            return START
        strong = {key: value for key, value in asdict(found).items() if value and key in SLIDERS}
        st.table({SLIDERS[key][0]: f"{value:g}" for key, value in strong.items()})
        return found
    chosen = {
        key: st.slider(title, low, high, float(getattr(START, key)), step, key=state.widget(f"augment:{key}"))
        for key, (title, low, high, step) in SLIDERS.items()
    }
    return replace(START, **chosen)


def _lines(dataset: Dataset, split: str, settings: Augmentation, seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = selection.draw_by_class(dataset.rows(split), dataset.labels, len(dataset.classes), seed)
    for row, image in averages.readable(dataset, rows, 48 if _small(dataset) else SIZE):
        versions = augment(np.repeat(image[np.newaxis], VERSIONS, axis=0), SIZE, settings, chance)
        with st.container(horizontal=True, gap="xsmall"):
            for number, picture in enumerate([image, *versions]):
                label = dataset.classes[int(dataset.labels[row])]
                st.image(
                    picture[..., 0], width=WIDTH, alt=f"{label}, {'version ' + str(number) if number else 'original'}"
                )


def _small(dataset: Dataset) -> bool:
    return int(dataset.sizes[0].max()) <= 48
