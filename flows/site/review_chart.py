"""The chart of one outcome week by week with its intervals, as SVG for the page of the weekly report.

A week that was not drawn or not read is an open place marked as such, never a zero. What it shows is said in its title
and description, and stands in a table beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from evals.review.estimate import Estimate
from evals.review.report import Series
from evals.review.report_words import percent
from evals.wording import Wording

WIDE, NARROW = 900, 340
_LEFT, _RIGHT, _BOTTOM, _PLOT, _ROW = 56, 10, 34, 190, 20
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_STEPS = (0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 1.0)
"""Where the scale may end."""
STYLE = """
.chart { background: var(--card); } .chart text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.chart .grid { stroke: var(--line); } .chart .soft { fill: var(--soft); }
.chart .band { fill: var(--leaf); opacity: .16; } .chart .pooled { stroke: var(--leaf); stroke-width: 2; }
.chart .whisker { stroke: var(--soft); stroke-width: 2; } .chart .dot { fill: var(--leaf); }
.chart .none { stroke: var(--rose); stroke-dasharray: 3 4; }
"""


def chart(series: Series, rolling: Estimate, words: Wording, width: int = WIDE, name: str = "wide") -> str:
    """An `<svg>` for a page that has the colours and `STYLE`; `name` sets its ids apart from another's."""
    drawing = _Drawing(series, rolling, words, width)
    of, key = words.say(series.outcome), f"{name}-{series.outcome}"
    return (
        f'<svg class="chart {name}" role="img" aria-labelledby="{key}-title {key}-desc" '
        f'viewBox="0 0 {width} {drawing.height}" width="{width}" height="{drawing.height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{key}-title">{escape(words.say("chart_title", of))}</title>'
        f'<desc id="{key}-desc">{escape(words.say("chart_desc"))}</desc>{"".join(drawing.parts())}</svg>'
    )


@dataclass(frozen=True)
class _Drawing:
    series: Series
    rolling: Estimate
    words: Wording
    width: int

    @property
    def top(self) -> int:
        """Where the plot begins, below the legend."""
        return 14 + _ROW * (3 if self.width < WIDE // 2 else 1)

    @property
    def height(self) -> int:
        return self.top + _PLOT + _BOTTOM

    @property
    def highest(self) -> float:
        """The share at the upper end: that of the highest interval."""
        ends = [of.high for _, of in self.series.weeks if of is not None and of.value is not None]
        most = max(ends, default=1.0)
        return next(step for step in _STEPS if step >= most or step == 1.0)

    def parts(self) -> Iterator[str]:
        """The elements, from the back to the front."""
        yield from self._grid()
        yield from self._pooled()
        for place, (week, of) in enumerate(self.series.weeks):
            yield from self._week(place, week, of)
        yield from self._legend()

    def _x(self, place: int) -> float:
        return _LEFT + (place + 0.5) * (self.width - _LEFT - _RIGHT) / len(self.series.weeks)

    def _y(self, share: float) -> float:
        return self.top + _PLOT * (1 - share / self.highest)

    def _grid(self) -> Iterator[str]:
        for tick in _TICKS:
            y = self._y(tick * self.highest)
            yield f'<line class="grid" x1="{_LEFT}" x2="{self.width - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            label = percent(tick * self.highest, self.words)
            yield f'<text class="soft" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'

    def _pooled(self) -> Iterator[str]:
        if self.rolling.value is None:
            return
        low, high, value = (
            self._y(min(s, self.highest)) for s in (self.rolling.low, self.rolling.high, self.rolling.value)
        )
        across = self.width - _LEFT - _RIGHT
        yield f'<rect class="band" x="{_LEFT}" y="{high:.1f}" width="{across}" height="{max(low - high, 1):.1f}"/>'
        yield f'<line class="pooled" x1="{_LEFT}" x2="{self.width - _RIGHT}" y1="{value:.1f}" y2="{value:.1f}"/>'

    def _week(self, place: int, week: str, of: Estimate | None) -> Iterator[str]:
        x = self._x(place)
        every = 1 if self.width >= WIDE // 2 or len(self.series.weeks) <= 6 else 3
        if (len(self.series.weeks) - 1 - place) % every == 0:
            label = week.partition("-")[2]
            yield f'<text class="soft" x="{x:.1f}" y="{self.height - 12}" text-anchor="middle">{label}</text>'
        if of is None or of.value is None:
            tip = escape(self.words.say("week_unknown", week))
            ends = f'y1="{self.top}" y2="{self.top + _PLOT}"'
            yield f'<line class="none" x1="{x:.1f}" x2="{x:.1f}" {ends}><title>{tip}</title></line>'
            return
        figures = (percent(share, self.words) for share in (of.value, of.low, of.high))
        tip = escape(self.words.say("week_point", week, *figures))
        low, high, value = (self._y(share) for share in (of.low, of.high, of.value))
        yield f'<g><title>{tip}</title><line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
        for end in (low, high):
            yield f'<line class="whisker" x1="{x - 4:.1f}" x2="{x + 4:.1f}" y1="{end:.1f}" y2="{end:.1f}"/>'
        yield f'<circle class="dot" cx="{x:.1f}" cy="{value:.1f}" r="5"/></g>'

    def _legend(self) -> Iterator[str]:
        value = self.rolling.value
        said = self.words.say("unknown") if value is None else percent(value, self.words)
        labels = (
            ("dot", self.words.say("chart_week")),
            ("pooled", self.words.say("chart_rolling", said)),
            ("none", self.words.say("chart_none")),
        )
        column = (self.width - _RIGHT) / (1 if self.width < WIDE // 2 else len(labels))
        for number, (name, label) in enumerate(labels):
            is_narrow = self.width < WIDE // 2
            x, y = (_RIGHT, 16 + number * _ROW) if is_narrow else (_RIGHT + number * column, 16)
            mark = f'<circle class="dot" cx="{x + 10:.1f}" cy="{y - 4}" r="5"/>'
            line = f'<line class="{name}" x1="{x:.1f}" x2="{x + 22:.1f}" y1="{y - 4}" y2="{y - 4}"/>'
            yield f'{mark if name == "dot" else line}<text x="{x + 28:.1f}" y="{y}">{escape(label)}</text>'
