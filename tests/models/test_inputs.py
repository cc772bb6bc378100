"""What a person gives a tabular model: rows in words and CSV files, and everything that can be wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import inputs
from models.given import InputError
from models.iris_tree import SPEC
from tests import toys

ROW = "sepal_length=5.1,sepal_width=3.5,petal_length=1.4,petal_width=0.2"
HEADER = "sepal_length,sepal_width,petal_length,petal_width\n"


def write(folder: Path, content: str | bytes, name: str = "flowers.csv") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_a_row_in_words_is_put_in_the_model_s_order() -> None:
    found = inputs.read(SPEC, ["petal_width=0.2, sepal_width = 3.5,petal_length=1.4,sepal_length=5.1"])
    assert found.x.tolist() == [[5.1, 3.5, 1.4, 0.2]]
    assert found.x.dtype == np.float64


def test_several_inputs_keep_their_order(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "1,2,3,4\n5,6,7,8\n")
    found = inputs.read(SPEC, [ROW, path, ROW.replace("5.1", "9")])
    assert found.x[:, 0].tolist() == [5.1, 1, 5, 9]
    assert found.names == (ROW, "flowers.csv, line 2", "flowers.csv, line 3", ROW.replace("5.1", "9"))


def test_columns_are_found_by_name_and_others_are_left_out(tmp_path: Path) -> None:
    content = "species,petal_width,petal_length,sepal_width,sepal_length,note\nsetosa,.2,1.4,3.5,5.1,nan\n"
    assert inputs.read(SPEC, [write(tmp_path, content)]).x.tolist() == [[5.1, 3.5, 1.4, 0.2]]


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + HEADER.encode().replace(b"\n", b"\r\n") + b"1,2,3,4\r\n\r\n"
    assert inputs.read(SPEC, [write(tmp_path, content)]).x.tolist() == [[1, 2, 3, 4]]


def test_a_cell_may_hold_a_line_break(tmp_path: Path) -> None:
    content = "note," + HEADER + '"two\nlines",1,2,3,4\nx,5,6,7,8\n'
    assert inputs.read(SPEC, [write(tmp_path, content)]).x[:, 0].tolist() == [1, 5]


def test_a_file_s_name_may_hold_an_equals_sign(tmp_path: Path) -> None:
    assert inputs.read(SPEC, [write(tmp_path, HEADER + "1,2,3,4\n", "day=1.csv")]).x.shape == (1, 4)


def test_a_row_may_be_longer_than_a_file_s_name() -> None:
    long = ",".join(f"{feature.name}={'0' * 80}{feature.default}" for feature in toys.FEATURES)
    assert len(long) > 255
    assert inputs.read(toys.SPEC, [long]).x.tolist() == [[f.default for f in toys.FEATURES]]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("sepal_length=5.1", "lacks sepal_width, petal_length, petal_width"),
        (f"{ROW},colour=blue", r"has the unknown feature colour\. iris_tree takes"),
        (f"{ROW},petal_witdh=1", r"has the unknown feature petal_witdh\. Did you mean petal_width\?"),
        (ROW.replace("petal_w", "petal_W"), r"lacks petal_width\. Did you mean petal_width\?"),
        (f"{ROW},sepal_length=6", "gives sepal_length twice"),
        (f"{ROW},", "'' is not"),
        (f"{ROW};colour=blue", "petal_width must be a finite number"),
        (ROW.replace("5.1", "nan"), "sepal_length must be a finite number.*'nan'"),
        (ROW.replace("5.1", "inf"), "sepal_length must be a finite number.*'inf'"),
        (ROW.replace("5.1", "-1e39"), "sepal_length must be a finite number.*'-1e39'"),
        (ROW.replace("5.1", ""), "sepal_length must be a finite number.*''"),
        (ROW.replace("5.1", "5,1"), "'1' is not"),
        ("", "An input is empty"),
        ("nowhere.csv", r"nowhere\.csv is no file.*sepal_length=5\.8"),
        ("x" * 5000, r"^x{120}… is no file"),
    ],
)
def test_a_wrong_row_is_said_in_a_sentence(given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        inputs.read(SPEC, [ROW, given])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", r"flowers\.csv has no rows"),
        (HEADER, r"flowers\.csv has no rows"),
        ("\n\n\n", r"flowers\.csv has no rows"),
        (
            "sepal_length,sepal_width\n1,2\n",
            r"flowers\.csv lacks petal_length, petal_width.*'sepal_length,sepal_width'",
        ),
        (
            "5.1,3.5,1.4,0.2\n",
            r"first line must name the columns, and is '5\.1,3\.5,1\.4,0\.2'\. iris_tree takes",
        ),
        (f"{'x' * 500}\n1\n", r"and is 'x{120}…'"),
        (HEADER + "1,2,3\n", r"line 2 has 3 values, and the first line names 4 columns .*cut off"),
        (HEADER + "5,1,3,5,1,4,0,2\n", r"line 2 has 8 values, and the first line names 4 .*decimal comma"),
        (HEADER + "6,2,4,1\n1,6.0,2.2,4.0,1.0\n", r"line 3 has 5 values, .*nothing was answered"),
        (HEADER.replace(",", ";") + "1;2;3;4\n", "separated by semicolons; separate them by commas"),
        (
            HEADER.replace("petal_width", "Petal width (cm)") + "1,2,3,4\n",
            r"Write petal_width for 'Petal width \(cm\)'",
        ),
        (HEADER + "6_0,2,3,4\n", r"line 2: sepal_length must be a finite number.*'6_0'"),
        (HEADER + "\u0665,2,3,4\n", "sepal_length must be a finite number"),
        (HEADER + "1,2,3,4\n1,2,x,4\n", "line 3: petal_length must be a finite number.*'x'"),
        (HEADER + "1,2,3,1e39\n", "line 2: petal_width must be a finite number.*'1e39'"),
        (HEADER + "1,2,3,NaN\n", "line 2: petal_width must be a finite number"),
        (HEADER.replace("petal_width", "petal_width,sepal_width") + "1,2,3,4,5\n", "sepal_width twice"),
        (HEADER.encode() + b"1,2,3,4\n\xff\xfe,1,1,1\n", r"flowers\.csv is not a CSV file in UTF-8"),
        (b"PK\x03\x04\x00\x00binary\x00\xb5", r"flowers\.csv"),
        (HEADER + '"1' + "0" * 200_000 + '",2,3,4\n', "flowers"),
    ],
)
def test_a_wrong_file_is_said_in_a_sentence(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        inputs.read(SPEC, [write(tmp_path, content)])


def test_a_folder_is_no_input_of_a_table_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no file"):
        inputs.read(SPEC, [str(tmp_path)])


def test_no_input_at_all_is_said() -> None:
    with pytest.raises(InputError, match="no input"):
        inputs.read(SPEC, [])


def test_the_largest_number_of_float32_is_still_taken() -> None:
    largest = float(np.finfo(np.float32).max)
    row = inputs.row(SPEC, dict.fromkeys((f.name for f in SPEC.features), largest), "here")
    assert np.isfinite(row.astype(np.float32)).all()
