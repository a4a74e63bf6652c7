"""What a change does to running the service: what moderation stopped, tokens, waiting time, cost, and its forecast."""

from evals.report.inputs import ReportInputs
from evals.summary import Spend
from evals.wording import Wording
from matria.markdown import clipped, code, inline, table

_DAYS_A_MONTH = 30
_SOURCE_CHARACTERS = 120
_MANY = 1_000


def moderation(inputs: ReportInputs, words: Wording) -> str:
    """How many questions and answers a rail stopped, by what happened then; empty without an answer."""
    before = inputs.base.outcomes if inputs.base else {}
    after = inputs.head.outcomes
    names = sorted({*before, *after} - {"answered"})
    if not before and not after:
        return ""
    if not names:
        return words.say("moderation_none")
    totals = (sum(before.values()), sum(after.values()))
    header = [words.say(name) for name in ("outcome", "before", "after")]
    rows = [
        [_outcome(name, words), *(_of(side.get(name, 0), n) for side, n in zip((before, after), totals, strict=True))]
        for name in names
    ]
    if inputs.base:
        return table(header, rows, numbers=2)
    return table([header[0], header[2]], [[row[0], row[2]] for row in rows], numbers=1)


def _outcome(name: str, words: Wording) -> str:
    return words.texts.get(f"outcome_{name}", code(name))


def _of(count: int, total: int) -> str:
    return f"{count} / {total}"


def cost(inputs: ReportInputs, words: Wording) -> str:
    """Cost, tokens and waiting time of an answer, before and after, and what that comes to; empty without an answer."""
    head, base = inputs.head.spend, inputs.base.spend if inputs.base else None
    if not head.answers:
        return ""
    parts = [_figures(head, base, words), _priced(head, base, words)]
    if base is not None and base.answers:
        parts.append(_forecast(head, base, inputs, words))
    return "\n\n".join(part for part in parts if part)


def _figures(head: Spend, base: Spend | None, words: Wording) -> str:
    after = _measures(head)
    if base is None:
        rows = [[words.say(name), _figure(value, digits, words)] for name, value, digits in after]
        return table([words.say("measure"), words.say("answer")], rows, numbers=1)
    header = [words.say(name) for name in ("measure", "before", "after", "difference")]
    rows = [
        [
            words.say(name),
            _figure(old, digits, words),
            _figure(new, digits, words),
            _figure(
                None if new is None or old is None else round(new, digits) - round(old, digits),
                digits,
                words,
                signed=True,
            ),
        ]
        for (name, new, digits), (_, old, _) in zip(after, _measures(base), strict=True)
    ]
    return table(header, rows, numbers=3)


def _measures(spend: Spend) -> list[tuple[str, float | None, int]]:
    """Name, figure for each answer, and digits after the point."""
    each = spend.usd_per_answer
    count = spend.answers or None
    return [
        ("cost_each", None if each is None else float(each), 6),
        ("tokens_in", count and spend.input_tokens / count, 0),
        ("tokens_out", count and spend.output_tokens / count, 0),
        ("latency", spend.latency_ms, 0),
    ]


def _figure(value: float | None, digits: int, words: Wording, signed: bool = False) -> str:
    return words.say("unknown") if value is None else words.number(value, digits, signed)


def _priced(head: Spend, base: Spend | None, words: Wording) -> str:
    """How many answers the cost is a mean of, where it is not all of them."""
    shares = [spend.priced / spend.answers for spend in (head, base) if spend is not None and spend.answers]
    if all(share == 1 for share in shares):
        return ""
    return words.say("priced_share", *(words.share(share) for share in (*shares, *shares)[:2]))


def _forecast(head: Spend, base: Spend, inputs: ReportInputs, words: Wording) -> str:
    """What the difference comes to at the volume of the service, and what that assumes."""
    if head.usd_per_answer is None or base.usd_per_answer is None:
        return words.say("forecast_unknown")
    each = float(head.usd_per_answer - base.usd_per_answer)
    notes = [words.say("forecast_assumes")]
    if inputs.volume is None:
        said = words.say("forecast_each", _usd(each * _MANY, words))
    else:
        daily = each * inputs.volume.messages_per_day
        sums = (_usd(daily, words), _usd(daily * _DAYS_A_MONTH, words))
        said = words.say("forecast", *sums, words.count(inputs.volume.messages_per_day))
        notes.append(words.say("forecast_from", inline(clipped(inputs.volume.source, _SOURCE_CHARACTERS))))
    if inputs.head.is_simulated:
        notes.append(words.say("forecast_simulated"))
    return f"{said}\n\n<sub>{' '.join(notes)}</sub>"


def _usd(value: float, words: Wording) -> str:
    """Dollars with their sign; cents where there are dollars, more digits where there are none."""
    digits = 2 if abs(value) >= 1 else 4
    rounded = round(value, digits)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}US$ {words.number(abs(rounded), digits)}"
