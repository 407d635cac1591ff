"""Where the tests find the repository, its samples, and ../shared (extra data, which need not be there)."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared"
