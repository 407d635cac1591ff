"""What a run began with, read from folders on the disk."""

import json

import pytest

from fer_core.errors import RunError
from training import lineage

pytestmark = pytest.mark.tensorflow


def write(folder, losses, *, start=None, heading="epoch,loss", **config):
    folder.mkdir(parents=True, exist_ok=True)
    recipe = {"name": config.pop("recipe", folder.name), "title": "Tiny", "architecture": "house"}
    recipe |= {"training": {"start_from": str(start) if start else None}}
    (folder / "config.json").write_text(json.dumps({"recipe": recipe} | config), encoding="utf-8")
    lines = [heading, *(f"{epoch},{loss}" for epoch, loss in enumerate(losses))]
    (folder / "history.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def released(folder, losses, **config):
    (write(folder, losses, **config) / "model.keras").touch()
    return folder


def test_runs_stand_in_the_order_in_which_they_were_trained(tmp_path):
    first = write(tmp_path / "first", [3, 2])
    second = write(tmp_path / "second", [1], start=first)
    third = write(tmp_path / "third", [0.5], start=second)
    assert lineage.before(first) == lineage.Past()
    assert lineage.before(third) == lineage.Past(["first", "second"], ["3", "2", "1"])


def test_a_released_network_stands_for_all_runs_that_led_to_it(tmp_path):
    house = released(
        tmp_path / "models" / "house", [3, 2, 1], recipe="second", start=tmp_path / "gone", began_with=["first"]
    )
    run = write(tmp_path / "third", [0.5], start=house)
    assert lineage.before(run) == lineage.Past(["first", "second"], ["3", "2", "1"])
    assert lineage.run_name(house) == "second"
    assert lineage.run_name(run) == "third"


def test_a_release_over_what_the_run_began_with_can_be_repeated(tmp_path):
    house = tmp_path / "models" / "house"
    run = write(tmp_path / "second", [1], start=house)
    released(house, [3, 2, 1], recipe="second", start=house, began_with=["first"], epochs_before=2)
    assert lineage.before(run) == lineage.Past(["first"], ["3", "2"])


def test_histories_of_other_columns_do_not_continue_each_other(tmp_path):
    first = write(tmp_path / "first", [3])
    second = write(tmp_path / "second", [1], start=first, heading="epoch,accuracy")
    with pytest.raises(RunError, match=r"first and .*second have different columns: epoch,loss; epoch,accuracy"):
        lineage.before(second)
