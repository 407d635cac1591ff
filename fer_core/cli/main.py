"""The command `fer`: every command, loaded when it is asked for.

The commands of fer_core stand in OWN. Other rooms and other packages add theirs by entry points of the group
`fer.commands` (name = "module:typer app"), so that imports point one way.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, cast

import typer
from typer.core import TyperGroup

from fer_core import settings
from fer_core.cli.group import Group
from fer_core.cli.output import speak_utf8
from fer_core.errors import CheckoutError

if TYPE_CHECKING:
    from typer.core import TyperCommand

GROUP = "fer.commands"
OWN: Mapping[str, str] = MappingProxyType(
    {
        "predict": "fer_core.cli.predict:app",
        "batch": "fer_core.cli.batch:app",
        "video": "fer_core.cli.video:app",
        "summary": "fer_core.cli.summary:app",
        "models": "fer_core.cli.models:app",
        "evaluate": "fer_core.cli.evaluate:app",
        "datasets": "fer_core.cli.datasets:app",
        "log": "fer_core.cli.log:app",
        "setup": "fer_core.cli.setup:app",
        "cache": "fer_core.cli.cache:app",
    }
)
"""Commands of fer_core by name: the module, and the typer app in it."""
FROM_A_CHECKOUT = "Only from a checkout"


class Commands(Group):
    """The commands by name. A command's module is imported when the command is looked at."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002
        return [*OWN, *(name for name in _registered() if name not in OWN)]

    def get_command(self, ctx: object, cmd_name: str) -> "TyperCommand | TyperGroup | None":  # noqa: ARG002
        place = OWN.get(cmd_name) or _registered().get(cmd_name)
        return _loaded(cmd_name, place) if place else None


program = typer.Typer(cls=Commands, rich_markup_mode="rich")


def _show_version(asked: bool) -> None:
    if asked:
        from fer_core import __version__

        print(f"fer-lab {__version__}")
        raise typer.Exit


@program.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Perceived facial expressions: photos in, calibrated answers out.

    fer COMMAND --help has the options of a command and examples.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; None takes the process's own.

    Returns:
        The exit code.
    """
    speak_utf8()
    command = typer.main.get_command(program)
    try:
        # Patterns such as *.jpg are expanded where photos are expected, not in every option.
        command.main(None if arguments is None else list(arguments), prog_name="fer", windows_expand_args=False)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def run() -> None:
    """Start the program `fer`."""
    sys.exit(main())


def _loaded(name: str, place: str) -> "TyperCommand | TyperGroup":
    module, _, attribute = place.partition(":")
    try:
        app = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name is None or module.split(".")[0] != error.name.split(".")[0]:
            raise
        app = _elsewhere(name)
    command = cast("TyperCommand | TyperGroup", typer.main.get_command(app))
    command.name = name
    if isinstance(command, TyperGroup) and isinstance(app.rich_help_panel, str):
        command.rich_help_panel = app.rich_help_panel
    command.params = [param for param in command.params if param.name not in ("install_completion", "show_completion")]
    return command


def _registered() -> Mapping[str, str]:
    """Commands by entry points: of installed packages, and in a checkout those that its own pyproject.toml names.

    So a checkout has its own commands, also before it is installed anew.
    """
    from importlib.metadata import entry_points

    found = {point.name: point.value for point in entry_points(group=GROUP)}
    return found | _of_the_checkout()


def _of_the_checkout() -> dict[str, str]:
    if not settings.in_checkout():
        return {}
    import tomllib

    project = tomllib.loads((settings.CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(project["entry-points"][GROUP])


def _elsewhere(name: str) -> typer.Typer:
    """A command of a room that is not installed: it says where it runs."""
    from fer_core.cli.output import working

    app = typer.Typer()
    anything = {"allow_extra_args": True, "ignore_unknown_options": True}

    @app.command(rich_help_panel=FROM_A_CHECKOUT, context_settings=anything, add_help_option=False)
    @working
    def command(_: typer.Context) -> int:
        """Runs from a checkout of the project only."""
        raise CheckoutError(
            f"fer {name} runs from a checkout of the project only, and this is an installed package. "
            "Clone the repository, run `make install` in it, and use its .venv/bin/fer."
        )

    return app
