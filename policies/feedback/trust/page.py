"""A feedback report as people read it: rows of text for the terminal, and one HTML page that loads nothing."""

from __future__ import annotations

from importlib import resources

from ..calibration import Agreement
from .report import Believed, FeedbackReport, Share


def lines(found: FeedbackReport) -> list[tuple[str, str]]:
    """The report as rows of a label and a text, for the terminal and the page alike."""
    rows = [
        ("judge", found.judge),
        ("pairs compared", f"{found.pairs:,}; labelled by people {found.labelled:,} ({_raters(found.raters)})"),
        ("κ judge and people", _kappa(found.agreement)),
        (
            "κ between people",
            "no pair was labelled by two" if found.between_people is None else _kappa(found.between_people),
        ),
        ("orders contradict", _share(found.flips)),
        ("shown first wins", f"{found.first_order:.0%} of the questions"),
        ("calibration error", f"{found.error_before:.3f} before, {found.error_after:.3f} after"),
        ("log-loss", f"{found.loss_before:.3f} before, {found.loss_after:.3f} after (a coin: 0.693)"),
        ("calibration", _calibration(found)),
        *((f"believed on {name}", _threshold(one)) for name, one in found.sources.items()),
        ("w_A", f"{found.weight:g}" + (f", {found.kind} labels" if found.weight and found.kind else "")),
        ("labels in effect", f"{found.effective_labels:.0f} (people's alone: {found.labelled})"),
    ]
    if found.longer_preferred is not None:
        claim = found.longer_preferred
        alone = f"as sure as {claim.effective_n:.0f} labels of people alone"
        rows.append(("longer preferred", f"{claim.mean:.0%} [{claim.low:.0%}, {claim.high:.0%}], {alone}"))
    return rows


def principle_rows(found: FeedbackReport) -> list[tuple[str, str, str]]:
    """Of each principle: its share of the used labels, and agreement with people."""
    told = found.principles.items()
    return [(name, f"{used:.0%}" if found.accepted else "", _share(share)) for name, (used, share) in told]


def slice_rows(found: FeedbackReport) -> list[tuple[str, str, str]]:
    """Agreement of the calibrated judge by slice."""
    return [(name, label, _share(share)) for name, groups in found.slices.items() for label, share in groups.items()]


def _raters(raters: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in raters.items())


def _kappa(found: Agreement) -> str:
    of = f"agree on {found.share:.0%} of {found.n:,}"
    if found.kappa is None:
        return f"not defined: both say the same of everything; {of}"
    interval = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"{found.kappa:.2f}{interval}; {of}"


def _between(found: Agreement | None) -> str:
    return "no pair was labelled by two" if found is None else _kappa(found)


def _share(share: Share) -> str:
    if share.value is None:
        return "none"
    return f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}] of {share.n:,}"


def _calibration(found: FeedbackReport) -> str:
    parts = [f"{name} {weight:+.2f}" for name, weight in found.weights.items()]
    return f"slope {found.slope:.2f}, {', '.join(parts)}"


def _threshold(found: Believed) -> str:
    of = f"{found.pairs:,} pairs, tested on {found.tested:,} labels"
    if found.tau is None:
        return f"nowhere; {of}"
    return f"from {found.tau:.2f} on, {found.coverage:.0%} of them, with at most {found.bound:.0%} disagreement; {of}"


def page(found: FeedbackReport) -> str:
    """The report as an HTML page."""
    from jinja2 import Environment

    source = resources.files(__package__ or "").joinpath("report.html.jinja").read_text(encoding="utf-8")
    template = Environment(autoescape=True).from_string(source)
    return template.render(report=found, lines=lines(found), principles=principle_rows(found), slices=slice_rows(found))
