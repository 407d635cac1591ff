"""`fer setup`: fetch once what is not in the package."""

from typing import Annotated

import typer

from fer_core.cli.output import Answer, answering

app = typer.Typer()


@app.command(rich_help_panel="This computer")
@answering
def setup(
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Also fetch the weights of DeepFace and mini-Xception.")
    ] = False,
    browser: Annotated[
        bool, typer.Option("--browser", help="Also fetch ONNX Runtime Web (33 MB), which the Live page needs.")
    ] = False,
) -> Answer:
    """Fetch the face detector YuNet, once. Without it the built-in detector serves.

    Each file is tried once; a host that does not answer within 5 seconds is given up.

    Examples:
      fer setup

      fer setup --baselines

      fer setup --browser
    """
    from fer_core.predictors import downloads

    lines = [downloads.fetch_yunet()]
    if baselines:
        from fer_core.predictors.baselines.fetching import convert_mini_xception, fetch_deepface

        lines += [fetch_deepface(), convert_mini_xception()]
    if browser:
        from fer_core.browser import runtime

        lines.append(runtime.fetch())
    return Answer("\n".join(lines))
