"""Publishing as far as it goes without a Hub: what would be sent, the cards' fields, and the sentences."""

import json
import re

import pytest
from brightness import write_network
from huggingface_hub import ModelCard, SpaceCard

from space import build, publish

EVALUATIONS = [
    {
        "split": "private_test",
        "labels": "fer2013",
        "tta": None,
        "accuracy": 0.7,
        "balanced_accuracy": 0.6,
        "macro_f1": 0.65,
    },
    {"split": "private_test", "labels": "fer2013", "tta": "flip", "accuracy": 0.71, "macro_f1": None},
    {"split": "private_test", "labels": "fer2013", "tta": None, "accuracy": 0.69, "subset": "without copies"},
    {"split": "private_test", "labels": "ferplus", "tta": None, "accuracy": 0.8},
]


@pytest.fixture
def models(tmp_path, monkeypatch):
    folder = write_network(tmp_path / "models" / "house")
    (folder / "metrics.json").write_text(json.dumps({"calibration": {}, "evaluations": EVALUATIONS}), encoding="utf-8")
    (folder / "README.md").write_text("# House network\n\nA card.\n", encoding="utf-8")
    (folder / "model.keras").write_bytes(b"weights")
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(publish, "get_token", lambda: None)
    return tmp_path / "models"


@pytest.fixture
def planned(models, tmp_path):
    assert models.is_dir()
    return publish.plan("ada/faces", tmp_path / "stage", with_models=True)


def test_the_models_come_first_and_the_space_names_them(planned):
    model, space = planned
    assert (model.name, model.kind) == ("ada/faces-house", "model")
    assert (space.name, space.kind) == ("ada/faces", "space")
    card = SpaceCard.load(space.folder / "README.md")
    assert card.data.to_dict()["models"] == ["opencv/face_detection_yunet", "ada/faces-house"]
    assert card.data.sdk == "gradio"
    assert 'Client("ada/faces")' in card.text


def test_the_space_is_the_built_folder(planned):
    space = planned[-1]
    assert {path.relative_to(space.folder).as_posix() for path in space.files()} == set(build.files())


def test_the_model_card_keeps_its_text_and_its_results_survive_the_hubs_own_reader(planned):
    card = ModelCard.load(planned[0].folder / "README.md")
    assert "# House network\n\nA card." in card.text
    assert card.data.license == "mit"
    results = card.data.eval_results
    assert [(result.dataset_config, result.metric_type, result.metric_value) for result in results] == [
        ("fer2013 labels, test-time augmentation none, all images", "accuracy", 0.7),
        ("fer2013 labels, test-time augmentation none, all images", "balanced_accuracy", 0.6),
        ("fer2013 labels, test-time augmentation none, all images", "f1", 0.65),
        ("fer2013 labels, test-time augmentation flip, all images", "accuracy", 0.71),
        ("fer2013 labels, test-time augmentation none, without copies", "accuracy", 0.69),
        ("ferplus labels, test-time augmentation none, all images", "accuracy", 0.8),
    ]
    assert {result.dataset_split for result in results} == {"private_test"}


def test_the_dry_run_lists_every_file_size_and_field(models, capsys):
    assert publish.main(["--repo", "ada/faces", "--models", "--dry-run"]) == 0
    said = capsys.readouterr().out
    size = (models / "house" / "model.onnx").stat().st_size
    assert re.search(rf"^model\.onnx +{size:,}$", said, re.MULTILINE)
    assert re.search(r"^model\.keras +7$", said, re.MULTILINE)
    assert "space https://huggingface.co/spaces/ada/faces" in said
    assert "sdk_version: 6.31.0" in said
    assert '"Balanced accuracy"' in said
    assert all(name in said for name in build.files())


@pytest.mark.usefixtures("models")
def test_without_a_token(capsys):
    assert publish.main(["--repo", "ada/faces"]) == 2
    assert "hf auth login" in capsys.readouterr().err


class Hub:
    """Stands for HfApi: keeps what it was asked."""

    def __init__(self, token):
        self.token = token
        self.calls = []

    def whoami(self):
        return {"name": "ada"}

    def create_repo(self, name, **options):
        self.calls.append(("create", name, options))

    def upload_folder(self, **options):
        self.calls.append(("upload", options["repo_id"], options))


@pytest.fixture
def hub(models, monkeypatch):
    assert models.is_dir()
    made = []
    monkeypatch.setattr(publish, "get_token", lambda: "hf_token")
    monkeypatch.setattr(publish, "HfApi", lambda token: made.append(Hub(token)) or made[-1])
    monkeypatch.setattr(publish.RepoCard, "validate", lambda *_: None)
    return made


def test_what_is_called(hub, capsys):
    assert publish.main(["--repo", "ada/faces", "--models"]) == 0
    [api] = hub
    assert api.token == "hf_token"
    assert [call[:2] for call in api.calls] == [
        ("create", "ada/faces-house"),
        ("upload", "ada/faces-house"),
        ("create", "ada/faces"),
        ("upload", "ada/faces"),
    ]
    assert api.calls[2][2] == {"repo_type": "space", "space_sdk": "gradio", "exist_ok": True}
    assert api.calls[3][2]["repo_type"] == "space"
    assert "Published space https://huggingface.co/spaces/ada/faces." in capsys.readouterr().out


def test_what_is_called_fits_the_installed_client():
    import inspect

    from huggingface_hub import HfApi

    inspect.signature(HfApi.create_repo).bind("self", "a/b", repo_type="space", space_sdk="gradio", exist_ok=True)
    inspect.signature(HfApi.upload_folder).bind(
        "self", repo_id="a/b", repo_type="space", folder_path=".", commit_message="x", delete_patterns="*"
    )


def test_without_a_network(hub, monkeypatch, capsys):
    def fail(_):
        raise ConnectionError("[Errno -2] Name or service not known")

    monkeypatch.setattr(Hub, "whoami", fail)
    assert publish.main(["--repo", "ada/faces"]) == 2
    assert "Name or service not known. Nothing was sent." in capsys.readouterr().err
    assert hub[0].calls == []


@pytest.mark.usefixtures("hub")
def test_without_an_answer(monkeypatch, capsys):
    import threading

    forever = threading.Event()
    monkeypatch.setattr(Hub, "whoami", lambda _: forever.wait())
    monkeypatch.setattr(publish, "ANSWER_SECONDS", 0.01)
    try:
        assert publish.main(["--repo", "ada/faces"]) == 2
    finally:
        forever.set()
    assert "no answer within 0.01 s" in capsys.readouterr().err


@pytest.mark.usefixtures("hub")
def test_a_refusal_of_the_hub_is_a_sentence(monkeypatch, capsys):
    def fail(*_, **__):
        raise OSError("403 Forbidden: you may not write here\nRequest ID: x")

    monkeypatch.setattr(Hub, "create_repo", fail)
    assert publish.main(["--repo", "ada/faces"]) == 2
    said = capsys.readouterr().err
    assert "could not be published: 403 Forbidden: you may not write here." in said
    assert "Traceback" not in said


def test_a_name_that_is_none(capsys):
    with pytest.raises(SystemExit):
        publish.main(["--repo", "faces"])
    assert "expected USER/NAME" in capsys.readouterr().err
