import csv
import io
import json

import numpy as np
import pytest

from fer_core import text
from fer_core.photos import records
from fer_core.photos.analysis import Analysis, FaceAnalysis, Prediction
from fer_core.photos.faces import Face

PIXELS = np.zeros((4, 4, 3), np.uint8)


HALF = "only half of the face is in the picture"


def answer(model, unsure=False, reason="", **probabilities):
    label, runner_up = sorted(probabilities, key=probabilities.get, reverse=True)[:2]
    return Prediction(model, label, probabilities[label], unsure, runner_up, probabilities, PIXELS, reason)


@pytest.fixture
def three():
    two = answer("house", happy=0.9, sad=0.1), answer("other", True, sad=0.4, happy=0.35, contempt=0.25)
    faces = (FaceAnalysis(Face((5, -2, 30, 40), 0.91), two), FaceAnalysis(Face((50, 2, 20, 20), 0.8), two[:1]))
    return [
        records.record("group.jpg", Analysis(PIXELS, faces, "yunet", {})),
        records.record("mug.jpg", Analysis(PIXELS, (), "yunet", {})),
        records.failure("note.txt", "This file is no photo."),
    ]


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_record_is_what_the_issue_asks_for(three):
    assert json.loads(text.to_json(three[0])) == {
        "path": "group.jpg",
        "error": None,
        "faces": [
            {
                "box": [5, -2, 30, 40],
                "score": 0.91,
                "predictions": [
                    {
                        "model": "house",
                        "label": "happy",
                        "confidence": 0.9,
                        "unsure": False,
                        "probabilities": {"happy": 0.9, "sad": 0.1},
                        "reason": "",
                    },
                    {
                        "model": "other",
                        "label": "sad",
                        "confidence": 0.4,
                        "unsure": True,
                        "probabilities": {"sad": 0.4, "happy": 0.35, "contempt": 0.25},
                        "reason": "",
                    },
                ],
                "unclipped_box": [5, -2, 30, 40],
            },
            {
                "box": [50, 2, 20, 20],
                "score": 0.8,
                "predictions": [
                    {
                        "model": "house",
                        "label": "happy",
                        "confidence": 0.9,
                        "unsure": False,
                        "probabilities": {"happy": 0.9, "sad": 0.1},
                        "reason": "",
                    }
                ],
                "unclipped_box": [50, 2, 20, 20],
            },
        ],
    }


def test_why_an_answer_is_unsure_stands_last_everywhere():
    face = FaceAnalysis(Face((-20, 0, 40, 40), 0.9), (answer("house", True, HALF, sad=0.6, happy=0.4),))
    record = records.record("half.jpg", Analysis(PIXELS, (face,), "yunet", {}))
    assert list(record["faces"][0]["predictions"][0])[-1] == "reason"
    assert record["faces"][0]["predictions"][0]["reason"] == HALF
    assert records.to_csv([record]).splitlines()[1].endswith(f",{HALF}")
    assert f"sad (unsure: {HALF})" in records.to_table([record])


def test_no_face_and_no_photo_are_told_apart(three):
    assert (three[1]["error"], three[1]["faces"]) == (None, [])
    assert (three[2]["error"], three[2]["faces"]) == ("This file is no photo.", [])


def test_a_row_a_face_and_model(three):
    rows = records.rows(three)

    assert [(row["photo"], row.get("face"), row.get("model")) for row in rows] == [
        ("group.jpg", 1, "house"),
        ("group.jpg", 1, "other"),
        ("group.jpg", 2, "house"),
        ("mug.jpg", None, None),
        ("note.txt", None, None),
    ]
    assert (rows[1]["runner_up"], rows[1]["unsure"], rows[1]["y"], rows[1]["contempt"]) == ("happy", True, -2, 0.25)


def test_csv_has_a_column_a_known_expression_in_the_projects_order(three):
    heading = records.to_csv(three).splitlines()[0]

    assert heading == (
        "photo,error,face,x,y,width,height,score,model,label,confidence,unsure,runner_up,happy,sad,contempt,reason"
    )


def test_csv_leaves_what_does_not_apply_empty(three):
    lines = read_csv(records.to_csv(three))

    assert lines[0]["contempt"] == ""
    assert (lines[3]["face"], lines[3]["error"]) == ("", "")
    assert lines[4]["error"] == "This file is no photo."


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_csv_runs_no_formula_from_a_file_name(start):
    name = f'{start}HYPERLINK("http://x","y").jpg'

    [line] = read_csv(records.to_csv([records.failure(name, f"{name} is no photo.")]))

    assert line["photo"] == f"'{name}"
    assert line["error"][0] == "'"


def test_csv_keeps_harmless_cells(three):
    [line, *_] = read_csv(records.to_csv(three))

    assert (line["photo"], line["y"], line["confidence"]) == ("group.jpg", "-2", "0.9")


def test_csv_of_nothing_is_its_heading():
    assert len(records.to_csv([]).splitlines()) == 1


def test_table_reads_like_a_sentence(three):
    lines = records.to_table(three).splitlines()

    assert lines[0].split() == ["photo", "face", "model", "expression", "confidence", "runner-up"]
    assert lines[2].split() == ["group.jpg", "1", "other", "sad", "(unsure)", "40.0%", "happy", "35.0%"]
    assert "no face found" in lines[4]
    assert "This file is no photo." in lines[5]


def test_table_columns_stand_below_each_other():
    lines = text.text_table(("a", "b"), [("long", "1"), ("x", "2")]).splitlines()

    assert [line[6:] for line in lines] == ["b", "1", "2"]


def test_table_shows_faces_that_no_model_read():
    record = records.record("a.jpg", Analysis(PIXELS, (FaceAnalysis(Face((0, 0, 4, 4), 1.0), ()),), "haar", {}))

    assert records.to_table([record]).splitlines()[1].split() == ["a.jpg", "1"]


def test_a_file_name_cannot_steer_the_terminal():
    assert text.printable("a\x1b[2Jb\nc é 顔") == "a\\x1b[2Jb\\nc é 顔"


def test_json_keeps_names_readable_and_refuses_what_is_no_number():
    assert '"é 顔.jpg"' in text.to_json(records.failure("é 顔.jpg", "no"))
    with pytest.raises(ValueError, match="not JSON compliant"):
        text.to_json({"accuracy": float("nan")})


def test_boxes_are_cut_at_the_border_of_the_photo_and_kept_beside():
    faces = (FaceAnalysis(Face((5, -2, 30, 40), 0.91), ()), FaceAnalysis(Face((50, 2, 20, 20), 0.8), ()))
    cut = records.record_of_faces("cut.jpg", faces, (60, 20))
    assert [face["box"] for face in cut["faces"]] == [[5, 0, 30, 20], [50, 2, 10, 18]]
    assert [face["unclipped_box"] for face in cut["faces"]] == [[5, -2, 30, 40], [50, 2, 20, 20]]
