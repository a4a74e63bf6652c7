"""The ROC and the calibration curve as small SVG files: the same results give the same bytes, and no plotting library
is loaded."""

from collections.abc import Iterable, Sequence

from models.risk.validate import Bin, Validation

_SIZE, _MARGIN = 360, 52
_SIDE = _SIZE - 2 * _MARGIN
_INK, _GREY, _LINE = "#1f2933", "#9aa5b1", "#0b6e99"


def roc_svg(validation: Validation) -> str:
    """Sensitivity against 1 - specificity, with chance as a dashed line."""
    line = _path(validation.roc) + _note(f"AUC {validation.auc}")
    return _chart("ROC curve on the test set", "1 - specificity", "sensitivity", line, 1.0)


def calibration_svg(validation: Validation) -> str:
    """Share with the outcome against mean risk, a dot for each bin of equal size; the dashed line is calibrated."""
    end = _scale(validation.curve)
    points = [(part.mean_risk / end, part.outcome_share / end) for part in validation.curve]
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_LINE}"/>' for x, y in map(_place, points))
    line = _path(points) + dots + _note(f"slope {validation.figures['calibration_slope']}")
    return _chart("Calibration on the test set", "mean predicted risk", "share with the outcome", line, end)


def _chart(title: str, across: str, up: str, marks: str, end: float) -> str:
    middle, low = _SIZE / 2, _SIZE - _MARGIN
    axes = f'<path d="M{_MARGIN},{_MARGIN} V{low} H{low}" fill="none" stroke="{_INK}"/>'
    diagonal = f'<path d="M{_MARGIN},{low} L{low},{_MARGIN}" stroke="{_GREY}" stroke-dasharray="4 4"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" width="{_SIZE}" height="{_SIZE}" '
        f'role="img" aria-label="{title}" font-family="sans-serif" font-size="12" fill="{_INK}">'
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="#ffffff"/>'
        f'<text x="{middle}" y="28" text-anchor="middle" font-size="14">{title}</text>{axes}{diagonal}{_ticks(end)}'
        f'<text x="{middle}" y="{_SIZE - 12}" text-anchor="middle">{across}</text>'
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{up}</text>'
        f"{marks}</svg>\n"
    )


def _ticks(end: float) -> str:
    labels = []
    for step in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _place((step, step))
        text = f"{step * end:.2f}"
        labels.append(f'<text x="{x:.1f}" y="{_SIZE - _MARGIN + 16}" text-anchor="middle" font-size="10">{text}</text>')
        labels.append(f'<text x="{_MARGIN - 6}" y="{y + 3:.1f}" text-anchor="end" font-size="10">{text}</text>')
    return "".join(labels)


def _path(points: Iterable[tuple[float, float]]) -> str:
    steps = " L".join(f"{x:.1f},{y:.1f}" for x, y in map(_place, points))
    return f'<path d="M{steps}" fill="none" stroke="{_LINE}" stroke-width="2"/>' if steps else ""


def _note(text: str) -> str:
    return f'<text x="{_SIZE - _MARGIN}" y="{_SIZE - _MARGIN - 12}" text-anchor="end">{text}</text>'


def _place(point: tuple[float, float]) -> tuple[float, float]:
    return _MARGIN + point[0] * _SIDE, _SIZE - _MARGIN - point[1] * _SIDE


def _scale(curve: Sequence[Bin]) -> float:
    """The axes' end: the largest figure shown, up to the next fifth."""
    largest = max((max(part.mean_risk, part.outcome_share) for part in curve), default=1.0)
    return min(1.0, int(largest * 5 + 1) / 5)
