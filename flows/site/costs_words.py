"""What the page and the chart of a message's cost say, in English and in Portuguese.

The Portuguese reads well in Brazil and in Portugal; where they differ, Portugal has words of its own. The factors of a
cause have the names that the notices give them (`matria.costs.words.texts`), so that one leads to the other.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from evals.wording import Wording
from matria.costs.causes.base import FACTORS
from matria.costs.words.figures import local, zone_name
from matria.costs.words.texts import TEXTS
from matria.messages import Locale

EN: Mapping[str, str] = {
    "name": "Cost of a message",
    "mean_now": "A message cost {0} on average over the last {1} hours",
    "mean_now_scope": "A message to {2} cost {0} on average over the last {1} hours",
    "hour_now": "In the last hour, a message cost {0} on average",
    "hour_now_scope": "In the last hour, a message to {1} cost {0} on average",
    "dearer": "{0} more than before ({1})",
    "cheaper": "{0} less than before ({1})",
    "same": "as much as before ({0})",
    "nothing_before": "what it cost before is not known",
    "from_nothing": "before, it cost nothing",
    "because": "Main cause: {0}",
    "unpriced_now": "Calls without a price in the last {2} hours: {0} of {1} ({3}); what a message costs is uncertain",
    "no_comparison": "What a message costs cannot be compared: {0}",
    "no_comparison_scope": "What a message to {1} costs cannot be compared: {0}",
    "silent_since": "no message has come since {0}",
    "nothing": "No message came in the last {0} hours, so nobody knows what one costs",
    "all_unpriced": "No message of the last {0} hours has a known cost. Calls without a price: {1} of {2}",
    "alert": "alert",
    "no_data": "no data",
    "until": "Figures up to {0}.",
    "simulated": "simulated",
    "simulated_note": "Simulated messages, since none is real: nothing was billed, another model's price stands in.",
    "prices": "Prices: {0}.",
    "no_prices": "No price was used.",
    "rates": "Reais and euros by the rates of {0} ({1}; age in days: {2}).",
    "rates_old": "Reais and euros by the rates of {0} ({1}): {2} days old. Set newer ones in prices.yaml.",
    "rates_partial": "Some dollars have no rate: sums marked ≥ are lower bounds.",
    "no_rates": "No rate is set for reais and euros.",
    "by_hour": "Hour by hour",
    "of_scope": "for {0}",
    "chart_title": "Mean cost of a message, hour by hour over 48 hours, US$",
    "chart_desc": "The 24 hours before: {0} per message; the last 24: {1}. The daily alert begins above {2}. "
    "The same figures are in the table below.",
    "hour": "each hour",
    "hour_tip": "{0}: {1} per message; messages: {2}",
    "hour_empty": "{0}: no message",
    "hour_unpriced": "{0}: cost unknown; messages: {1}",
    "mean_last": "last 24 h: {0}",
    "mean_before": "24 h before: {0}",
    "threshold": "daily alert above {0}",
    "off_scale": "off the scale",
    "hours_table": "The hours as a table",
    "from": "from ({0})",
    "landed": "What changed meanwhile",
    "more": "{0} more",
    "landed_line": "{0}, since {1}",
    "landed_file": "{0}, changed {1}",
    "landed_by": "{0} by {1}",
    "landed_unknown": "the repository does not tell which commit brought it",
    "pull_request": "pull request {0}",
    "what_prompt": "prompt {0}, version {1}",
    "what_snapshot": "version behind {0}: {1}",
    "what_price_list": "price list of {0}: {1}",
    "what_model": "model ({0}): {1}",
    "what_price": "price of {0}: {1}",
    "what_file": "file {0} ({1})",
    "cause": "Where the difference comes from",
    "cause_sum": "The causes add up to the difference: {0} per message.",
    "factor": "cause",
    "share": "share of the difference",
    "rest": "the other causes together",
    "usd_message": "US$ per message",
    "measured": "before → now",
    "figures": "Figures",
    "measure": "",
    "now": "last {0} h",
    "before": "{0} h before",
    "change": "change",
    "messages": "messages",
    "calls": "calls",
    "mean_usd": "cost of a message, US$",
    "mean_brl": "cost of a message, R$",
    "mean_eur": "cost of a message, €",
    "total_usd": "total, US$",
    "total_brl": "total, R$",
    "total_eur": "total, €",
    "tokens_in": "input tokens per message",
    "tokens_out": "output tokens per message",
    "cached": "input tokens from the cache",
    "unpriced": "calls without a price",
    "by_prompt": "By prompt version",
    "by_persona": "By persona",
    "by_locale": "By language",
    "by_model": "By model: share in the cost of a message",
    "by_purpose": "By purpose: share in the cost of a message",
    "unknown": "unknown",
    "evaluation": "Evaluations of the last {0} hours are not included. Calls: {1}; cost: {2}.",
}
PT: Mapping[str, str] = {
    "name": "Custo por mensagem",
    "mean_now": "Uma mensagem custou em média {0} nas últimas {1} horas",
    "mean_now_scope": "Uma mensagem para {2} custou em média {0} nas últimas {1} horas",
    "hour_now": "Na última hora, uma mensagem custou em média {0}",
    "hour_now_scope": "Na última hora, uma mensagem para {1} custou em média {0}",
    "dearer": "{0} a mais que antes ({1})",
    "cheaper": "{0} a menos que antes ({1})",
    "same": "o mesmo que antes ({0})",
    "nothing_before": "não se sabe quanto custava antes",
    "from_nothing": "antes, não custava nada",
    "because": "Causa principal: {0}",
    "unpriced_now": "Chamadas sem preço nas últimas {2} horas: {0} de {1} ({3}); o custo por mensagem é incerto",
    "no_comparison": "Não dá para comparar o custo por mensagem: {0}",
    "no_comparison_scope": "Não dá para comparar o custo por mensagem para {1}: {0}",
    "silent_since": "não chega nenhuma mensagem desde {0}",
    "nothing": "Não chegou nenhuma mensagem nas últimas {0} horas, por isso não se sabe quanto custa uma",
    "all_unpriced": "Nenhuma mensagem das últimas {0} horas tem custo conhecido. Chamadas sem preço: {1} de {2}",
    "alert": "alerta",
    "no_data": "sem dados",
    "until": "Números até {0}.",
    "simulated": "simulado",
    "simulated_note": "Mensagens simuladas, pois não há reais: nada foi cobrado, e o preço é o de outro modelo.",
    "prices": "Preços: {0}.",
    "no_prices": "Nenhum preço foi usado.",
    "rates": "Reais e euros pelo câmbio de {0} ({1}; idade em dias: {2}).",
    "rates_old": "Reais e euros pelo câmbio de {0} ({1}): tem {2} dias; informe um mais recente em prices.yaml.",
    "rates_partial": "Falta o câmbio de parte dos dólares: os valores marcados com ≥ são mínimos.",
    "no_rates": "Não há câmbio definido para reais e euros.",
    "by_hour": "Hora a hora",
    "of_scope": "para {0}",
    "chart_title": "Custo médio por mensagem, hora a hora, em 48 horas, US$",
    "chart_desc": "Nas 24 horas anteriores: {0} por mensagem; nas últimas 24: {1}. O alerta diário começa acima de "
    "{2}. Os mesmos números estão na tabela abaixo.",
    "hour": "cada hora",
    "hour_tip": "{0}: {1} por mensagem; mensagens: {2}",
    "hour_empty": "{0}: nenhuma mensagem",
    "hour_unpriced": "{0}: custo desconhecido; mensagens: {1}",
    "mean_last": "últimas 24 h: {0}",
    "mean_before": "24 h anteriores: {0}",
    "threshold": "alerta diário acima de {0}",
    "off_scale": "fora da escala",
    "hours_table": "Tabela de horas",
    "from": "início ({0})",
    "landed": "O que mudou nesse período",
    "more": "mais {0}",
    "landed_line": "{0}, desde {1}",
    "landed_file": "{0}, alterado em {1}",
    "landed_by": "{0}, de {1}",
    "landed_unknown": "o repositório não mostra em que commit entrou",
    "pull_request": "pull request {0}",
    "what_prompt": "prompt {0}, versão {1}",
    "what_snapshot": "versão por trás de {0}: {1}",
    "what_price_list": "tabela de preços de {0}: {1}",
    "what_model": "modelo ({0}): {1}",
    "what_price": "preço de {0}: {1}",
    "what_file": "arquivo {0} ({1})",
    "cause": "De onde vem a diferença",
    "cause_sum": "A soma das causas dá a diferença: {0} por mensagem.",
    "factor": "causa",
    "share": "parte da diferença",
    "rest": "as outras causas, somadas",
    "usd_message": "US$ por mensagem",
    "measured": "antes → agora",
    "figures": "Números",
    "measure": "",
    "now": "últimas {0} h",
    "before": "{0} h anteriores",
    "change": "variação",
    "messages": "mensagens",
    "calls": "chamadas",
    "mean_usd": "custo por mensagem, US$",
    "mean_brl": "custo por mensagem, R$",
    "mean_eur": "custo por mensagem, €",
    "total_usd": "total, US$",
    "total_brl": "total, R$",
    "total_eur": "total, €",
    "tokens_in": "tokens de entrada por mensagem",
    "tokens_out": "tokens de saída por mensagem",
    "cached": "tokens de entrada vindos do cache",
    "unpriced": "chamadas sem preço",
    "by_prompt": "Por versão do prompt",
    "by_persona": "Por persona",
    "by_locale": "Por idioma",
    "by_model": "Por modelo: peso no custo por mensagem",
    "by_purpose": "Por finalidade: peso no custo por mensagem",
    "unknown": "desconhecido",
    "evaluation": "As avaliações das últimas {0} horas ficam de fora. Chamadas: {1}; custo: {2}.",
}
PORTUGAL: Mapping[str, str] = {
    "what_file": "ficheiro {0} ({1})",
    "no_comparison": "Não é possível comparar o custo por mensagem: {0}",
    "no_comparison_scope": "Não é possível comparar o custo por mensagem para {1}: {0}",
    "dearer": "mais {0} do que antes ({1})",
    "cheaper": "menos {0} do que antes ({1})",
    "rates": "Reais e euros ao câmbio de {0} ({1}; idade em dias: {2}).",
    "rates_old": "Reais e euros ao câmbio de {0} ({1}): tem {2} dias; indique um mais recente em prices.yaml.",
    "rates_partial": "Falta o câmbio de parte dos dólares: os valores marcados com ≥ são mínimos.",
    "by_locale": "Por língua",
    "landed": "O que mudou entretanto",
    "chart_title": "Custo médio por mensagem, hora a hora, em 48 horas, USD",
    "usd_message": "USD por mensagem",
    "mean_usd": "custo por mensagem, USD",
    "mean_brl": "custo por mensagem, BRL",
    "total_usd": "total, USD",
    "total_brl": "total, BRL",
    "cached": "tokens de entrada vindos da cache",
}


def _factors(locale: Locale) -> Mapping[str, str]:
    """The names that the notices use, whether the factor made messages dearer or cheaper: its sum has the sign."""
    names: dict[str, str] = {factor: TEXTS[locale][f"factor_{factor}"] for factor in FACTORS}
    return {**names, **{f"{factor}_less": name for factor, name in names.items()}}


_TEXTS: Mapping[Locale, Mapping[str, str]] = {
    "en": {**EN, **_factors("en")},
    "pt-BR": {**PT, **_factors("pt-BR")},
    "pt-PT": {**PT, **PORTUGAL, **_factors("pt-PT")},
}
_WHOLE, _SMALL = 1.0, 0.01


def words_of(locale: Locale) -> Wording:
    """The templates for a locale."""
    return Wording(locale, _TEXTS[locale])


def amount(
    value: Decimal | float | None, words: Wording, signed: bool = False, beside: Decimal | float | None = None
) -> str:
    """A sum without its currency: cents where there are whole units, more digits where there are none.

    As many as that of the larger, where it stands `beside` another.
    """
    if value is None:
        return words.say("unknown")
    size = max(abs(float(value)), abs(float(beside or 0)))
    digits = 2 if size >= _WHOLE else 4 if size >= _SMALL else 6
    return words.number(float(value), digits, signed)


def dollars(value: Decimal | float | None, words: Wording) -> str:
    """US dollars, such as `US$ 0.000412`; in Portugal `0,000412 USD`."""
    if value is None:
        return words.say("unknown")
    return f"{amount(value, words)}\u00a0USD" if words.locale == "pt-PT" else f"US$\u00a0{amount(value, words)}"


def percent(share: float, words: Wording) -> str:
    """A share in per cent, with a digit where it is small."""
    digits = 0 if abs(share) >= 0.1 or not share else 1
    space = "\u00a0" if words.locale == "pt-PT" else ""
    return f"{words.number(100 * share, digits)}{space}%"


def moment(at: datetime, words: Wording) -> str:
    """Day and time where the reader is, such as `21 Nov 14:00`: as in the notices, UTC in English."""
    there = local(at, words.locale)
    return f"{there:%d %b %H:%M}" if words.locale == "en" else f"{there:%d/%m %H:%M}"


def zoned(at: datetime, words: Wording) -> str:
    """The same with the zone that is meant: `21 Nov 14:00 UTC`, `21/11 11:00 (horário de Brasília)`."""
    zone = zone_name(words.locale)
    return f"{moment(at, words)} {zone if words.locale == 'en' else f'({zone})'}"


def clock(at: datetime, words: Wording) -> str:
    """The time alone: `14:00`."""
    return f"{local(at, words.locale):%H:%M}"
