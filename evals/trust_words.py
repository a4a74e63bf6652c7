"""What the gate and its reports say of judges, in English and in Portuguese; `evals.wording` reads them.

`TRUST_PORTUGAL` holds only what differs from `TRUST_PT`.
"""

from collections.abc import Mapping

TRUST_EN: Mapping[str, str] = {
    "inconclusive_judges": "Undecided: it rests on a judge that nurses have not confirmed",
    "none_decides": (
        "Rules, nurses and judges that nurses have confirmed graded too little to decide; all else informs."
    ),
    "rests_unmeasured": "What would decide rests on the judge {0}, which has never been held against nurses.",
    "rests_few": (
        "What would decide rests on the judge {0}, of which nurses have read {1} answers; {2} are needed to trust it."
    ),
    "rests_unclear": (
        "What would decide rests on the judge {0}, of which nurses have read {1} answers; these do not tell yet: too "
        "few good or bad ones, too few readers, or too long ago."
    ),
    "rests_unsure": (
        "What would decide rests on the judge {0}, which agrees with nurses so far (n = {1}, κ {2}, sensitivity {3}, "
        "specificity {4}), on too few answers to be sure; each that they read makes it surer."
    ),
    "rests_untrusted": (
        "What would decide rests on the judge {0}, which does not agree with nurses well enough (n = {1}, κ {2}, "
        "sensitivity {3}, specificity {4})."
    ),
    "rests_simulated": (
        "What would decide rests on the judge {0}, which was held against simulated readings alone (n = {1}, κ {2}, "
        "sensitivity {3}, specificity {4}); for real answers that counts for nothing."
    ),
    "rests_gone": (
        "On the base the judge {0}, which nurses have confirmed, decides {1} criteria of the changed answers. Here {2} "
        "grades them, by other templates, another model, wording or axis, and nurses have not confirmed that."
    ),
    "informs_unmeasured": "The judge {0} informs and decides nothing here: it has never been held against nurses.",
    "informs_few": (
        "The judge {0} informs and decides nothing here: nurses have read {1} of its answers, and {2} are needed."
    ),
    "informs_unclear": (
        "The judge {0} informs and decides nothing here: nurses have read {1} of its answers, which do not tell yet: "
        "too few good or bad ones, too few readers, or too long ago."
    ),
    "informs_unsure": (
        "The judge {0} informs and decides nothing here: it agrees with nurses so far (n = {1}, κ {2}, sensitivity "
        "{3}, specificity {4}), on too few answers to be sure."
    ),
    "informs_untrusted": (
        "The judge {0} informs and decides nothing here: it does not agree with nurses well enough (n = {1}, κ {2}, "
        "sensitivity {3}, specificity {4})."
    ),
    "informs_simulated": (
        "The judge {0} informs and decides nothing here: it was held against simulated readings alone (n = {1}, κ {2}, "
        "sensitivity {3}, specificity {4})."
    ),
    "axes_inform": (
        "{0}: graded only by judges that nurses have not confirmed, so it is shown and is no part of the verdict."
    ),
    "all_graders_say": "With the judges that inform it would read: {0}.",
    "trust_moved": "This change decides anew which judges are trusted, to which a person has to agree: {0}.",
    "own_trust": (
        "This change decides anew which judges are trusted ({0}) and would pass by its own word alone. By that of the "
        "base:"
    ),
    "informs": "informs only",
    "trusted": "trusted",
    "untrusted": "below the bar",
    "trust_figures": "n = {0}, κ {1}, sens. {2}, spec. {3}: {4}",
    "trust_few": "n = {0}, not enough to tell",
    "trust_simulated": "simulated readings",
    "trust_informs": "“informs only”: nurses have not confirmed the judge, so it neither passes nor blocks.",
    "trust_corrected": "{0} on {1}: {2} good; corrected for its errors {3} ({4} to {5}).",
    "trust_clipped": "Reckoned, it lies beyond 0 to 100%: the judge errs otherwise here than where nurses read.",
    "trust_uncorrected": "{0} on {1}: {2} good; it is no better than chance, so there is nothing to correct by.",
    "waiting_unsure": "Of {0} answers nurses could not tell: nothing is decided by them, and they are not asked again.",
    "waiting_unsure_one": "Of one answer nurses could not tell: nothing is decided by it, and it is not asked again.",
    "waiting_queued": (
        "{0} answers wait for nurses, who read them blind. Until then nothing is decided by them; the next evaluation "
        "decides by what the nurses said."
    ),
    "waiting_queued_one": (
        "One answer waits for nurses, who read it blind. Until then nothing is decided by it; the next evaluation "
        "decides by what the nurses said."
    ),
    "waiting_unqueued": (
        "{0} answers should be read by nurses, and this run cannot reach their queue. Where it can be reached, queue "
        "them from this run's reports with {1}, and evaluate again there once they are read."
    ),
    "waiting_unqueued_one": (
        "One answer should be read by nurses, and this run cannot reach their queue. Where it can be reached, queue it "
        "from this run's reports with {1}, and evaluate again there once it is read."
    ),
    "waiting_simulated": (
        "{0} answers rest on a judge that nurses have not confirmed. They are the simulator's, which nobody is asked "
        "to read outside a trial week; to ask all the same: {1}."
    ),
    "waiting_simulated_one": (
        "One answer rests on a judge that nurses have not confirmed. It is the simulator's, which nobody is asked to "
        "read outside a trial week; to ask all the same: {1}."
    ),
    "waiting_full": (
        "{0} answers should be read by nurses, whose queue is full: once part of it is read, evaluate again to queue "
        "them."
    ),
    "waiting_full_one": (
        "One answer should be read by nurses, whose queue is full: once part of it is read, evaluate again to queue it."
    ),
    "waiting_more": "{0} more follow once these are read.",
    "rulings_one": "For one grade a nurse's reading of exactly this answer stands in the judge's place.",
    "rulings": "For {0} grades a nurse's reading of exactly this answer stands in the judge's place.",
}
TRUST_PT: Mapping[str, str] = {
    "inconclusive_judges": "Inconclusivo: depende de um juiz que a enfermagem não confirmou",
    "none_decides": (
        "O que foi avaliado por regras, pela enfermagem ou por juízes que ela confirmou não basta para decidir; o "
        "resto só informa."
    ),
    "rests_unmeasured": "O que decidiria depende do juiz {0}, que nunca foi comparado com a leitura da enfermagem.",
    "rests_few": (
        "O que decidiria depende do juiz {0}; das respostas que ele avaliou, a enfermagem leu {1}, e são "
        "necessárias {2} para confiar nele."
    ),
    "rests_unclear": (
        "O que decidiria depende do juiz {0}; das respostas que ele avaliou, a enfermagem leu {1}, o que ainda não "
        "basta: faltam respostas boas ou ruins, falta quem as leia, ou as leituras são antigas."
    ),
    "rests_unsure": (
        "O que decidiria depende do juiz {0}, que até agora concorda com a enfermagem (n = {1}, κ {2}, sensibilidade "
        "{3}, especificidade {4}), mas em poucas respostas para haver certeza; cada leitura a aumenta."
    ),
    "rests_untrusted": (
        "O que decidiria depende do juiz {0}, que não concorda o bastante com a enfermagem (n = {1}, κ {2}, "
        "sensibilidade {3}, especificidade {4})."
    ),
    "rests_simulated": (
        "O que decidiria depende do juiz {0}, comparado apenas com leituras simuladas (n = {1}, κ {2}, sensibilidade "
        "{3}, especificidade {4}), o que não vale para respostas reais."
    ),
    "rests_gone": (
        "Na base, o juiz {0}, que a enfermagem confirmou, decide {1} critérios das respostas que mudaram. Aqui eles "
        "são avaliados por {2}, com outras instruções, outro modelo, outro texto ou em outro eixo, e isso a "
        "enfermagem não confirmou."
    ),
    "informs_unmeasured": (
        "O juiz {0} só informa e não decide nada aqui: nunca foi comparado com a leitura da enfermagem."
    ),
    "informs_few": (
        "O juiz {0} só informa e não decide nada aqui: das respostas que ele avaliou, a enfermagem leu {1}, e são "
        "necessárias {2}."
    ),
    "informs_unclear": (
        "O juiz {0} só informa e não decide nada aqui: das respostas que ele avaliou, a enfermagem leu {1}, o que "
        "ainda não basta: faltam respostas boas ou ruins, falta quem as leia, ou as leituras são antigas."
    ),
    "informs_unsure": (
        "O juiz {0} só informa e não decide nada aqui: até agora concorda com a enfermagem (n = {1}, κ {2}, "
        "sensibilidade {3}, especificidade {4}), mas em poucas respostas para haver certeza."
    ),
    "informs_untrusted": (
        "O juiz {0} só informa e não decide nada aqui: não concorda o bastante com a enfermagem (n = {1}, κ {2}, "
        "sensibilidade {3}, especificidade {4})."
    ),
    "informs_simulated": (
        "O juiz {0} só informa e não decide nada aqui: foi comparado apenas com leituras simuladas (n = {1}, κ {2}, "
        "sensibilidade {3}, especificidade {4})."
    ),
    "axes_inform": (
        "{0}: avaliado só por juízes que a enfermagem não confirmou; é mostrado, mas não entra no veredito."
    ),
    "all_graders_say": "Contando também os juízes que só informam, o resultado seria: {0}.",
    "trust_moved": "Esta alteração muda em que juízes se confia, e alguém tem de concordar com isso: {0}.",
    "own_trust": (
        "Esta alteração muda em que juízes se confia ({0}) e só passaria pelo que ela própria diz. Pelo que diz a base:"
    ),
    "informs": "só informa",
    "trusted": "confiável",
    "untrusted": "abaixo do exigido",
    "trust_figures": "n = {0}, κ {1}, sens. {2}, espec. {3}: {4}",
    "trust_few": "n = {0}, ainda não basta",
    "trust_simulated": "leituras simuladas",
    "trust_informs": "“só informa”: a enfermagem não confirmou o juiz, que por isso não aprova nem bloqueia.",
    "trust_corrected": "{0}, {1}: {2} favoráveis; corrigidos os erros do juiz, {3} ({4} a {5}).",
    "trust_clipped": "O cálculo sai de 0 a 100%: aqui o juiz erra de outro modo do que nas respostas que foram lidas.",
    "trust_uncorrected": "{0}, {1}: {2} favoráveis; o juiz não acerta mais do que o acaso, e não há como corrigir.",
    "waiting_unsure": "A enfermagem não soube dizer sobre {0} respostas: elas nada decidem e não voltam à fila.",
    "waiting_unsure_one": "A enfermagem não soube dizer sobre uma resposta: ela nada decide e não volta à fila.",
    "waiting_queued": (
        "{0} respostas aguardam a leitura da enfermagem, que não sabe de que versão são. Até lá, nada se decide por "
        "elas; a próxima avaliação decide pelo que a enfermagem disser."
    ),
    "waiting_queued_one": (
        "Uma resposta aguarda a leitura da enfermagem, que não sabe de que versão é. Até lá, nada se decide por ela; "
        "a próxima avaliação decide pelo que a enfermagem disser."
    ),
    "waiting_unqueued": (
        "{0} respostas deveriam ser lidas pela enfermagem, mas esta execução não tem acesso à fila de leitura. De onde "
        "houver acesso, coloque-as na fila com {1}, indicando a pasta dos relatórios desta execução; depois de lidas, "
        "avalie de novo lá mesmo."
    ),
    "waiting_unqueued_one": (
        "Uma resposta deveria ser lida pela enfermagem, mas esta execução não tem acesso à fila de leitura. De onde "
        "houver acesso, coloque-a na fila com {1}, indicando a pasta dos relatórios desta execução; depois de lida, "
        "avalie de novo lá mesmo."
    ),
    "waiting_simulated": (
        "{0} respostas dependem de um juiz que a enfermagem não confirmou. São do simulador, e fora de uma semana de "
        "teste não se pede a ninguém que as leia; para pedir mesmo assim: {1}."
    ),
    "waiting_simulated_one": (
        "Uma resposta depende de um juiz que a enfermagem não confirmou. É do simulador, e fora de uma semana de "
        "teste não se pede a ninguém que a leia; para pedir mesmo assim: {1}."
    ),
    "waiting_full": (
        "{0} respostas deveriam ser lidas pela enfermagem, mas a fila de leitura está cheia: quando parte dela tiver "
        "sido lida, avalie de novo para colocá-las na fila."
    ),
    "waiting_full_one": (
        "Uma resposta deveria ser lida pela enfermagem, mas a fila de leitura está cheia: quando parte dela tiver sido "
        "lida, avalie de novo para colocá-la na fila."
    ),
    "waiting_more": "Outras {0} entram depois que estas forem lidas.",
    "rulings_one": "Em uma avaliação, vale a leitura que a enfermagem fez exatamente desta resposta, e não a do juiz.",
    "rulings": "Em {0} avaliações, vale a leitura que a enfermagem fez exatamente desta resposta, e não a do juiz.",
}
TRUST_PORTUGAL: Mapping[str, str] = {
    "none_decides": (
        "O que foi avaliado por regras, pela enfermagem ou por juízes que ela confirmou não chega para decidir; o "
        "resto só informa."
    ),
    "rests_gone": (
        "Na base, o juiz {0}, que a enfermagem confirmou, decide {1} critérios das respostas que mudaram. Aqui são "
        "avaliados por {2}, com outras instruções, outro modelo, outro texto ou noutro eixo, e isso a enfermagem não "
        "confirmou."
    ),
    "rests_untrusted": (
        "O que decidiria depende do juiz {0}, que não concorda o suficiente com a enfermagem (n = {1}, κ {2}, "
        "sensibilidade {3}, especificidade {4})."
    ),
    "informs_untrusted": (
        "O juiz {0} só informa e não decide nada aqui: não concorda o suficiente com a enfermagem (n = {1}, κ {2}, "
        "sensibilidade {3}, especificidade {4})."
    ),
    "rests_unclear": (
        "O que decidiria depende do juiz {0}; das respostas que ele avaliou, a enfermagem leu {1}, o que ainda não "
        "chega: faltam respostas boas ou más, falta quem as leia, ou as leituras são antigas."
    ),
    "informs_unclear": (
        "O juiz {0} só informa e não decide nada aqui: das respostas que ele avaliou, a enfermagem leu {1}, o que "
        "ainda não chega: faltam respostas boas ou más, falta quem as leia, ou as leituras são antigas."
    ),
    "trust_few": "n = {0}, ainda não chega",
    "trust_clipped": (
        "O cálculo sai de 0 a 100\u00a0%: aqui o juiz erra de outra forma do que nas respostas que foram lidas."
    ),
    "waiting_unqueued": (
        "{0} respostas deviam ser lidas pela enfermagem, mas esta execução não tem acesso à fila de leitura. Onde "
        "houver acesso, entram na fila com {1}, indicando a pasta dos relatórios desta execução; depois de lidas, "
        "volte a avaliar aí mesmo."
    ),
    "waiting_unqueued_one": (
        "Uma resposta devia ser lida pela enfermagem, mas esta execução não tem acesso à fila de leitura. Onde houver "
        "acesso, entra na fila com {1}, indicando a pasta dos relatórios desta execução; depois de lida, volte a "
        "avaliar aí mesmo."
    ),
    "waiting_full": (
        "{0} respostas deviam ser lidas pela enfermagem, mas a fila de leitura está cheia: quando parte dela tiver "
        "sido lida, volte a avaliar para as colocar na fila."
    ),
    "waiting_full_one": (
        "Uma resposta devia ser lida pela enfermagem, mas a fila de leitura está cheia: quando parte dela tiver sido "
        "lida, volte a avaliar para a colocar na fila."
    ),
    "waiting_more": "Outras {0} entram depois de estas serem lidas.",
    "rulings_one": "Numa avaliação, vale a leitura que a enfermagem fez exatamente desta resposta, e não a do juiz.",
    "trusted": "fiável",
    "trust_informs": "«só informa»: a enfermagem não confirmou o juiz, que por isso não aprova nem bloqueia.",
}
