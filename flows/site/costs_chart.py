"""The chart of what a message costs hour by hour, as SVG: on the page, and alone where only a picture goes.

Drawn at the width at which it is shown, so that its letters are as large on a phone. Colours are the page's; alone it
brings its own, light and dark. What it shows is said in its title and description and stands in a table beside it.
"""

import math
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from html import escape

from evals.wording import Wording
from flows.site.costs_words import clock, dollars, moment
from matria.costs.hourly import DAY_HOURS, HOUR, Hour, Hourly, mean_usd
from matria.markdown import visible

WIDE, NARROW = 900, 340
_LEFT, _RIGHT, _BOTTOM, _PLOT, _ROW = 62, 10, 40, 210, 20
_HIGHEST_OVER_LEVELS = 2.5
"""Hours that are dearer than so many times the levels are cut: one long conversation must not flatten the rest."""
_TICKS = 4
MOST_LANDED = 8
"""Things that landed shown in the chart: the likeliest reasons."""
PAIR = 2
"""Numbers in a row that are still written one by one."""
_BESIDE = 2
"""Room between two labels."""
_STYLE = """
svg { background: var(--card); } text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.grid { stroke: var(--line); } .soft { fill: var(--soft); } .was { fill: var(--soft); opacity: .55; }
.is { fill: var(--leaf); opacity: .6; } .cut { fill: var(--rose); } .none { stroke: var(--soft); }
.mean { stroke-width: 2.5; } .mean.last { stroke: var(--leaf); } .mean.before { stroke: var(--soft); }
.level { stroke: var(--rose); stroke-width: 2; stroke-dasharray: 7 4; }
.mark { stroke: var(--ink); stroke-dasharray: 2 3; } .dot { fill: var(--ink); }
.number { fill: var(--card); font-size: 11px; }
"""
_COLOURS = """
:root { --ink: #22282b; --soft: #5a666b; --line: #dfe5e5; --card: #fff; --leaf: #0b6b5c; --rose: #a23b52; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecec; --soft: #a5b1b3; --line: #36424a; --card: #1e262b;
  --leaf: #6fd1bf; --rose: #f09aae; } }
"""
STYLE = "\n".join(f".chart {line}" if line.startswith(".") else line for line in _STYLE.splitlines())


def chart(hourly: Hourly, words: Wording, width: int = WIDE, name: str = "wide") -> str:
    """An `<svg>` for a page that has the colours and `STYLE`; `name` sets its ids apart from another's."""
    drawing = _Drawing(hourly, words, width)
    return (
        f'<svg class="chart {name}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="0 0 {width} {drawing.height}" width="{width}" height="{drawing.height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-title">{_text(words.say("chart_title"))}</title>'
        f'<desc id="{name}-desc">{_text(description(hourly, words))}</desc>{"".join(drawing.parts())}</svg>'
    )


def picture(hourly: Hourly, words: Wording) -> str:
    """The same as a file of its own."""
    svg = chart(hourly, words)
    return svg.replace("<title", f"<style>{_COLOURS}{_STYLE}</style><title", 1)


def address(hourly: Hourly, words: Wording) -> str:
    """The same as a `data:` address, for places that take a picture's address alone."""
    return f"data:image/svg+xml;base64,{b64encode(picture(hourly, words).encode()).decode()}"


def description(hourly: Hourly, words: Wording) -> str:
    """What the chart shows, in words."""
    levels = (mean_usd(hourly.before), mean_usd(hourly.last), hourly.threshold_usd)
    return words.say("chart_desc", *(dollars(level, words) for level in levels))


@dataclass(frozen=True)
class _Drawing:
    hourly: Hourly
    words: Wording
    width: int

    @property
    def top(self) -> int:
        """Where the plot begins, below the legend."""
        rows = math.ceil(len(self._legend()) / self._columns)
        return 14 + rows * _ROW + (18 if self.hourly.landed else 4)

    @property
    def height(self) -> int:
        return self.top + _PLOT + _BOTTOM

    @property
    def _columns(self) -> int:
        return 1 if self.width < WIDE // 2 else 2

    @property
    def _highest(self) -> float:
        """The cost at the upper end."""
        levels = [float(level) for level in self._levels() if level]
        means = [float(hour.mean_usd) for hour in self.hourly.hours if hour.mean_usd]
        if not means:
            return 1e-3
        most = max((*means, *levels))
        return 1.05 * (min(most, _HIGHEST_OVER_LEVELS * max(levels)) if levels else most)

    def parts(self) -> Iterator[str]:
        """The elements, from the back to the front."""
        yield from self._grid()
        step = (self.width - _LEFT - _RIGHT) / max(len(self.hourly.hours), 1)
        for number, hour in enumerate(self.hourly.hours):
            yield self._hour(hour, _LEFT + number * step, step, number >= len(self.hourly.hours) - DAY_HOURS)
        yield from self._lines()
        yield from self._landed()
        yield from self._key()

    def _levels(self) -> tuple[Decimal | None, ...]:
        return mean_usd(self.hourly.before), mean_usd(self.hourly.last), self.hourly.threshold_usd

    def _y(self, usd: Decimal | float) -> float:
        return self.top + _PLOT * (1 - min(float(usd) / self._highest, 1))

    def _grid(self) -> Iterator[str]:
        step = _nice(self._highest / _TICKS)
        digits = max(0, -math.floor(math.log10(step)))
        for count in range(int(self._highest / step) + 1):
            y = self._y(count * step)
            yield f'<line class="grid" x1="{_LEFT}" x2="{self.width - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            label = self.words.number(count * step, digits)
            yield f'<text class="soft" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
        hours = self.hourly.hours
        every = DAY_HOURS if self.width < WIDE // 2 else DAY_HOURS // 2
        for number in range(0, len(hours), every):
            x = self._x_of(number)
            yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{self.top}" y2="{self.top + _PLOT + 6}"/>'
            label = moment(hours[number].start, self.words)
            yield f'<text class="soft" x="{x:.1f}" y="{self.top + _PLOT + 22}">{label}</text>'

    def _x_of(self, number: float) -> float:
        return _LEFT + number * (self.width - _LEFT - _RIGHT) / max(len(self.hourly.hours), 1)

    def _hour(self, hour: Hour, x: float, step: float, is_last: bool) -> str:
        words, bottom = self.words, self.top + _PLOT
        span = f"{moment(hour.start, words)}–{clock(hour.start + HOUR, words)}"
        if hour.mean_usd is None:
            key = "hour_unpriced" if hour.messages else "hour_empty"
            tip = words.say(key, span, words.count(hour.messages))
            at = f'x1="{x + 0.2 * step:.1f}" x2="{x + 0.8 * step:.1f}" y1="{bottom - 2}" y2="{bottom - 2}"'
            return f'<line class="none" {at}><title>{_text(tip)}</title></line>'
        tip = words.say("hour_tip", span, dollars(hour.mean_usd, words), words.count(hour.messages))
        y = self._y(hour.mean_usd)
        bar = f'x="{x + 0.1 * step:.1f}" width="{0.8 * step:.1f}" y="{y:.1f}" height="{max(bottom - y, 1):.1f}"'
        drawn = f'<rect class="{"is" if is_last else "was"}" {bar}><title>{_text(tip)}</title></rect>'
        if float(hour.mean_usd) <= self._highest:
            return drawn
        middle, off = x + step / 2, self.words.say("off_scale")
        points = f"{middle:.1f},{y - 7:.1f} {middle - 4:.1f},{y - 1:.1f} {middle + 4:.1f},{y - 1:.1f}"
        return f'{drawn}<polygon class="cut" points="{points}"><title>{_text(off)}</title></polygon>'

    def _lines(self) -> Iterator[str]:
        before, last, level = self._levels()
        middle = self._x_of(len(self.hourly.hours) - DAY_HOURS)
        right = self.width - _RIGHT
        for usd, name, start, end in (
            (before, "mean before", _LEFT, middle),
            (last, "mean last", middle, right),
            (level, "level", middle, right),
        ):
            if usd is not None:
                y = self._y(usd)
                yield f'<line class="{name}" x1="{start:.1f}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'

    def _landed(self) -> Iterator[str]:
        """A line for each thing that landed, and its number; those that stand close share a label."""
        start = self.hourly.until - len(self.hourly.hours) * HOUR
        places = [
            (self._x_of((landed.first_seen_at - start) / timedelta(hours=1)), number)
            for number, landed in enumerate(self.hourly.landed[:MOST_LANDED], start=1)
            if start <= landed.first_seen_at <= self.hourly.until
        ]
        groups: list[list[tuple[float, int]]] = []
        for place in sorted(places):
            groups.append([place])
            while len(groups) > 1 and _touch(groups[-2], groups[-1]):
                last = groups.pop()
                groups[-1].extend(last)
        for group in groups:
            yield from self._label(group)

    def _label(self, group: list[tuple[float, int]]) -> Iterator[str]:
        label, wide, y = _numbers(group), _wide(group), self.top - 9
        middle = min(max(group[0][0], _LEFT + wide / 2), self.width - _RIGHT - wide / 2)
        for x in dict.fromkeys(round(x, 1) for x, _ in group):
            yield f'<line class="mark" x1="{x}" x2="{x}" y1="{self.top}" y2="{self.top + _PLOT}"/>'
        box = f'x="{middle - wide / 2:.1f}" y="{y - 8}" width="{wide}" height="16" rx="8"'
        yield f'<rect class="dot" {box}/>'
        yield f'<text class="number" x="{middle:.1f}" y="{y + 4}" text-anchor="middle">{label}</text>'

    def _legend(self) -> list[tuple[str, str]]:
        before, last, level = self._levels()
        named = (
            ("mean before", "mean_before", before),
            ("mean last", "mean_last", last),
            ("level", "threshold", level),
        )
        return [
            ("hour", self.words.say("hour")),
            *((name, self.words.say(key, dollars(usd, self.words))) for name, key, usd in named),
        ]

    def _key(self) -> Iterator[str]:
        column = (self.width - _LEFT - _RIGHT) / self._columns
        for number, (name, label) in enumerate(self._legend()):
            x = (_RIGHT if self._columns == 1 else _LEFT) + (number % self._columns) * column
            y = 16 + (number // self._columns) * _ROW
            if name == "hour":
                yield f'<rect class="was" x="{x:.1f}" y="{y - 9}" width="10" height="12"/>'
                yield f'<rect class="is" x="{x + 12:.1f}" y="{y - 9}" width="10" height="12"/>'
            else:
                yield f'<line class="{name}" x1="{x:.1f}" x2="{x + 22:.1f}" y1="{y - 4}" y2="{y - 4}"/>'
            yield f'<text x="{x + 28:.1f}" y="{y}">{_text(label)}</text>'


def _touch(one: list[tuple[float, int]], other: list[tuple[float, int]]) -> bool:
    """Whether the labels of two groups would overlap; each stands above the first of its group."""
    return other[0][0] - one[0][0] < (_wide(one) + _wide(other)) / 2 + _BESIDE


def _wide(group: list[tuple[float, int]]) -> int:
    """Of a label."""
    return 9 + 7 * len(_numbers(group))


def _numbers(group: list[tuple[float, int]]) -> str:
    """Such as `1 3–6`: each by itself, three and more in a row by the first and the last."""
    runs: list[list[int]] = []
    for number in sorted(number for _, number in group):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(f"{run[0]}–{run[-1]}" if len(run) > PAIR else " ".join(map(str, run)) for run in runs)


def _nice(step: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def _text(text: str) -> str:
    return escape(visible(text))
