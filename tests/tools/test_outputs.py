"""What a tool returns: text for the model, data for programs, pictures for people."""

import asyncio
import datetime
import enum
import json

import numpy as np
import pandas as pd
import PIL.Image
import pytest
from pericles.tools import ConfigError, Image, Source, Table, ToolCall, ToolOutput, ToolResult, tool

PNG = b"\x89PNG\r\n\x1a\n"


def returned(value):
    """The result of a sync and of an async tool that return this value; both are the same."""

    @tool
    def sync_tool() -> str:
        """Returns."""
        return value

    @tool
    async def async_tool() -> str:
        """Returns."""
        return value

    async def both():
        return [await made.run(ToolCall("c", "f")) for made in (sync_tool, async_tool)]

    first, second = asyncio.run(both())
    if not first.is_error:
        assert (first.text, first.data, first.images) == (second.text, second.data, second.images)
        json.dumps(first.to_dict(), allow_nan=False)
        assert ToolResult.from_dict(json.loads(json.dumps(first.to_dict()))) == first
    assert first.is_error == second.is_error
    return first


def test_an_image_stands_beside_its_description():
    image = Image(PNG, "image/png", "a cat")
    result = returned(image)
    assert (result.text, result.images) == ("a cat", (image,))


def test_text_and_images_may_be_returned_together():
    one, two = Image(PNG, description="one"), Image(PNG, "image/jpeg", "two")
    result = returned(("Two pictures:", one, two, None))
    assert result.text == "Two pictures:\n\none\n\ntwo"
    assert result.images == (one, two)


def test_data_beside_an_image_is_kept():
    result = returned([{"n": 1}, Image(PNG)])
    assert result.data == {"parts": [{"value": {"n": 1}}]}
    assert len(result.images) == 1


def test_an_image_in_an_output_is_kept():
    result = returned(ToolOutput("see", images=(Image(PNG),)))
    assert (result.text, len(result.images)) == ("see", 1)


@pytest.mark.parametrize("images", [("a cat",), (PNG,), (3,)], ids=["text", "bytes", "number"])
def test_what_is_no_image_is_an_error(images, caplog):
    result = returned(ToolOutput("see", images=images))
    assert result.is_error
    assert "is not a picture" in result.text


def test_an_image_that_is_too_large_is_an_error(caplog):
    result = returned(Image(b"x" * (6 * 1024 * 1024)))
    assert result.is_error
    assert "picture of 6.0 MB is too large; at most 5 MB" in result.text
    assert result.images == ()


def test_a_table_is_markdown_for_the_model_and_data_for_programs():
    result = returned(Table(["name", "age"], [["Ann", 30], ["Bo|b", None]], title="People"))
    assert result.text == "People\n\n| name | age |\n| --- | --- |\n| Ann | 30 |\n| Bo\\|b |  |"
    assert result.data == {"columns": ["name", "age"], "rows": [["Ann", 30], ["Bo|b", None]], "title": "People"}


def test_a_cell_with_line_breaks_stays_in_its_row():
    assert returned(Table(["a"], [["x\ny"]])).text.splitlines()[-1] == "| x y |"


def test_a_long_table_shows_its_first_rows_and_says_so():
    result = returned(Table(["n"], [[n] for n in range(120)]))
    assert result.text.endswith("| 49 |\n… 120 rows, 50 shown")
    assert len(result.data["rows"]) == 120


def test_a_huge_table_keeps_a_thousand_rows_and_the_number():
    result = returned(Table(["n"], [[n] for n in range(5000)]))
    assert (len(result.data["rows"]), result.data["total_rows"]) == (1000, 5000)


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        ([], [], "list of column names"),
        ("ab", [], "list of column names"),
        (["a", "b"], [[1]], "row 0 of a Table has 1 values for 2 columns"),
    ],
)
def test_a_table_that_does_not_fit_together_is_refused(columns, rows, message):
    with pytest.raises(ConfigError, match=message):
        Table(columns, rows)


def test_a_data_frame_is_a_table():
    frame = pd.DataFrame({"city": ["Rome", None], "size": [1.5, float("nan")], "day": pd.Timestamp("2026-01-02")})
    result = returned(frame)
    assert result.text.splitlines()[0] == "| city | size | day |"
    assert result.data["rows"] == [["Rome", 1.5, "2026-01-02T00:00:00"], [None, None, "2026-01-02T00:00:00"]]


def test_an_index_that_says_something_is_a_column():
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="key"))
    assert returned(frame).data == {"columns": ["key", "n"], "rows": [["a", 1], ["b", 2]]}


def test_a_long_data_frame_says_how_many_rows_there_are():
    result = returned(pd.DataFrame({"n": range(2500)}))
    assert result.text.endswith("… 2500 rows, 50 shown")
    assert result.data["total_rows"] == 2500


def test_an_empty_data_frame_is_no_error():
    assert "empty" in returned(pd.DataFrame()).text


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "P", "CMYK", "F"])
def test_a_picture_becomes_a_png(mode):
    (image,) = returned(PIL.Image.new(mode, (4, 3))).images
    assert image.data.startswith(PNG)
    assert image.description == "picture of 4 × 3 pixels"


def test_a_figure_is_rendered():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([1, 2])
    axes.set_title("Growth")
    result = returned(figure)
    assert (result.text, result.images[0].data[:8]) == ("plot: Growth", PNG)
    assert returned(axes).images
    assert returned(("text", figure)).images


def test_whatever_can_save_itself_like_a_figure_is_rendered():
    class Axes:
        def get_title(self):
            return "Growth"

    class Figure:
        axes = (Axes(),)

        def savefig(self, file, format):
            file.write(PNG)

    result = returned(("Here:", Figure()))
    assert (result.text, result.images) == ("Here:\n\nplot: Growth", (Image(PNG, "image/png", "plot: Growth"),))


def test_an_object_that_answers_to_every_name_is_no_figure(caplog):
    class Proxy:
        def __getattr__(self, name):
            return lambda *arguments, **options: self

    assert returned(Proxy()).is_error


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.int64(3), "3"),
        (np.float64(2.5), "2.5"),
        (np.array([[1, 2]]), "[[1,2]]"),
        ({"a": np.float32(0.5)}, '{"a":0.5}'),
        (pd.Series([1, 2]), "[1,2]"),
        (enum.Enum("E", {"A": "a"}).A, '"a"'),
        (enum.StrEnum("E", {"A": "a"}).A, "a"),
        (10**30, str(10**30)),
        (-0.0, "-0.0"),
        ("", ""),
        ([], "[]"),
        ({}, "{}"),
        ((), "[]"),
        (b"abc", '"abc"'),
        (datetime.timedelta(seconds=90), '"PT1M30S"'),
        ({1: "a"}, '{"1":"a"}'),
    ],
    ids=str,
)
def test_common_values_become_text(value, text):
    assert returned(value).text == text


def test_half_a_character_is_replaced():
    assert returned("a\ud800b").text == "a?b"


@pytest.mark.parametrize(
    "value", [lambda: 1, object(), print, {"a": {1, object()}}, float, asyncio, b"\xff\xfe"], ids=str
)
def test_what_has_no_json_form_says_so(value, caplog):
    result = returned(value)
    assert result.is_error
    assert "its result is not JSON" in result.text


def test_very_deep_data_is_an_error(caplog):
    value = []
    for _ in range(100_000):
        value = [value]
    assert returned(value).is_error


def test_output_data_must_be_a_dict(caplog):
    assert "needs a dict as its data" in returned(ToolOutput("x", [1])).text


def test_sources_of_several_outputs_are_joined():
    one, two = (Source(name, name, "quote") for name in "ab")
    result = returned([ToolOutput("x", sources=(one,)), ToolOutput("y", sources=(two,))])
    assert (result.text, result.sources) == ("x\n\ny", (one, two))
