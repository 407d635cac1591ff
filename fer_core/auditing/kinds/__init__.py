"""The kinds of findings, one file each. A new file is found by itself: nothing has to be registered."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType

from fer_core.auditing.kind import Kind


def _made() -> Iterator[Kind]:
    for module in pkgutil.iter_modules(__path__):
        members = vars(import_module(f"{__name__}.{module.name}")).values()
        own = [one for one in members if isinstance(one, type) and one.__module__ == f"{__name__}.{module.name}"]
        yield from (one() for one in own if issubclass(one, Kind))


KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in sorted(_made(), key=lambda kind: kind.order)})
"""By name, in the order in which people see them."""
