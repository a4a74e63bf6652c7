"""What reports say, in English and in Portuguese: templates by name, filled with figures.

The Portuguese reads well in Brazil and in Portugal; where they differ, Portugal has words of its own. Values are put
in as they are; whoever writes Markdown or HTML escapes them first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evals.forecast_words import FORECAST_EN, FORECAST_PORTUGAL, FORECAST_PT
from evals.gate_words import GATE_EN, GATE_PT
from evals.report_words import EN, PORTUGAL, PT
from evals.trust_words import TRUST_EN, TRUST_PORTUGAL, TRUST_PT
from matria.messages import Locale

_EN: Mapping[str, str] = {
    "improved": "Improved: better where it differs, and nowhere worse",
    "not_worse": "Not worse: no axis lost more than its margin",
    "inconclusive": "Undecided: the cases cannot tell",
    "blocked": "Blocked: this change makes answers worse",
    "error": "No verdict: the evaluation itself failed",
    "simulated": "simulated answers, promotes nothing",
    "no_rows": "Nothing was evaluated.",
    "answer_errors": "{0} of {1} {2} answers did not come ({3}: {4}); at most {5} may be missing.",
    "unasked_answers": "{0} of {1} {2} answers were not asked for: a cap was reached. The next run asks just those.",
    "grader_errors": "{0} of {1} criteria on the {2} side could not be graded; at most {3} may fail.",
    "never_event": "Never-event: in case {0} the answer now fails “{1}” ({2} of {3} answers).",
    "more_never_events": "{0} more never-events fail that did not fail before.",
    "axis_worse": "{0} is worse by {1} ({2} to {3}); {4} is tolerated.",
    "slice_worse": "{0} is worse by {1} ({2} to {3}) for {4}; {5} is tolerated.",
    "axis_undecided": "{0} may have lost up to {1} and {2} is tolerated: {3} cases cannot tell.",
    "few_with_loss": "{0} lost {1} on {2} conversations, too few to tell: {3} are needed.",
    "nothing_to_compare": "No case was asked of both versions: there is nothing to compare.",
    "nothing_decidable": "No axis has the {0} conversations that a comparison needs.",
    "identical": "Both sides are the same answers and grades: nothing that decides them differs.",
    "no_answer_changed": "No answer changed its grades.",
    "no_prompt_touched": "No prompt or guardrail differs from {0} in what decides answers: nothing was asked or spent.",
    "passed_with_waivers": "Passed with waivers ({0}): a named person accepts what got worse",
    "waived_never_event": "{0} accepts until {1} that case {3} fails its never-event {4}. Reason given: {2}.",
    "waived_axis": "{0} accepts until {1} that {3} gets worse under {4}. Reason given: {2}.",
    "waived_slice": "{0} accepts until {1} that {3} gets worse under {4} for {5}. Reason given: {2}.",
    "waiver_expired": "The waiver of {0} by {1} expired after {2} and lets nothing through.",
    "waiver_unused": "The waiver of {0} by {1} names none of these losses.",
    "started_title": "Evaluation running",
    "unfinished_title": "No verdict: the evaluation did not finish",
    "unfinished_note": "The log of this run says why. Nothing was decided.",
    "scored_only": "No verdict: nothing was compared with a base",
    "gap_untested": "No suite asked {0}: what nobody has tested cannot pass.",
    "gap_new": "{0} is new: there is nothing to hold it against, so a person has to read its answers.",
    "gap_removed": "{0} is no longer there: no suite can say what its going does, so a person has to.",
    "gap_lost_suites": "Suites that the base had are gone: {0}. What they looked for is looked for by nobody.",
    "gap_lost_never_events": "Never-events that the base had are gone: {0}.",
    "gap_lost_cases": "Cases that the base had are gone: {0}.",
    "gap_left_out": "The change also touches {0}, which this evaluation left out.",
    "gap_unreadable": "What answered the base cannot be read by this version, so the head's rails answered both: {0}",
    "gap_snapshots": "Two versions of the model answered, {0} the base and {1} the head: run again with --fresh.",
    "axis_better": "{0} is better by {1} ({2} to {3}).",
    "within_margins": "{0} axes lie within their margins.",
    "one_within_margin": "{0} lies within its margin.",
    "too_few": "{0}: {1} cases of {2} conversations, too few to tell ({3} conversations are needed).",
    "standing_never_event": "Case {0} fails the never-event “{1}” before and after.",
    "unpaired": "{0} cases were asked of one version only and are not compared.",
    "quality": "quality",
    "danger_signs": "danger signs",
    "medication_safety": "medication safety",
    "accuracy": "accuracy",
    "completeness": "completeness",
    "tone": "tone",
    "language": "language",
    "scope": "scope",
    "privacy": "privacy",
    "security": "security",
    "general": "general",
    "overall": "overall",
    "better": "better",
    "unchanged": "unchanged",
    "axis_not_worse": "not worse",
    "axis_inconclusive": "undecided",
    "worse": "worse",
    "axis_too_few": "too few cases",
    "what_changed": "What changed",
    "by_axis": "By axis",
    "axis": "axis",
    "cases": "cases",
    "base": "base",
    "head": "head",
    "difference": "difference",
    "interval": "interval",
    "margin": "margin",
    "result": "result",
    "read_first": "Regressions to read first",
    "more_regressions": "{0} more regressions are in the report.",
    "improvements": "Improvements ({0})",
    "slices": "By locale, persona and stage",
    "slice": "slice",
    "question": "Question",
    "before": "Before",
    "after": "After",
    "criterion": "Criterion",
    "failed_of": "failed {0} of {1}",
    "never_graded": "not graded",
    "look_closer": "Look closer",
    "cost": "Cost",
    "cost_line": "{0} an answer, {1} before ({2} priced); {3} tokens in and {4} out.",
    "cost_unknown": "unknown",
    "moderation": "Moderation",
    "moderation_line": "{0}: {1} of {2} answers, {3} of {4} before.",
    "moderation_none": "No question or answer was stopped by a rail.",
    "reproduce": "Reproduce",
    "fact_model": "model",
    "fact_suites": "suites",
    "fact_policy": "policy",
    "fact_commit": "git commit",
    "fact_touched": "touched through",
    "fact_answers": "answers",
    "fact_answer_counts": "{0} asked, {1} known before",
    "fact_left": "left to ask",
    "fact_left_rows": "{0} rows, about {1}: {2}",
    "left_unpriced": "an unknown price",
    "notes": "Notes",
    "never": "never-event",
    "all_answers": "All answers",
    "score": "score",
    "met": "met",
    "not_met": "not met",
    "grader_error": "grader error",
    "no_answer": "no answer",
    "simulated_note": "The bundled simulator answered. It shows that the evaluation works, not how good the prompt is.",
    "folded": "Shortened: the report has the rest.",
    "filter": "Show only cases that changed",
    "answer": "Answer",
    "scores": "Scores",
    "prompt": "prompt",
    "shown": "Shown to her instead",
    "changed": "changed",
}
_PT: Mapping[str, str] = {
    "improved": "Melhorou: onde há diferença é para melhor, e nada piorou",
    "not_worse": "Não é pior: nenhum eixo perdeu mais do que a sua margem",
    "inconclusive": "Inconclusivo: os casos não bastam para decidir",
    "blocked": "Bloqueado: esta alteração piora as respostas",
    "error": "Sem veredito: a própria avaliação falhou",
    "simulated": "respostas simuladas, nada é promovido",
    "no_rows": "Nada foi avaliado.",
    "answer_errors": "{0} de {1} respostas ({2}) não chegaram ({3}: {4}); podem faltar no máximo {5}.",
    "unasked_answers": "{0} de {1} respostas ({2}) não foram pedidas: um limite foi atingido. A próxima execução pede "
    "só essas.",
    "grader_errors": "{0} de {1} critérios ({2}) não puderam ser avaliados; podem falhar no máximo {3}.",
    "never_event": "Falha inadmissível: no caso {0}, a resposta agora falha no critério “{1}” ({2} de {3} respostas).",
    "more_never_events": "Outras falhas inadmissíveis que antes não ocorriam: {0}.",
    "axis_worse": "{0}: pior em {1} ({2} a {3}); tolera-se {4}.",
    "slice_worse": "{0}: pior em {1} ({2} a {3}) para {4}; tolera-se {5}.",
    "axis_undecided": "{0}: pode ter perdido até {1} e tolera-se {2}; {3} casos não bastam para decidir.",
    "few_with_loss": "{0}: perdeu {1} em {2} conversas, poucas para decidir; são necessárias {3}.",
    "nothing_to_compare": "Nenhum caso foi respondido pelas duas versões: não há nada para comparar.",
    "nothing_decidable": "Nenhum eixo tem as {0} conversas necessárias para comparar.",
    "identical": "Os dois lados são as mesmas respostas e avaliações: nada do que as decide mudou.",
    "no_answer_changed": "Nenhuma resposta mudou de avaliação.",
    "no_prompt_touched": "Nenhum prompt ou guardrail difere de {0} no que decide as respostas: nada foi perguntado nem "
    "gasto.",
    "passed_with_waivers": "Passa com dispensas ({0}): alguém, com nome e prazo, aceita o que piorou",
    "waived_never_event": "{0} aceita até {1} que o caso {3} tenha a falha inadmissível {4}. Motivo indicado: {2}.",
    "waived_axis": "{0} aceita até {1} uma perda no eixo {3} em {4}. Motivo indicado: {2}.",
    "waived_slice": "{0} aceita até {1} uma perda no eixo {3} em {4} para {5}. Motivo indicado: {2}.",
    "waiver_expired": "A dispensa de {0} por {1} valeu até {2} e já não vale.",
    "waiver_unused": "A dispensa de {0} por {1} não diz respeito a nenhuma destas perdas.",
    "started_title": "A avaliação começou",
    "unfinished_title": "Sem veredito: a avaliação não terminou",
    "unfinished_note": "O motivo está no log desta execução. Nada foi decidido.",
    "scored_only": "Sem veredito: não houve comparação com uma base",
    "gap_untested": "Nenhuma suíte de casos testou {0}: o que ninguém testou não pode ser aprovado.",
    "gap_new": "{0} é novo: não há com o que comparar; alguém precisa ler as respostas.",
    "gap_removed": "{0} deixou de existir: nenhuma suíte de casos mostra o efeito disso; alguém precisa avaliar.",
    "gap_lost_suites": "Suítes de casos que existiam na base foram retiradas: {0}. Ninguém mais verifica o que viam.",
    "gap_lost_never_events": "Falhas inadmissíveis que a base verificava deixaram de ser verificadas: {0}.",
    "gap_lost_cases": "Casos que existiam na base foram retirados: {0}.",
    "gap_left_out": "A mudança também atinge {0}, que ficou fora desta avaliação.",
    "gap_unreadable": "Esta versão não consegue ler o que respondia na base, e as barreiras atuais responderam "
    "pelos dois lados: {0}",
    "gap_snapshots": "Duas versões do modelo responderam, {0} a base e {1} a mudança: rode de novo com --fresh.",
    "axis_better": "{0}: melhor em {1} ({2} a {3}).",
    "within_margins": "{0} eixos estão dentro das suas margens.",
    "one_within_margin": "{0}: dentro da sua margem.",
    "too_few": "{0}: poucos casos para decidir (casos: {1}; conversas: {2}, são necessárias {3}).",
    "standing_never_event": "Falha inadmissível antes e depois: no caso {0}, a resposta falha no critério “{1}”.",
    "unpaired": "Casos respondidos por só uma das versões, que não entram na comparação: {0}.",
    "quality": "qualidade",
    "danger_signs": "sinais de alerta",
    "medication_safety": "segurança dos medicamentos",
    "accuracy": "exatidão",
    "completeness": "completude",
    "tone": "tom",
    "language": "língua",
    "scope": "âmbito",
    "privacy": "privacidade",
    "security": "segurança contra ataques",
    "general": "geral",
    "overall": "global",
    "better": "melhor",
    "unchanged": "igual",
    "axis_not_worse": "não é pior",
    "axis_inconclusive": "inconclusivo",
    "worse": "pior",
    "axis_too_few": "poucos casos",
    "what_changed": "O que mudou",
    "by_axis": "Por eixo",
    "axis": "eixo",
    "cases": "casos",
    "base": "antes",
    "head": "depois",
    "difference": "diferença",
    "interval": "intervalo",
    "margin": "margem",
    "result": "resultado",
    "read_first": "O que piorou: ler primeiro",
    "more_regressions": "Outros casos que pioraram, no relatório: {0}.",
    "improvements": "Melhorias ({0})",
    "slices": "Por idioma, persona e fase",
    "slice": "grupo",
    "question": "Pergunta",
    "before": "Antes",
    "after": "Depois",
    "criterion": "Critério",
    "failed_of": "falhou em {0} de {1}",
    "never_graded": "não avaliado",
    "look_closer": "Para ver em detalhe",
    "cost": "Custo",
    "cost_line": "{0} por resposta, antes {1} ({2} com preço); {3} tokens de entrada e {4} de saída.",
    "cost_unknown": "desconhecido",
    "moderation": "Moderação",
    "moderation_line": "{0}: {1} de {2} respostas, antes {3} de {4}.",
    "moderation_none": "Nenhuma pergunta ou resposta foi retida pelos filtros.",
    "reproduce": "Reproduzir",
    "fact_model": "modelo",
    "fact_suites": "conjuntos de casos",
    "fact_policy": "limites (policy.yaml)",
    "fact_commit": "commit do git",
    "fact_touched": "o que mudou",
    "fact_answers": "respostas",
    "fact_answer_counts": "{0} pedidas, {1} já conhecidas",
    "fact_left": "falta pedir",
    "fact_left_rows": "{0} linhas, cerca de {1}: {2}",
    "left_unpriced": "preço desconhecido",
    "notes": "Notas",
    "never": "falha inadmissível",
    "all_answers": "Todas as respostas",
    "score": "pontuação",
    "met": "cumprido",
    "not_met": "não cumprido",
    "grader_error": "erro do avaliador",
    "no_answer": "sem resposta",
    "simulated_note": "Respostas do simulador incluído: mostram que a avaliação funciona, não que o prompt seja bom.",
    "folded": "Abreviado: o resto está no relatório.",
    "filter": "Mostrar só os casos que mudaram",
    "answer": "Resposta",
    "scores": "Pontuações",
    "prompt": "prompt",
    "shown": "Mostrado em vez disso",
    "changed": "mudou",
}


@dataclass(frozen=True)
class Wording:
    """The templates of one language."""

    locale: Locale
    texts: Mapping[str, str]

    def say(self, name: str, *values: object) -> str:
        """The template `name` with its figures."""
        return self.texts[name].format(*values)

    def number(self, value: float | None, digits: int = 2, signed: bool = False) -> str:
        """A figure as the language writes it; a dash where there is none."""
        if value is None:
            return "–"
        text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
        text = text[1:] if text[0] in "+-" and not float(text) else text
        text = text.replace("-", "−")
        return text if self.locale == "en" else text.replace(".", ",")

    def count(self, value: float) -> str:
        """A whole number with its thousands apart."""
        text = f"{value:,.0f}"
        return text if self.locale == "en" else text.replace(",", "." if self.locale == "pt-BR" else "\u00a0")

    def share(self, value: float) -> str:
        """A share in per cent."""
        return f"{value:.0%}".replace("%", "\u00a0%") if self.locale == "pt-PT" else f"{value:.0%}"


_TEXTS: Mapping[Locale, Mapping[str, str]] = {
    "en": {**_EN, **GATE_EN, **EN, **FORECAST_EN, **TRUST_EN},
    "pt-BR": {**_PT, **GATE_PT, **PT, **FORECAST_PT, **TRUST_PT},
    "pt-PT": {
        **_PT,
        **GATE_PT,
        **PT,
        **FORECAST_PT,
        **TRUST_PT,
        **PORTUGAL,
        **FORECAST_PORTUGAL,
        **TRUST_PORTUGAL,
    },
}


def wording(locale: Locale) -> Wording:
    """The templates for a locale."""
    return Wording(locale, _TEXTS[locale])
