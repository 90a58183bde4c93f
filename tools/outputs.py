"""Whatever a tool returns becomes a `ToolOutput`: text for the model, JSON for programs, pictures for people.

Figures, pictures and data frames of other libraries are known by what they can do; none of those libraries is
imported here.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Sequence
from typing import Any, cast

from .calls import Image, Source, Table, ToolOutput

MAX_IMAGE_BYTES = 5 * 1024 * 1024
MAX_ROWS_SHOWN = 50
MAX_ROWS_KEPT = 1000


def as_output(value: Any) -> ToolOutput:
    """Makes an output of any return value.

    Raises:
        TypeError: it is not JSON, or a part of a `ToolOutput` is of a wrong type.
        ValueError: a picture is too large.
    """
    if isinstance(value, str):
        return ToolOutput(_text(value))
    if value is None:
        return ToolOutput("done")
    if isinstance(value, ToolOutput):
        return _checked(value)
    if isinstance(value, list | tuple):
        if any(_is_part(item) for item in cast("Sequence[Any]", value)):
            return _parts(cast("Sequence[Any]", value))
    elif _is_part(value):
        return _one_part(value)
    text = _to_json(value)
    return ToolOutput(text, {"value": json.loads(text)})


def is_heavy(value: Any) -> bool:
    """Whether reading this value may take so long that it should not happen in the event loop."""
    if isinstance(value, list | tuple):
        return any(_is_foreign(item) for item in cast("Sequence[Any]", value))
    return _is_foreign(value)


def _one_part(value: Any) -> ToolOutput:
    if isinstance(value, Table):
        return _table(value.columns, value.rows, len(value.rows), value.title)
    if _is_frame(value):
        return _frame(value)
    image = _image(value)
    return ToolOutput(image.description, images=(image,))


def _parts(values: Sequence[Any]) -> ToolOutput:
    """A list with pictures or tables in it: their texts one below the other."""
    outputs = [as_output(item) for item in values if item is not None]
    data = [output.data for output in outputs if output.data]
    return ToolOutput(
        "\n\n".join(output.text for output in outputs),
        {"parts": data} if data else {},
        tuple(source for output in outputs for source in output.sources),
        tuple(image for output in outputs for image in output.images),
    )


def _checked(output: ToolOutput) -> ToolOutput:
    told: Any = output.text
    sources: list[Any] = list(output.sources)
    if not isinstance(told, str) or not all(isinstance(source, Source) for source in sources):
        raise TypeError("a ToolOutput needs a str as its text and Source objects as its sources")
    data: Any = json.loads(_to_json(output.data)) if output.data else {}
    if not isinstance(data, dict):
        raise TypeError("a ToolOutput needs a dict as its data")
    images = tuple(_image(image) for image in output.images)
    return dataclasses.replace(
        output, text=_text(told), data=cast("dict[str, Any]", data), sources=tuple(sources), images=images
    )


def _image(value: Any) -> Image:
    if isinstance(value, Image):
        image = value
    elif _is_figure(value):
        image = _rendered(value)
    elif _is_picture(value):
        image = _encoded(value)
    else:
        raise TypeError(f"{type(value).__name__} is not a picture: return an Image, a figure or a PIL image")
    if len(image.data) > MAX_IMAGE_BYTES:
        size, limit = (number / 1024 / 1024 for number in (len(image.data), MAX_IMAGE_BYTES))
        raise ValueError(f"its picture of {size:.1f} MB is too large; at most {limit:.0f} MB are shown")
    return image


def _is_part(value: Any) -> bool:
    return isinstance(value, Image | Table | ToolOutput) or _is_foreign(value)


def _is_foreign(value: Any) -> bool:
    return _is_figure(value) or _is_picture(value) or _is_frame(value)


def _is_figure(value: Any) -> bool:
    """A matplotlib figure, or the axes that most plotting functions hand back."""
    return _has(value, "savefig") or (_has(value, "get_figure") and _has(value, "get_title"))


def _has(value: Any, method: str) -> bool:
    # Asked of the class: an object that answers to every name (a mock, a remote proxy) is no figure.
    return callable(getattr(cast("object", type(value)), method, None))


def _rendered(value: Any) -> Image:
    figure = value if _has(value, "savefig") else value.get_figure()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    axes = [one for one in getattr(figure, "axes", ()) if _has(one, "get_title")]
    titles = [title for one in axes if (title := str(one.get_title()).strip())]
    return Image(buffer.getvalue(), "image/png", f"plot: {'; '.join(titles)}"[:200] if titles else "plot")


def _is_picture(value: Any) -> bool:
    return any(kind.__module__ == "PIL.Image" and kind.__name__ == "Image" for kind in type(value).__mro__)


def _encoded(value: Any) -> Image:
    buffer = io.BytesIO()
    # PNG has neither CMYK nor floating-point pixels.
    picture = value if value.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else value.convert("RGB")
    picture.save(buffer, format="PNG")
    return Image(buffer.getvalue(), "image/png", f"picture of {value.width} × {value.height} pixels")


def _is_frame(value: Any) -> bool:
    return any(kind.__module__.startswith("pandas") and kind.__name__ == "DataFrame" for kind in type(value).__mro__)


def _frame(value: Any) -> ToolOutput:
    total = len(value)
    part = value.head(MAX_ROWS_KEPT)
    # Row numbers that nobody chose tell the model nothing.
    if type(part.index).__name__ != "RangeIndex":
        part = part.reset_index()
    part = part.astype(object).where(part.notna(), None)
    columns = [str(name) for name in part.columns]
    if not columns:
        return ToolOutput(f"an empty table of {total} rows", {"columns": [], "rows": []})
    return _table(columns, [tuple(row) for row in part.itertuples(index=False, name=None)], total, "")


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]], total: int, title: str) -> ToolOutput:
    data = json.loads(_to_json({"columns": list(columns), "rows": [list(row) for row in rows[:MAX_ROWS_KEPT]]}))
    lines = [title, ""] if title else []
    lines += [_row(columns), _row(["---"] * len(columns))]
    lines += [_row(row) for row in data["rows"][:MAX_ROWS_SHOWN]]
    if total > MAX_ROWS_SHOWN:
        lines.append(f"… {total} rows, {MAX_ROWS_SHOWN} shown")
    if title:
        data["title"] = title
    if total > MAX_ROWS_KEPT:
        data["total_rows"] = total
    return ToolOutput(_text("\n".join(lines)), data)


def _row(values: Sequence[Any]) -> str:
    return f"| {' | '.join(_cell(value) for value in values)} |"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split()).replace("|", "\\|")


def _to_json(value: Any) -> str:
    from pydantic_core import PydanticSerializationError, to_json

    try:
        return to_json(value, inf_nan_mode="strings", fallback=_plain).decode()
    except (PydanticSerializationError, RecursionError) as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise TypeError(f"its result is not JSON: {what}") from error


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy, and columns of pandas."""
    if callable(getattr(value, "tolist", None)) and not isinstance(value, type):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _text(text: str) -> str:
    """Plain text: no subclass of `str`, and no half of a character, which no database takes."""
    return str.__str__(text).encode("utf-8", "replace").decode("utf-8")
