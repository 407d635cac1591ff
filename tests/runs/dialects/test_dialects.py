"""Each dialect on a log made here, with the values that must come out: five epochs, or as many as are written."""

import ast
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from fer_core.errors import RunError
from fer_core.runs import logs
from fer_core.runs.dialects import DIALECTS
from fer_core.runs.histories import MEASURES

LOSS, ACCURACY = [1.8, 1.5, 1.3, 1.1, 1.0], [0.3, 0.42, 0.5, 0.58, 0.62]
VAL_LOSS, VAL_ACCURACY = [1.7, 1.5, 1.4, 1.35, 1.34], [0.33, 0.43, 0.47, 0.5, 0.51]
ALL = {"accuracy": ACCURACY, "loss": LOSS, "val_accuracy": VAL_ACCURACY, "val_loss": VAL_LOSS}
ROWS = list(zip(LOSS, ACCURACY, VAL_LOSS, VAL_ACCURACY, strict=True))
KERAS = {"loss": LOSS, "accuracy": ACCURACY, "val_loss": VAL_LOSS, "val_accuracy": VAL_ACCURACY}


def read(text, name="log"):
    (history,) = logs.parse_all(name, text if isinstance(text, bytes) else text.encode())
    return history


def measures(history):
    return {name: values.tolist() for name, values in history.columns.items() if name in MEASURES}


def is_all(history, first=0):
    assert measures(history) == {name: pytest.approx(values) for name, values in ALL.items()}
    assert history.epochs.tolist() == list(range(first, first + 5))
    return history


def table(heading, line, separator=","):
    rows = [line(number, *row) for number, row in enumerate(ROWS)]
    return "\n".join([heading, *(separator.join(str(cell) for cell in row) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("epoch,loss,accuracy,val_loss,val_accuracy", lambda n, *row: (n, *row)),
        ("epoch,loss,acc,val_loss,val_acc", lambda n, *row: (n, *row)),
        (",train_loss,train_acc,valid_loss,valid_acc", lambda n, *row: (n, *row)),
        ("Epoch,Train Loss,Train Acc (%),Val Loss,Val Acc (%)", lambda n, a, b, c, d: (n, a, 100 * b, c, 100 * d)),
        ("epoch,trainLoss,trainAcc,valLoss,valAcc", lambda n, a, b, c, d: (n, a, f"{100 * b:.1f}%", c, f"{100 * d} %")),
        ("epoch,Loss/train,Accuracy/train,Loss/val,Accuracy/val", lambda n, *row: (n, *row)),
        ("epoch,train_loss,train_acc@1,test_loss,test_acc@1", lambda n, a, b, c, d: (n, a, 100 * b, c, 100 * d)),
        ("epoch,loss,accuracy,val_loss,val_accuracy", lambda n, *row: (f"Epoch {n}", *(f"[{cell}]" for cell in row))),
        ("epoch,loss,accuracy,val_loss,val_accuracy", lambda n, *row: (f"{n}/5", *(f'"{cell}"' for cell in row))),
        ("epoch,loss,accuracy,val_loss,val_accuracy", lambda n, *row: (n, *(f"tensor({cell})" for cell in row))),
        ("epoch,loss,MulticlassAccuracy,val_loss,val_MulticlassAccuracy", lambda n, *row: (n, *row)),
        ("epoch,train_loss,train_accuracy,val_loss,accuracy", lambda n, *row: (n, *row)),
    ],
)
def test_tables_of_keras_and_of_plain_loops(heading, line):
    is_all(read(table(heading, line)))


def test_a_table_as_excel_writes_it_in_german():
    text = table("epoch;loss;accuracy;val_loss;val_accuracy", lambda n, *row: (n, *row), ";").replace(".", ",")
    history = is_all(read(text.encode("utf-16")))
    assert history.notes == ("Read as UTF-16, ';' between cells; decimal comma.",)


def test_a_resumed_run_with_its_heading_again():
    lines = table("epoch,loss,accuracy,val_loss,val_accuracy", lambda n, *row: (n, *row)).splitlines()
    history = is_all(read("\n".join([*lines[:4], lines[0], *lines[4:]])))
    assert "the heading stands again on line 5" in history.notes[0]


def test_a_run_resumed_from_an_earlier_epoch():
    history = read("epoch,loss\n0,3\n1,2\n2,9\n3,9\n2,1.5\n3,1\n")
    assert measures(history) == {"loss": [3, 2, 1.5, 1]}
    assert history.notes[0] == "Epochs from 2 on were logged twice; the later row counts."


def test_the_last_line_of_a_run_in_progress_may_be_half():
    history = read("epoch,loss,accuracy\n0,1.8,0.3\n1,1.5,0.42\n2,1.")
    assert measures(history) == {"accuracy": [0.3, 0.42], "loss": [1.8, 1.5]}
    assert "Line 4 was left out: 2 cells where the heading has 3." in history.notes


def test_savetxt_with_spaces():
    is_all(read(table("# epoch loss accuracy val_loss val_accuracy", lambda n, *row: (n, *row), " ")))


PANDAS = {
    "history": KERAS,
    "object": {"history": KERAS, "epoch": [0, 1, 2, 3, 4], "params": {"epochs": 5}},
    "acc": {name.replace("accuracy", "acc"): values for name, values in KERAS.items()},
    "records": [{name: values[row] for name, values in KERAS.items()} for row in range(5)],
    "columns": {name: {str(row): value for row, value in enumerate(values)} for name, values in KERAS.items()},
    "index": {str(row): {name: values[row] for name, values in KERAS.items()} for row in range(5)},
    "split": {"columns": list(KERAS), "index": list(range(5)), "data": [list(row) for row in ROWS]},
    "table": {
        "schema": {"fields": []},
        "data": [{"index": row} | {name: values[row] for name, values in KERAS.items()} for row in range(5)],
    },
    "splits": {
        "train": {"loss": LOSS, "acc": ACCURACY},
        "val": {"loss": VAL_LOSS, "acc": VAL_ACCURACY},
        "best_epoch": 4,
    },
    "rows of splits": {
        "train": [{"loss": loss, "acc": accuracy} for loss, accuracy, _, _ in ROWS],
        "valid": [{"loss": loss, "acc": accuracy} for _, _, loss, accuracy in ROWS],
    },
    "one list": {"name": "mine", "log": [{name: values[row] for name, values in KERAS.items()} for row in range(5)]},
    "by epoch": {f"epoch_{row}": {name: values[row] for name, values in KERAS.items()} for row in range(5)},
}


@pytest.mark.parametrize("orientation", PANDAS)
def test_json_in_all_its_orientations(orientation):
    is_all(read(json.dumps(PANDAS[orientation]), "history.json"))
    is_all(read(json.dumps(PANDAS[orientation], indent=1).encode("utf-8-sig"), "history.json"))


def test_json_with_one_row_per_line():
    is_all(read("\n".join(json.dumps(row | {"epoch": n}) for n, row in enumerate(PANDAS["records"]))))


@pytest.mark.parametrize(("epochs", "every"), [(6, 2), (7, 2), (9, 3), (5, 5)])
def test_validation_every_so_many_epochs(epochs, every):
    values = [float(number) for number in range(1, epochs // every + 1)]
    history = read(json.dumps({"loss": [1.0] * epochs, "val_loss": values}))
    there = np.isfinite(history.columns["val_loss"])
    assert (history.epochs[there] + 1).tolist() == [every * number for number in range(1, epochs // every + 1)]
    assert history.columns["val_loss"][there].tolist() == values
    assert f"validation_freq={every}" in history.notes[0]


@pytest.mark.parametrize("text", [str(KERAS), str({name: np.float32(values) for name, values in KERAS.items()})])
def test_a_printed_dictionary(text):
    text = text.replace("array(", "np.array(")
    is_all(read(text, "history.txt"))


def test_a_printed_dictionary_with_numpy_numbers_and_gaps():
    history = read("History: {'loss': [np.float32(1.5), nan], 'val_loss': [1.25, inf]}", "history.txt")
    assert history.columns["loss"].tolist()[0] == 1.5
    assert history.columns["val_loss"].tolist()[0] == 1.25


LIGHTNING = "epoch,lr-Adam,step,train_acc_epoch,train_acc_step,train_loss_epoch,train_loss_step,val_acc,val_loss\n"


def test_lightning():
    text = LIGHTNING
    for n, (loss, accuracy, val_loss, val_accuracy) in enumerate(ROWS):
        text += (
            f",0.001,{50 * n},,,,,,\n{n},,{50 * n + 19},,0.1,,9.0,,\n{n},,{50 * n + 49},,,,,{val_accuracy},{val_loss}\n"
        )
        text += f"{n},,{50 * n + 49},{accuracy},,{loss},,,\n"
    history = is_all(read(text + ",0.001,250,,,,,,\n", "metrics.csv"))
    assert history.columns["learning_rate"].tolist() == [0.001] * 5
    assert "accuracy from 'train_acc_epoch'" in history.told
    assert "train_loss_step" in history.told


def test_fastai():
    text = table(
        "epoch,train_loss,valid_loss,accuracy,error_rate,time", lambda n, a, _, c, d: (n, a, c, d, 1 - d, "01:18")
    )
    history = read(text, "history.csv")
    assert measures(history) == {"loss": LOSS, "val_accuracy": VAL_ACCURACY, "val_loss": VAL_LOSS}
    assert history.seconds.tolist() == [78, 156, 234, 312, 390]


def test_timm():
    text = table(
        "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr", lambda n, a, _, c, d: (n, a, c, 100 * d, 99.0, 0.001)
    )
    history = read(text, "summary.csv")
    assert measures(history) == {"loss": LOSS, "val_accuracy": pytest.approx(VAL_ACCURACY), "val_loss": VAL_LOSS}
    assert history.columns["val_top5"].tolist() == [0.99] * 5


def test_timm_below_one_percent():
    history = read(
        "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr\n0,7,7,0.4,0.9,1\n1,7,7,0.8,1.9,1\n", "summary.csv"
    )
    assert history.columns["val_accuracy"].tolist() == pytest.approx([0.004, 0.008])


def test_ultralytics():
    heading = "  epoch,  time, train/loss, metrics/accuracy_top1, metrics/accuracy_top5, val/loss, lr/pg0, lr/pg1"
    text = table(heading, lambda n, a, _, c, d: (f"   {n + 1}", 20 * (n + 1), a, d, 0.9, c, 0.01, 0.02))
    history = read(text, "results.csv")
    assert measures(history) == {"loss": LOSS, "val_accuracy": VAL_ACCURACY, "val_loss": VAL_LOSS}
    assert history.seconds.tolist() == [20, 40, 60, 80, 100]
    assert history.epochs.tolist() == [1, 2, 3, 4, 5]


def test_weights_and_biases_with_a_run_per_column():
    heading = '"Step","net - a - val_acc","net - a - val_acc__MIN","net - a - val_acc__MAX","b - val_acc"'
    text = (
        heading
        + "\n"
        + "".join(f'"{n}","{v}","0","1","{v / 2 if n < 3 else ""}"\n' for n, v in enumerate(VAL_ACCURACY))
    )
    first, second = logs.parse_all("wandb_export.csv", text.encode())
    assert (first.title, measures(first)) == ("net - a", {"val_accuracy": VAL_ACCURACY})
    assert (second.title, len(second)) == ("b", 3)
    assert second.columns["val_accuracy"].tolist() == pytest.approx([value / 2 for value in VAL_ACCURACY[:3]])


def test_weights_and_biases_by_steps():
    text = '"Step","a - train/loss"\n' + "".join(f'"{50 * n + 49}","{value}"\n' for n, value in enumerate(LOSS))
    history = read(text, "wandb_export.csv")
    assert history.epochs.tolist() == [0, 1, 2, 3, 4]
    assert "has steps (49, 99, 149, ...)" in history.notes[0]


def test_weights_and_biases_by_epoch_and_by_time():
    text = '"Step","a - epoch","a - val/acc"\n' + "".join(
        f'"{9 * n}","{n + 1}","{v}"\n' for n, v in enumerate(VAL_ACCURACY)
    )
    history = read(text, "wandb_export.csv")
    assert history.epochs.tolist() == [1, 2, 3, 4, 5]
    assert measures(history) == {"val_accuracy": VAL_ACCURACY}
    text = '"Relative Time (Wall)","a - loss"\n' + "".join(f'"{0.3 * n}","{value}"\n' for n, value in enumerate(LOSS))
    assert read(text, "wandb_export.csv").epochs.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("run-validation-tag-epoch_accuracy.csv", "val_accuracy"),
        ("run-train-tag-epoch_loss.csv", "loss"),
        ("run-.-tag-Loss_val (1).csv", "val_loss"),
        ("curve.csv", "loss"),
    ],
)
def test_a_curve_downloaded_from_tensorboard(name, measure):
    text = "Wall time,Step,Value\n" + "".join(f"{1000 + 10 * n},{n},{value}\n" for n, value in enumerate(VAL_ACCURACY))
    history = read(text, name)
    assert measures(history) == {measure: VAL_ACCURACY}
    assert history.seconds.tolist() == [0, 10, 20, 30, 40]


def trainer_rows():
    for n, (loss, _, val_loss, val_accuracy) in enumerate(ROWS):
        yield {"epoch": n + 0.5, "loss": 9.0, "learning_rate": 1e-3, "step": 100 * n + 50, "grad_norm": 1.0}
        yield {"epoch": n + 1.0, "loss": loss, "learning_rate": 1e-3, "step": 100 * n + 100, "grad_norm": 1.0}
        yield {"epoch": n + 1.0, "eval_loss": val_loss, "eval_accuracy": val_accuracy, "eval_runtime": 3.0, "step": 1}
    yield {"epoch": 5.0, "train_loss": 5.0, "train_runtime": 300.0, "total_flos": 1.0, "step": 500}


def test_hugging_face():
    state = {"best_metric": 0.51, "epoch": 5.0, "global_step": 500, "log_history": list(trainer_rows())}
    history = read(json.dumps(state), "trainer_state.json")
    assert measures(history) == {"loss": LOSS, "val_accuracy": VAL_ACCURACY, "val_loss": VAL_LOSS}
    assert history.epochs.tolist() == [1, 2, 3, 4, 5]
    assert measures(read(json.dumps(state["log_history"]), "log.json")) == measures(history)


def test_mmengine():
    lines = []
    for n, (loss, _, _, val_accuracy) in enumerate(ROWS, start=1):
        training = {"lr": 0.01, "data_time": 0.1, "epoch": n, "memory": 1}
        lines += [training | {"loss": 9.0, "iter": 50 * n, "step": 50 * n}]
        lines += [training | {"loss": loss, "iter": 60 * n, "step": 60 * n}]
        lines += [{"accuracy/top1": 100 * val_accuracy, "accuracy/top5": 99.0, "data_time": 0.1, "time": 1, "step": n}]
    history = read("\n".join(map(json.dumps, lines)), "scalars.json")
    assert measures(history) == {"loss": LOSS, "val_accuracy": pytest.approx(VAL_ACCURACY)}
    assert history.epochs.tolist() == [1, 2, 3, 4, 5]


def test_mmcv():
    lines = [{"env_info": "sys.platform: linux", "config": "..."}]
    for n, (loss, accuracy, val_loss, val_accuracy) in enumerate(ROWS, start=1):
        lines.append({"mode": "train", "epoch": n, "iter": 50, "lr": 0.01, "loss": loss, "top-1": 100 * accuracy})
        lines.append(
            {"mode": "val", "epoch": n, "iter": 9, "lr": 0.01, "loss": val_loss, "accuracy_top-1": 100 * val_accuracy}
        )
    is_all(read("\n".join(map(json.dumps, lines)), "20260101.log.json"), first=1)


def keras_lines(number, row, bar):
    loss, accuracy, val_loss, val_accuracy = row
    values = f"accuracy: {accuracy} - loss: {loss} - val_accuracy: {val_accuracy} - val_loss: {val_loss}"
    return (
        f"Epoch {number}/5\n"
        f" 10/898 {bar} 1:20 90ms/step - accuracy: 0.1 - loss: 9.9\r"
        f" 20/898 {bar} 1s 9ms/step - accuracy: 0.2 - loss: 9.8\r"
        f"898/898 {bar} 12s 13ms/step - {values} - learning_rate: 0.001\n"
        f"\nEpoch {number}: val_accuracy improved from 0.11111 to 0.22222, saving model to best.keras\n"
    )


@pytest.mark.parametrize("bar", ["[======>.....] -", "\x1b[32m━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m12s\x1b[0m", "-"])
def test_keras_printed_progress(bar):
    text = "Found 28709 images\n" + "".join(keras_lines(n, row, bar) for n, row in enumerate(ROWS, start=1))
    history = is_all(read(text, "output.txt"), first=1)
    assert history.columns["learning_rate"].tolist() == [0.001] * 5


@pytest.mark.parametrize(
    "line",
    [
        "Epoch {n}/5 | train loss: {a}, train acc: {b} | val loss: {c}, val acc: {d}",
        "[Epoch {n:03d}] loss={a} accuracy={b} val_loss={c} val_accuracy={d}",
        "Epoch: {n} Train Loss {a} Train Accuracy {b} Validation Loss {c} Validation Accuracy {d} time 12.5s",
        "epoch {n}: Loss/train: {a} Acc/train: {b} Loss/val: {c} Acc/val: {d}",
        "Epoch {n}/5\n----------\ntrain Loss: {a} Acc: {b}\nval Loss: {c} Acc: {d}\n",
        "Epoch {n}/5\n  train loss: {a} acc: {b}\n  validation: loss {c}, acc {d}",
        "2026-01-0{n} INFO Epoch [{n}/5]\ttrain_loss: {a:.4f}\ttrain_acc: {b:.4f}\tval_loss: {c:.4f}\tval_acc: {d:.4f}",
    ],
)
def test_lines_that_loops_print(line):
    text = "device: cuda:0\n" + "\n".join(
        line.format(n=n, a=a, b=b, c=c, d=d) for n, (a, b, c, d) in enumerate(ROWS, start=1)
    )
    is_all(read(text, "train.log"), first=1)


def test_several_outputs_the_first_is_drawn_and_the_others_are_offered():
    history = read(
        "epoch,loss,emotion_accuracy,age_accuracy,val_loss,val_emotion_accuracy,val_age_accuracy\n0,1,.1,.2,2,.3,.4\n"
    )
    assert measures(history) == {"accuracy": [0.1], "loss": [1], "val_accuracy": [0.3], "val_loss": [2]}
    assert history.measures == ("accuracy", "loss", "age_accuracy")
    assert "val_accuracy from 'val_emotion_accuracy'" in history.told
    assert "Also logged: age_accuracy, val_age_accuracy." in history.told


def test_every_dialect_is_named_once():
    assert len({dialect.name for dialect in DIALECTS}) == len(DIALECTS)
    assert all(dialect.example for dialect in DIALECTS)


def advice(name, data):
    with pytest.raises(RunError) as caught:
        logs.parse(name, data)
    return str(caught.value).partition(logs.LINE_FOLLOWS)[2]


@pytest.mark.parametrize("name", ["history.pkl", "history.npy"])
def test_the_advice_works_when_it_is_copied(name, tmp_path):
    values = KERAS | {"learning_rate": [np.float32(0.001)] * 5}
    if name.endswith("pkl"):
        (tmp_path / name).write_bytes(pickle.dumps(values))
    else:
        np.save(tmp_path / name, values)
    code = advice(name, (tmp_path / name).read_bytes())
    ast.parse(code)
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, check=True)
    is_all(logs.read(tmp_path / "history.json"))
