"""A small folder dataset with one of every fault that an audit finds, made of noise."""

import cv2
import numpy as np

SIDE = 48


def picture(seed, brightness=128, side=SIDE):
    """Smooth noise: gray uint8 (side, side), sharp enough and rich in levels."""
    noise = np.random.default_rng(seed).normal(0, 1, (12, 12)).astype(np.float32)
    smooth = cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC) * 45 + brightness
    fine = np.random.default_rng(seed + 1000).normal(0, 6, (side, side))
    return (smooth + fine).clip(0, 255).astype(np.uint8)


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)


def write_faulty(root):
    """The folder; gives the file names of each fault."""
    for number in range(8):
        label = ("happy", "sad")[number % 2]
        write(root / "train" / label / f"plain_{number}.png", picture(number))
        write(root / "test" / label / f"plain_{number}.png", picture(100 + number))
    write(root / "test" / "happy" / "leak.png", picture(0))
    write(root / "train" / "sad" / "conflict.png", picture(2))
    write(root / "train" / "happy" / "copy.png", picture(4))
    near = (picture(1) * 0.8 + 20).astype(np.uint8)
    write(root / "test" / "sad" / "near_leak.png", near)
    write(root / "train" / "sad" / "mirrored.png", (picture(3) * 0.9).astype(np.uint8)[:, ::-1])
    write(root / "train" / "sad" / "blank.png", np.full((SIDE, SIDE), 7, np.uint8))
    write(root / "train" / "happy" / "dark.png", picture(20, brightness=100) // 4)
    blurred = cv2.GaussianBlur(picture(21), (0, 0), 6).astype(np.float32)
    blurred = (blurred - blurred.min()) / np.ptp(blurred) * 255
    write(root / "train" / "happy" / "blurred.png", blurred.astype(np.uint8))
    sign = np.zeros((SIDE, SIDE), np.uint8)
    cv2.putText(sign, "?", (12, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 200, 4)
    write(root / "train" / "happy" / "sign.png", sign + 40)
    return root
