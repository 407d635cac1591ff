"""Files that live in mutated form, and what comes of them: shared by the attacks on what is read from bytes."""

import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from benchmarks.attack.tables import DAMAGES
from benchmarks.contenders import peak_megabytes
from fer_core.errors import FerError

LARGEST = 2_000_000
"""Bytes of a file that lives on."""
MOST_LIVING = 300
READ, TOLD = "read", "told"


@dataclass
class Findings:
    """What came of an attack.

    Attributes:
        words: how many were read, told with a sentence of ours, or broke something.
        traces: of everything that is no sentence of ours, by the seed that makes its file again.
        slowest: seconds and name of the slowest.
        idle: megabytes of memory before the attack.
    """

    words: Counter[str] = field(default_factory=Counter)
    traces: dict[str, str] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")
    idle: float = field(default_factory=lambda: peak_megabytes())

    def tried(self, name: str, act: Callable[[], object]) -> str:
        """Run one case and note what came of it; gives READ, the sentence, or the name of the exception."""
        begun = time.perf_counter()
        try:
            act()
            word, came = READ, READ
        except FerError as error:
            word, came = TOLD, str(error)
        except Exception as error:
            word, came = "broken", type(error).__name__
            self.traces[name] = traceback.format_exc()
        self.words[word] += 1
        self.slowest = max(self.slowest, (time.perf_counter() - begun, name))
        return came

    def report(self, title: str) -> str:
        counts = ", ".join(f"{count:,} {word}" for word, count in self.words.most_common())
        seconds, name = self.slowest
        lines = [
            f"{title}: {counts}; slowest {seconds:.2f} s ({name}); "
            f"memory at its highest {peak_megabytes() - self.idle:,.0f} MB over the start"
        ]
        return "\n".join([*lines, *(f"--- {name}\n{trace}" for name, trace in self.traces.items())])


def attack(originals: Mapping[str, bytes], read: Callable[[str, bytes], object], seconds: float, seed: int) -> Findings:
    """Damage files again and again; one whose answer was never heard before lives on and is damaged further.

    Args:
        originals: whole files by name.
        read: what is attacked; takes name and bytes.
        seconds: how long.
        seed: the same seed tries the same files, as far as the time goes.
    """
    findings = Findings()
    living = list(originals.items())
    heard = set()
    number, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        chance = random.Random(f"{seed}-{number}")
        name, whole = chance.choice(living)
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            chance.choice(DAMAGES)(data, chance)
            del data[LARGEST:]
        content = bytes(data)
        came = findings.tried(f"{name}, seed {seed}-{number}", partial(read, name, content))
        if came not in heard and len(living) < MOST_LIVING:
            heard.add(came)
            living.append((name, content))
        number += 1
    return findings
