"""What a change does to running the service: what moderation stopped, tokens, waiting time, cost, its forecast."""

from collections.abc import Iterator, Mapping

from evals.report.forecast import DAYS_A_MONTH, Forecast, Traffic, forecast
from evals.report.inputs import ReportInputs
from evals.summary import Spend, Summary
from evals.wording import Wording
from matria.markdown import clipped, code, inline, table

_SOURCE_CHARACTERS = 120
_MANY = 1_000
_PROMPTS = 12
"""Prompts in the table of the forecast, those that change most; more are counted."""
_SMALL_RISE = 0.1


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
    """What the difference comes to at the traffic that there is, whether that is an alert, and what it assumes."""
    notes = [words.say("forecast_assumes")]
    traffic = inputs.traffic
    if traffic is None:
        said = [_each(head, base, words)]
    else:
        found = forecast(_spends(inputs.base_scores), _spends(inputs.scores), traffic)
        said = [_total(found, head, base, words), _by_prompt(found, words), *_alerts(found, traffic, words)]
        notes.append(words.say("forecast_from", inline(clipped(traffic.source, _SOURCE_CHARACTERS))))
        if traffic.days_with_messages < traffic.days:
            notes.append(words.say("forecast_days", traffic.days_with_messages, traffic.days))
    if inputs.head.is_simulated or (traffic and traffic.is_simulated):
        notes.append(words.say("forecast_simulated"))
    return "\n\n".join([*filter(None, said), f"<sub>{' '.join(notes)}</sub>"])


def _spends(scores: Mapping[str, Summary]) -> dict[str, Spend]:
    return {name: score.spend for name, score in scores.items()}


def _each(head: Spend, base: Spend, words: Wording) -> str:
    """For a thousand messages, where the traffic is not known."""
    if head.usd_per_answer is None or base.usd_per_answer is None:
        return words.say("forecast_unknown")
    return words.say("forecast_each", _usd(float(head.usd_per_answer - base.usd_per_answer) * _MANY, words))


def _total(found: Forecast, head: Spend, base: Spend, words: Wording) -> str:
    if not found.messages_a_day:
        return f"{words.say('forecast_no_traffic')} {_each(head, base, words)}"
    if found.day_usd is None:
        return words.say("forecast_unknown")
    sums = (_usd(float(found.day_usd), words), _usd(float(found.day_usd) * DAYS_A_MONTH, words))
    return words.say("forecast", *sums, words.count(found.messages_a_day))


def _by_prompt(found: Forecast, words: Wording) -> str:
    """Tokens and cost of an answer before and after, by prompt; empty for one prompt, which the figures are of."""
    shown = [one for one in found.prompts if one.change_usd != 0]
    if len(found.prompts) <= 1 or not shown:
        return ""
    names = ("prompt", "messages_a_day", "tokens_each", "cost_each", "a_month")
    rows = [
        [
            code(one.prompt),
            words.count(one.messages_a_day),
            " → ".join(_tokens(side, words) for side in (one.before, one.after)),
            " → ".join(_priced_each(side, words) for side in (one.before, one.after)),
            words.say("unknown") if one.month_usd is None else _usd(float(one.month_usd), words),
        ]
        for one in shown[:_PROMPTS]
    ]
    if rest := len(shown) - _PROMPTS:
        rows += [[words.say("more_prompts", rest), "", "", "", ""]] if rest > 0 else []
    return table([words.say(name) for name in names], rows, numbers=4)


def _tokens(spend: Spend, words: Wording) -> str:
    return words.count((spend.input_tokens + spend.output_tokens) / spend.answers)


def _priced_each(spend: Spend, words: Wording) -> str:
    each = spend.usd_per_answer
    return _figure(None if each is None else float(each), 6, words)


def _alerts(found: Forecast, traffic: Traffic, words: Wording) -> Iterator[str]:
    """Whether it would trip the alert on the cost of a message, of all or of one assistant."""
    allowed = words.share(traffic.max_rise)
    whole, *own = found.alerts
    tripped = [alert for alert in found.alerts if alert.state == "trips"]
    for alert in tripped:
        rise = words.share(alert.rise or 0)
        if alert.scope:
            yield words.say("alert_trips_of", code(alert.scope), rise, allowed)
        else:
            yield words.say("alert_trips", rise, allowed)
    if tripped or not found.messages_a_day:
        return
    states = {alert.state for alert in found.alerts}
    if "unknown" in states:
        yield words.say("alert_unknown")
    elif states == {"too_few"}:
        yield words.say("alert_too_few", traffic.min_messages)
    else:
        rises = [alert.rise for alert in (whole, *own) if alert.rise is not None]
        yield words.say("alert_passes", _rise(max(rises, default=0.0), words), allowed)


def _rise(rise: float, words: Wording) -> str:
    """A change as a share with its sign; a tenth of a per cent where it is small."""
    digits = 0 if abs(rise) >= _SMALL_RISE else 1
    space = "\u00a0" if words.locale == "pt-PT" else ""
    return f"{words.number(100 * rise, digits, signed=True)}{space}%"


def _usd(value: float, words: Wording) -> str:
    """Dollars with their sign; cents where there are dollars, more digits where there are none."""
    digits = 2 if abs(value) >= 1 else 4
    rounded = round(value, digits)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}US$ {words.number(abs(rounded), digits)}"
