"""Create or update the Space on the Hugging Face Hub, and with --models one model repository a network.

    python -m space.publish --repo USER/NAME [--models] [--dry-run]

The token is taken from its usual places: HF_TOKEN, or what `hf auth login` saved. The dry run needs neither token nor
network: it lists every file with its size, and every field of the cards. Exit code 2, with a sentence, when something
is missing or the Hub does not answer.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, HfApi, ModelCard, ModelCardData, RepoCard, SpaceCard, constants, get_token

from fer_core import text
from fer_core.datasets import adapters
from fer_core.datasets.adapters import fer2013
from fer_core.errors import FerError
from fer_core.predictors import networks, onnx_runtime
from space import build

ANSWER_SECONDS = 5.0
METRICS = {"accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy", "macro_f1": "Macro F1"}
HUB_METRICS = {"accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy", "macro_f1": "f1"}
CARD = "---\n{{ card_data }}\n---\n\n{{ text }}"
"""The fields that the Hub reads, then the network's own card."""
LINKS = {"space": "{}/spaces/{}", "model": "{}/{}"}


class PublishError(FerError):
    """Nothing was sent, or not all of it; the sentence says why."""


@dataclass(frozen=True)
class Repository:
    """One repository of the Hub as it shall be: the folder holds every file, README.md with the card's fields."""

    name: str
    kind: str
    folder: Path

    @property
    def card(self) -> RepoCard:
        kind = SpaceCard if self.kind == "space" else ModelCard
        return kind((self.folder / "README.md").read_text(encoding="utf-8"))

    @property
    def link(self) -> str:
        return LINKS[self.kind].format(constants.ENDPOINT, self.name)

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m space.publish", description="Publish the Space and its models.")
    parser.add_argument("--repo", required=True, type=_repository, metavar="USER/NAME", help="the Space")
    parser.add_argument(
        "--models", action="store_true", help="also a model repository USER/NAME-MODEL for each network"
    )
    parser.add_argument("--dry-run", action="store_true", help="send nothing; list files, sizes and card fields")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            planned = plan(options.repo, Path(folder), with_models=options.models)
            print("\n\n".join(map(describe, planned)) if options.dry_run else _send_all(planned))
    except FerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _repository(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", text):
        raise argparse.ArgumentTypeError(f"came '{text}'; expected USER/NAME, as in ada/faces")
    return text


def plan(name: str, folder: Path, *, with_models: bool) -> list[Repository]:
    """Lay out in `folder` what every repository shall hold. The Space comes last: it names the models."""
    models = [_model(name, path, folder) for path in _networks()] if with_models else []
    space = Repository(name, "space", folder / "space")
    build.build(space.folder)
    (space.folder / build.WRITTEN).unlink()
    readme = space.folder / "README.md"
    card = SpaceCard(readme.read_text(encoding="utf-8").replace("USER/NAME", name))
    card.data["models"] = [*card.data["models"], *(model.name for model in models)]
    card.save(readme)
    return [*models, space]


def _networks() -> list[Path]:
    return [path for path in networks.folders() if (path / onnx_runtime.WEIGHTS).is_file()]


def _model(space: str, source: Path, folder: Path) -> Repository:
    """The network's folder as it is, its card with fields that the Hub reads."""
    target = folder / "models" / source.name
    shutil.copytree(source, target)
    text = (source / "README.md").read_text(encoding="utf-8") if (source / "README.md").is_file() else ""
    card = ModelCard.from_template(_card_data(source, f"{space}-{source.name}"), template_str=CARD, text=text)
    card.save(target / "README.md")
    return Repository(f"{space}-{source.name}", "model", target)


def _card_data(source: Path, name: str) -> ModelCardData:
    config = networks.read_json(source / "config.json")
    licence = str(config["licence"])
    return ModelCardData(
        model_name=name,
        license="mit" if licence.lower().startswith("mit") else "other",
        license_name=None if licence.lower().startswith("mit") else licence,
        library_name="onnx",
        pipeline_tag="image-classification",
        tags=["facial-expression-recognition", "onnx", *(["keras"] if (source / "model.keras").is_file() else [])],
        metrics=sorted(set(HUB_METRICS.values())),
        eval_results=list(_results(source)) or None,
    )


def _results(source: Path) -> Iterator[EvalResult]:
    """One result a metric and evaluation; the configuration tells the evaluations of one split apart."""
    if not (source / "metrics.json").is_file():
        return
    for row in networks.read_json(source / "metrics.json").get("evaluations", []):
        yield from (_result(row, metric) for metric in METRICS if row.get(metric) is not None)


def _result(row: Mapping[str, Any], metric: str) -> EvalResult:
    data = str(row.get("data", fer2013.KIND))
    setting = f"{row.get('labels', data)} labels, test-time augmentation {row.get('tta') or 'none'}"
    return EvalResult(
        task_type="image-classification",
        task_name="Perceived facial expression",
        dataset_type=data,
        dataset_name=adapters.title(data),
        dataset_config=", ".join([setting, row.get("subset") or "all images"]),
        dataset_split=row.get("split"),
        metric_type=HUB_METRICS[metric],
        metric_name=METRICS[metric],
        metric_value=row[metric],
    )


def describe(repository: Repository) -> str:
    """For the dry run: where it would go, every field of the card, every file with its size."""
    fields = [f"  {name}: {_value(value)}" for name, value in fields_of(repository.card).items()]
    sizes = [(path.relative_to(repository.folder).as_posix(), path.stat().st_size) for path in repository.files()]
    files = text.text_table(("file", "bytes"), [(name, f"{size:,}") for name, size in sizes])
    total = f"{len(sizes)} files, {sum(size for _, size in sizes) / 1e6:.1f} MB"
    return "\n".join([f"{repository.kind} {repository.link}", "card:", *fields, files, total])


def fields_of(card: RepoCard) -> dict[str, Any]:
    return card.data.to_dict()  # type: ignore[no-any-return, no-untyped-call]


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _send_all(planned: Sequence[Repository]) -> str:
    token = get_token()
    if not token:
        raise PublishError(
            "No Hugging Face token was found; one with the right to write is needed. Run `hf auth login`, or put it in "
            "HF_TOKEN. `--dry-run` works without."
        )
    api = HfApi(token=token)
    _check_answer(api)
    return "\n".join(_send(api, repository) for repository in planned)


def _check_answer(api: HfApi) -> None:
    """The Hub must know the token within five seconds: its client has no time limit of its own."""
    answer: list[Exception | None] = []
    thread = threading.Thread(target=_ask, args=(api, answer), daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    if not answer:
        raise PublishError(f"{constants.ENDPOINT} gave no answer within {ANSWER_SECONDS:g} s; is there a network?")
    if answer[0] is not None:
        raise PublishError(f"{constants.ENDPOINT} did not accept the call: {_first_line(answer[0])} Nothing was sent.")


def _ask(api: HfApi, answer: list[Exception | None]) -> None:
    try:
        api.whoami()
        answer.append(None)
    except Exception as error:  # the client's, the HTTP library's and the system's errors share no base class
        answer.append(error)


def _send(api: HfApi, repository: Repository) -> str:
    try:
        repository.card.validate(repository.kind)
        sdk = "gradio" if repository.kind == "space" else None
        api.create_repo(repository.name, repo_type=repository.kind, space_sdk=sdk, exist_ok=True)
        api.upload_folder(
            repo_id=repository.name,
            repo_type=repository.kind,
            folder_path=repository.folder,
            commit_message="Publish from the project's own files",
            delete_patterns="*",
        )
    except Exception as error:  # as above
        raise PublishError(f"{repository.link} could not be published: {_first_line(error)}") from error
    return f"Published {repository.kind} {repository.link}."


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".") + "."


if __name__ == "__main__":
    sys.exit(main())
