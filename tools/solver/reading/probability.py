# ruff: noqa: E501  a pattern is read more easily on one line
"""Data in pairs: regression, correlation and covariance, for example `line of best fit through (1,2), (2,3), (3,5)`."""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_list, without_lead_ins
from .syntax import Ask, Request, Sequence

_LEAD = re.compile(
    r"(?:what is|what's|find|calculate|compute|determine|give|tell me|evaluate|the|value of|if|for|given|suppose|let)\s+",
    re.IGNORECASE,
)
_HINT = re.compile(r"best fit|regression|correlation|covariance", re.IGNORECASE)
_POINTS = re.compile(
    r"(?P<what>(?:linear regression|regression line|least squares(?: regression)?(?: line)?|(?:line|linear equation) of best fit|best[- ]fit line|trend line|correlation(?: coefficient)?|covariance|r squared))(?: equation)?(?: (?:of|for|through|to|between|on|from))?(?: (?:the )?(?:points|data|lists?|data points))*:? (?P<data>.+)",
    re.IGNORECASE,
)


def read_probability(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    spaced = " ".join(text.split())
    if len(spaced) > 250 or not _HINT.search(spaced):
        return None
    for candidate in without_lead_ins(spaced, _LEAD):
        if found := _POINTS.fullmatch(candidate):
            return _pairs(found["what"].lower(), found["data"], assumptions)
    return None


def _pairs(what: str, data: str, assumptions: list[str]) -> Request | None:
    try:
        if found := re.fullmatch(r"(\[.+\]|\{.+\}),? (?:and|with|vs\.?|against) (\[.+\]|\{.+\})", data):
            lists = [read_list(part.replace("{", "[").replace("}", "]"), assumptions) for part in found.groups()]
            if len(lists[0]) != len(lists[1]):
                raise ToolError(
                    f"the lists have {len(lists[0])} and {len(lists[1])} numbers; they must be of one length"
                )
            nodes = [Sequence(pair) for pair in zip(*lists, strict=True)]
        else:
            nodes = [
                node for node in read_list(data, assumptions) if isinstance(node, Sequence) and len(node.items) == 2
            ]
    except ToolError as error:
        if "of one length" in str(error):
            raise
        return None
    if len(nodes) < 2:
        return None
    kind = "correlation" if "correlation" in what else "covariance" if "covariance" in what else "regression"
    return Ask("paired data", tuple(nodes), (kind,))


READERS: list[TextReader] = [read_probability]
