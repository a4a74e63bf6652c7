"""What the gate says of its tests: sentences by name, in English and in Portuguese; `evals.wording` reads them."""

from collections.abc import Mapping

GATE_EN: Mapping[str, str] = {
    "axis_undecided_needs": (
        "{0} may have lost up to {1} and {2} is tolerated: {3} cases can see a loss of {4}; {2} needs {5}."
    ),
    "axis_not_certain": (
        "{0}: the interval ({1} to {2}) lies on one side of the margin, −{3}, but {4} conversations and several axes "
        "looked at do not make that certain."
    ),
    "slice_collapse": "{0} lost {1} ({2} to {3}) for {4}, on {5} conversations: a mean that passes must not hide it.",
    "more_slices": "The same holds for {0} more parts of the cases.",
    "unadjusted": (
        "Each interval stands for itself; the result beside it also reckons with the {0} axes that were tested "
        "together."
    ),
    "better_not_certain": (
        "{0}: the interval ({1} to {2}) lies above 0, but {3} conversations and several axes looked at do not make it "
        "certain enough to be called better."
    ),
    "unseen": "What could go unseen: in {0}, {1} cases can see a loss of {2}; the margin, {3}, needs {4}.",
    "small_slices": (
        "{0} parts of the cases have fewer than {1} conversations in an axis, and nothing is said of them there: {2}."
    ),
    "more_standing_never_events": "{0} more never-events fail before and after.",
    "unconfirmed_never_event": (
        "Case {0} failed the never-event “{1}”, and not when it was asked again ({2} of {3} answers): unsteady, it "
        "does not block."
    ),
    "unknown_never_event": (
        "Case {0} passed the never-event “{1}” before, and nobody knows whether it does now: the answer did not come, "
        "or could not be graded. Evaluate again."
    ),
    "more_unknown_never_events": "Of {0} more never-events that passed before nobody knows either.",
    "still_unknown_never_event": (
        "Case {0}: nobody knows whether the answer now fails the never-event “{1}”; it is not known to have passed "
        "before."
    ),
    "newly_stopped": (
        "{0} of {1} conversations were answered before and are not any more: the rails stop what she would have read; "
        "at most {2} may be."
    ),
    "newly_stopped_few": "Answered before and not any more, as few as is tolerated: {0} of {1} conversations.",
    "stopped_answer": "Case {0}: {1} ({2}).",
    "answered_again": "Stopped before and answered now: {0} conversations.",
    "stopped_share": (
        "{0} of {1} answers would be shown to nobody, more than {2} ({3} before): a score says nothing of an answer "
        "that she does not see."
    ),
    "waived_stopped": "{0} accepts until {1} that the answer of case {3} is stopped. Reason given: {2}.",
    "would_see": "What she would see: {0}.",
    "see_answered": "{0} answers",
    "see_cared": "{0} care",
    "see_refused": "{0} refused",
    "see_withheld": "{0} withheld",
    "see_rewritten": "{0} rewritten",
    "see_unchecked": "{0} unchecked",
    "own_gate": (
        "This change moves thresholds of its own gate ({0}) and would pass by the new ones alone. By those of the base:"
    ),
    "gate_moved": "This change moves thresholds of the gate itself, to which a person has to agree: {0}.",
}
GATE_PT: Mapping[str, str] = {
    "axis_undecided_needs": (
        "{0}: pode ter perdido até {1} e tolera-se {2}; com {3} casos percebe-se uma perda a partir de "
        "{4}, e para perceber uma de {2} são necessários {5}."
    ),
    "axis_not_certain": (
        "{0}: o intervalo ({1} a {2}) fica todo do mesmo lado da margem, −{3}, mas {4} conversas e vários eixos "
        "testados em conjunto não bastam para ter certeza."
    ),
    "slice_collapse": (
        "{0}: perdeu {1} ({2} a {3}) para {4}, em {5} conversas; uma média aceitável não pode esconder isso."
    ),
    "more_slices": "O mesmo vale para outros grupos de casos: {0}.",
    "unadjusted": (
        "Cada intervalo vale por si; o resultado ao lado leva também em conta os {0} eixos testados em conjunto."
    ),
    "better_not_certain": (
        "{0}: o intervalo ({1} a {2}) fica acima de 0, mas {3} conversas e vários eixos testados em conjunto não "
        "bastam para dizer que melhorou."
    ),
    "unseen": (
        "O que pode passar despercebido: em {0}, com {1} casos só se percebe uma perda a partir de {2}; para "
        "perceber a margem, {3}, são necessários {4}."
    ),
    "small_slices": (
        "Grupos de casos ({0}) em que algum eixo tem menos de {1} conversas, e por isso nada se conclui ali: {2}."
    ),
    "more_standing_never_events": "Outras falhas inadmissíveis antes e depois: {0}.",
    "unconfirmed_never_event": (
        "No caso {0}, a falha inadmissível “{1}” não se repetiu quando a pergunta foi feita de novo ({2} de {3} "
        "respostas): resposta instável, não bloqueia."
    ),
    "unknown_never_event": (
        "No caso {0}, a falha inadmissível “{1}” antes não ocorria, e agora não se sabe: a resposta não chegou ou não "
        "pôde ser avaliada. É preciso avaliar de novo."
    ),
    "more_unknown_never_events": "Outras falhas inadmissíveis que antes não ocorriam e das quais nada se sabe: {0}.",
    "still_unknown_never_event": (
        "No caso {0}, não se sabe se a falha inadmissível “{1}” ocorre agora; tampouco se sabe que antes não ocorria."
    ),
    "newly_stopped": (
        "{0} de {1} conversas antes tinham resposta e agora não têm: os filtros retêm o que ela leria; tolera-se no "
        "máximo {2}."
    ),
    "newly_stopped_few": "Antes com resposta e agora sem, dentro do que se tolera: {0} de {1} conversas.",
    "stopped_answer": "Caso {0}: {1} ({2}).",
    "answered_again": "Conversas retidas antes e agora com resposta: {0}.",
    "stopped_share": (
        "{0} de {1} respostas não seriam mostradas a ninguém, mais do que {2} (antes: {3}): a pontuação nada diz "
        "de uma resposta que ela não vê."
    ),
    "waived_stopped": "{0} aceita até {1} que a resposta do caso {3} seja retida. Motivo indicado: {2}.",
    "would_see": "O que ela veria: {0}.",
    "see_answered": "{0} respostas",
    "see_cared": "{0} acolhimentos",
    "see_refused": "{0} perguntas retidas",
    "see_withheld": "{0} respostas retidas",
    "see_rewritten": "{0} com parte retirada",
    "see_unchecked": "{0} sem verificação",
    "own_gate": (
        "Esta alteração muda limites da sua própria avaliação ({0}) e só passaria com os novos. Pelos da base:"
    ),
    "gate_moved": "Esta alteração muda limites da própria avaliação, e alguém tem de concordar com isso: {0}.",
}
