"""What the page and the chart of a message's cost say, in English and in Portuguese.

The Portuguese reads well in Brazil and in Portugal; where they differ, Portugal has words of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from evals.wording import Wording
from matria.messages import Locale

EN: Mapping[str, str] = {
    "name": "Cost of a message",
    "mean_now": "A message costs {0} on average over the last {1} hours",
    "mean_now_scope": "A message to {2} costs {0} on average over the last {1} hours",
    "hour_now": "A message of the last hour cost {0} on average",
    "hour_now_scope": "A message to {1} cost {0} on average in the last hour",
    "dearer": "{0} more than before ({1})",
    "cheaper": "{0} less than before ({1})",
    "same": "as much as before ({0})",
    "nothing_before": "and of the time before nothing is known",
    "from_nothing": "where it cost nothing before",
    "because": "mostly because of {0}",
    "unpriced_now": "{0} of {1} calls of the last {2} hours ({3}) have no price, so what a message costs is a guess",
    "too_few": "There is too little to compare: {0} messages with a known cost in the last {2} hours, {1} before",
    "nothing": "No message came in the last {0} hours, so nobody knows what one costs",
    "all_unpriced": "No message of the last {0} hours has a known cost: {1} of {2} calls have no price",
    "alert": "alert",
    "no_data": "no data",
    "until": "Until {0} UTC.",
    "simulated": "simulated",
    "simulated_note": "The simulator answered: nothing was billed, another model's price stands in.",
    "prices": "Prices: {0}.",
    "no_prices": "No price was used.",
    "rates": "Reais and euros by the rates of {0} ({1}), {2} days old.",
    "rates_old": "Reais and euros by the rates of {0} ({1}): {2} days old, newer ones are to be set in prices.yaml.",
    "no_rates": "No rate is set for reais and euros.",
    "by_hour": "Hour by hour",
    "of_scope": "of {0}",
    "chart_title": "Mean cost of a message in each of 48 hours, US$",
    "chart_desc": "The 24 hours before: {0} a message; the last 24: {1}. The day's alert begins above {2}. "
    "The same figures are in the table below.",
    "hour": "an hour",
    "hour_tip": "{0} UTC: {1} a message, {2} messages",
    "hour_empty": "{0} UTC: no message",
    "hour_unpriced": "{0} UTC: {1} messages, cost unknown",
    "mean_last": "last 24 h: {0}",
    "mean_before": "24 h before: {0}",
    "threshold": "the day's alert: {0}",
    "off_scale": "higher than shown",
    "hours_table": "The hours as a table",
    "from": "from (UTC)",
    "landed": "What changed meanwhile",
    "more": "{0} more",
    "landed_line": "{0}: first message {1} UTC",
    "landed_file": "{0}: {1} UTC",
    "landed_by": "{0} by {1}",
    "landed_unknown": "the repository does not tell which commit brought it",
    "pull_request": "pull request {0}",
    "what_prompt": "prompt {0}, version {1}",
    "what_snapshot": "snapshot of {0}: {1}",
    "what_price_list": "price list {0}: {1}",
    "what_model": "model {0}: {1}",
    "what_price": "price of {0}: {1}",
    "what_file": "file {0}: {1}",
    "cause": "What the change comes from",
    "cause_sum": "The parts sum to the change: {0} a message.",
    "factor": "part",
    "share": "share of the change",
    "rest": "the rest together",
    "usd_message": "US$ a message",
    "measured": "before → now",
    "price": "higher prices",
    "price_less": "lower prices",
    "prompt_tokens": "longer prompt text",
    "prompt_tokens_less": "shorter prompt text",
    "context_tokens": "longer conversations and notes",
    "context_tokens_less": "shorter conversations and notes",
    "output_tokens": "longer answers",
    "output_tokens_less": "shorter answers",
    "caching": "less read from the cache",
    "caching_less": "more read from the cache",
    "model_mix": "dearer models that answer",
    "model_mix_less": "cheaper models that answer",
    "retries": "more retries",
    "retries_less": "fewer retries",
    "judges": "more judging",
    "judges_less": "less judging",
    "moderation": "more moderation",
    "moderation_less": "less moderation",
    "traffic_mix": "more messages of the dearer kinds",
    "traffic_mix_less": "more messages of the cheaper kinds",
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
    "tokens_in": "tokens in, a message",
    "tokens_out": "tokens out, a message",
    "cached": "tokens in from a cache",
    "unpriced": "calls without a price",
    "by_prompt": "By prompt version",
    "by_persona": "By persona",
    "by_locale": "By language",
    "by_model": "By model: its part of a message's cost",
    "by_purpose": "By purpose: its part of a message's cost",
    "unknown": "unknown",
    "evaluation": "Evaluations of the last {0} hours are not in it: {1} calls, {2}.",
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
    "nothing_before": "e não se sabe quanto custava antes",
    "from_nothing": "quando antes não custava nada",
    "because": "principalmente por causa de {0}",
    "unpriced_now": "{0} de {1} chamadas das últimas {2} horas ({3}) não têm preço, por isso o custo é só uma "
    "estimativa",
    "too_few": "Há poucas mensagens para comparar: {0} com custo conhecido nas últimas {2} horas, {1} antes",
    "nothing": "Nenhuma mensagem chegou nas últimas {0} horas, por isso não se sabe quanto custa uma",
    "all_unpriced": "Nenhuma mensagem das últimas {0} horas tem custo conhecido: {1} de {2} chamadas não têm preço",
    "alert": "alerta",
    "no_data": "sem dados",
    "until": "Até {0} UTC.",
    "simulated": "simulado",
    "simulated_note": "Foi o simulador que respondeu: nada foi cobrado, e o preço é o de outro modelo.",
    "prices": "Preços: {0}.",
    "no_prices": "Nenhum preço foi usado.",
    "rates": "Reais e euros pelo câmbio de {0} ({1}), de {2} dias atrás.",
    "rates_old": "Reais e euros pelo câmbio de {0} ({1}): tem {2} dias; informe um mais recente em prices.yaml.",
    "no_rates": "Não há câmbio definido para reais e euros.",
    "by_hour": "Hora a hora",
    "of_scope": "de {0}",
    "chart_title": "Custo médio por mensagem em cada uma de 48 horas, US$",
    "chart_desc": "Nas 24 horas anteriores: {0} por mensagem; nas últimas 24: {1}. O alerta do dia começa acima de "
    "{2}. Os mesmos números estão na tabela abaixo.",
    "hour": "uma hora",
    "hour_tip": "{0} UTC: {1} por mensagem, {2} mensagens",
    "hour_empty": "{0} UTC: nenhuma mensagem",
    "hour_unpriced": "{0} UTC: {1} mensagens, custo desconhecido",
    "mean_last": "últimas 24 h: {0}",
    "mean_before": "24 h anteriores: {0}",
    "threshold": "alerta do dia: {0}",
    "off_scale": "mais alto do que cabe aqui",
    "hours_table": "As horas em tabela",
    "from": "a partir de (UTC)",
    "landed": "O que mudou nesse período",
    "more": "mais {0}",
    "landed_line": "{0}: primeira mensagem em {1} UTC",
    "landed_file": "{0}: {1} UTC",
    "landed_by": "{0}, de {1}",
    "landed_unknown": "o repositório não diz de que commit veio",
    "pull_request": "pull request {0}",
    "what_prompt": "prompt {0}, versão {1}",
    "what_snapshot": "versão de {0}: {1}",
    "what_price_list": "lista de preços {0}: {1}",
    "what_model": "modelo {0}: {1}",
    "what_price": "preço de {0}: {1}",
    "what_file": "arquivo {0}: {1}",
    "cause": "De onde vem a mudança",
    "cause_sum": "As partes somam a mudança: {0} por mensagem.",
    "factor": "parte",
    "share": "parcela da mudança",
    "rest": "o resto, somado",
    "usd_message": "US$ por mensagem",
    "measured": "antes → agora",
    "price": "preços mais altos",
    "price_less": "preços mais baixos",
    "prompt_tokens": "texto do prompt mais longo",
    "prompt_tokens_less": "texto do prompt mais curto",
    "context_tokens": "conversas e notas mais longas",
    "context_tokens_less": "conversas e notas mais curtas",
    "output_tokens": "respostas mais longas",
    "output_tokens_less": "respostas mais curtas",
    "caching": "menos leitura do cache",
    "caching_less": "mais leitura do cache",
    "model_mix": "respostas de modelos mais caros",
    "model_mix_less": "respostas de modelos mais baratos",
    "retries": "mais tentativas repetidas",
    "retries_less": "menos tentativas repetidas",
    "judges": "mais avaliações de juízes",
    "judges_less": "menos avaliações de juízes",
    "moderation": "mais moderação",
    "moderation_less": "menos moderação",
    "traffic_mix": "mais mensagens dos tipos mais caros",
    "traffic_mix_less": "mais mensagens dos tipos mais baratos",
    "figures": "Números",
    "measure": "",
    "now": "últimas {0} h",
    "before": "{0} h anteriores",
    "change": "mudança",
    "messages": "mensagens",
    "calls": "chamadas",
    "mean_usd": "custo por mensagem, US$",
    "mean_brl": "custo por mensagem, R$",
    "mean_eur": "custo por mensagem, €",
    "total_usd": "total, US$",
    "total_brl": "total, R$",
    "total_eur": "total, €",
    "tokens_in": "tokens lidos por mensagem",
    "tokens_out": "tokens escritos por mensagem",
    "cached": "tokens lidos do cache",
    "unpriced": "chamadas sem preço",
    "by_prompt": "Por versão do prompt",
    "by_persona": "Por persona",
    "by_locale": "Por idioma",
    "by_model": "Por modelo: a parte de cada um no custo por mensagem",
    "by_purpose": "Por finalidade: a parte de cada uma no custo por mensagem",
    "unknown": "desconhecido",
    "evaluation": "As avaliações das últimas {0} horas ficam de fora: {1} chamadas, {2}.",
}
PORTUGAL: Mapping[str, str] = {
    "what_file": "ficheiro {0}: {1}",
    "dearer": "mais {0} do que antes ({1})",
    "cheaper": "menos {0} do que antes ({1})",
    "rates": "Reais e euros ao câmbio de {0} ({1}), de há {2} dias.",
    "rates_old": "Reais e euros ao câmbio de {0} ({1}): tem {2} dias; indique um mais recente em prices.yaml.",
    "by_locale": "Por língua",
    "caching": "menos leitura da cache",
    "caching_less": "mais leitura da cache",
    "cached": "tokens lidos da cache",
}
_TEXTS: Mapping[Locale, Mapping[str, str]] = {"en": EN, "pt-BR": PT, "pt-PT": {**PT, **PORTUGAL}}
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
    """US dollars, such as `US$ 0.000412`."""
    return words.say("unknown") if value is None else f"US$\u00a0{amount(value, words)}"


def percent(share: float, words: Wording) -> str:
    """A share in per cent, with a digit where it is small."""
    digits = 0 if abs(share) >= 0.1 or not share else 1
    space = "\u00a0" if words.locale == "pt-PT" else ""
    return f"{words.number(100 * share, digits)}{space}%"


def moment(at: datetime, words: Wording) -> str:
    """Day and time, such as `21 Nov 14:00`."""
    return f"{at:%d %b %H:%M}" if words.locale == "en" else f"{at:%d/%m %H:%M}"
