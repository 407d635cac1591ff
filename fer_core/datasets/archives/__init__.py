"""Zip and tar files from strangers: judged before they are unpacked, read in pieces, never beyond what they declare."""

from fer_core.datasets.archives.limits import DATASET, SMALL, UPLOAD, Limits
from fer_core.datasets.archives.opening import READ, entries, is_archive, members, unpack

__all__ = ["DATASET", "READ", "SMALL", "UPLOAD", "Limits", "entries", "is_archive", "members", "unpack"]
