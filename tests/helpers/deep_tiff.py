"""TIFF files of 16 bits per channel with an orientation, which neither Pillow nor OpenCV writes."""

import struct


def write(values, orientation=1, *, planes=False, big_endian=False):
    """The bytes of a TIFF without compression: values uint16 (h, w, 3) as they lie in the file."""
    order, (height, width, channels) = ">" if big_endian else "<", values.shape
    content = (values.transpose(2, 0, 1) if planes else values).astype(f"{order}u2").tobytes()
    count = channels if planes else 1
    bits = 8 + 2 + 12 * 11 + 4
    places = bits + 2 * channels
    start = places + 8 * count
    size = len(content) // count
    entries = [
        *((256, 3, 1, width), (257, 3, 1, height), (258, 3, channels, bits), (259, 3, 1, 1), (262, 3, 1, 2)),
        (273, 4, count, places if planes else start),
        *((274, 3, 1, orientation), (277, 3, 1, channels), (278, 3, 1, height)),
        (279, 4, count, places + 4 * count if planes else size),
        (284, 3, 1, 2 if planes else 1),
    ]
    made = struct.pack(f"{order}2sHIH", b"MM" if big_endian else b"II", 42, 8, len(entries))
    for tag, kind, number, value in entries:
        short = kind == 3 and number == 1
        made += struct.pack(
            f"{order}HHI{'HH' if short else 'I'}", tag, kind, number, *((value, 0) if short else (value,))
        )
    made += struct.pack(f"{order}I", 0) + struct.pack(f"{order}{channels}H", *[16] * channels)
    made += struct.pack(f"{order}{count}I", *(start + size * number for number in range(count)))
    return made + struct.pack(f"{order}{count}I", *[size] * count) + content
