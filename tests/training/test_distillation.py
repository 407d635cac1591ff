"""Learning from teachers: what they are asked, what is refused, and that their share arrives in the batches."""

import json

import numpy as np
import pytest

from fer_core.cli.main import main
from fer_core.recipes import schema
from training import distillation, serving
from training.data import batches as data
from training.data import targets

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def teacher(trained):
    return trained


def student(recipe_file, *teachers, share=0.5):
    named = json.dumps([str(teacher) for teacher in teachers])
    return schema.load(recipe_file, ["--distillation.teachers", named, "--distillation.share", str(share)])


def test_a_teacher_answers_the_mean_of_an_image_and_its_mirror_image(teacher, recipe_file):
    part = data.load(student(recipe_file, teacher).data).train
    answers = distillation.ask(teacher, part)
    images, network = part.images(32), serving.heads_model(teacher)
    expected = [network.predict(some, verbose=0) for some in (images, images[:, :, ::-1])]
    for name in ("fer2013", "ferplus"):
        assert answers[name] == pytest.approx((expected[0][name] + expected[1][name]) / 2, abs=1e-5)
    assert not np.allclose(expected[0]["fer2013"], expected[1]["fer2013"], atol=1e-6)


def test_the_share_of_the_teachers_arrives_in_the_batches(teacher, recipe_file, tmp_path):
    recipe = student(recipe_file, teacher, share=0.4)
    recipe = recipe.model_copy(update={"regularization": schema.Regularization()})
    part = data.load(recipe.data).train
    taught = distillation.taught(part, recipe, tmp_path / "run" / "teachers.npz")
    batches = data.Batches(taught, recipe, epoch=0, size=32)
    rows = batches.order[:16]
    _, heads = batches[0]
    for name, given in heads.items():
        labels = part.targets[name].distributions[rows]
        assert given == pytest.approx(labels * 0.6 + taught.taught[name][rows] * 0.4, abs=1e-6)


def test_teachers_are_asked_once_a_run(teacher, recipe_file, tmp_path, monkeypatch):
    recipe = student(recipe_file, teacher, teacher)
    part = data.load(recipe.data).train
    first = distillation.taught(part, recipe, tmp_path / "teachers.npz").taught
    monkeypatch.setattr(distillation, "ask", lambda *_: pytest.fail("asked again"))
    again = distillation.taught(part, recipe, tmp_path / "teachers.npz").taught
    assert all(np.array_equal(first[name], again[name]) for name in first)
    one = distillation.mean([{"a": np.array([[1.0, 0.0]])}, {"a": np.array([[0.0, 1.0]])}])
    assert one["a"].tolist() == [[0.5, 0.5]]


def test_a_student_trains_and_goes_on_in_mixed_precision(teacher, recipe_file, tmp_path):
    flags = ["--training.precision", "mixed_bfloat16", "--distillation.teachers", json.dumps([str(teacher)])]
    flags += ["--training.stages", "[{size = 24, epochs = 1}]"]
    assert main(["train", str(recipe_file), "--run", str(tmp_path / "student"), *flags]) == 0
    assert (tmp_path / "student" / "teachers.npz").is_file()


def test_a_teacher_with_other_heads_is_refused(teacher, recipe_file, capsys):
    flags = ["--distillation.teachers", json.dumps([str(teacher)]), "--data.targets", '["fer2013"]']
    assert main(["train", str(recipe_file), *flags]) == 2
    assert "it has fer2013 (7 classes) and ferplus (8 classes) on gray images; expected fer2013 (7 classes)" in (
        capsys.readouterr().err
    )


def test_a_teacher_that_is_no_run_is_named(recipe_file, capsys):
    assert main(["train", str(recipe_file), "--distillation.teachers", '["/nowhere"]']) == 2
    assert "/nowhere is no run folder" in capsys.readouterr().err


def test_class_weights_lie_between_none_and_alike():
    target = targets.one_hot(np.array([0] * 16 + [1]), 3)
    alike, half = targets.balance(target), targets.balance(target, 0.5)
    assert alike.weights[-1] / alike.weights[0] == pytest.approx(16)
    assert half.weights[-1] / half.weights[0] == pytest.approx(4)
    assert alike.weights.mean() == pytest.approx(1) == half.weights.mean()


def test_teachers_are_scored_alone_and_together(teacher, recipe_file, capsys):
    assert distillation.main([str(teacher), str(teacher)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "accuracy" in line]
    assert [line[0] for line in lines] == [str(teacher)] * 2 + ["their"] * 2
    part = data.load(student(recipe_file, teacher).data).select
    expected = targets.score(part.targets["fer2013"], distillation.ask(teacher, part)["fer2013"])
    assert lines[0][1:] == ["fer2013", "accuracy", f"{expected[0]:.4f}", "log", "loss", f"{expected[1]:.4f}"]
    assert distillation.main(["/nowhere"]) == 2


def test_answers_without_weight_do_not_count():
    target = targets.Target(np.eye(2, dtype=np.float32), np.array([1, 0], np.float32))
    right = np.array([[0.8, 0.2], [0.9, 0.1]], np.float32)
    assert targets.score(target, right) == pytest.approx((1.0, -np.log(0.8)))
