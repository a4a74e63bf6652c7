"""What a forecast of cost says, in English and in Portuguese; where they differ, Portugal has words of its own."""

from collections.abc import Mapping

FORECAST_EN: Mapping[str, str] = {
    "forecast": "**Forecast**: {0} a day, {1} a month, at {2} messages a day.",
    "forecast_each": "**Forecast**: {0} for every 1,000 messages. The ledger has no messages of the last seven days, "
    "so there is no monthly sum.",
    "forecast_no_traffic": "Nobody wrote to these prompts in the last seven days.",
    "forecast_unknown": "**Forecast**: unknown, because the cost of an answer is not known on both sides.",
    "forecast_assumes": "It assumes that real messages are as long as the cases, today's prices, and a month of 30 "
    "days. Judges and moderation are not in it.",
    "forecast_simulated": "The tokens are the simulator's; a real model reads and writes other numbers of them.",
    "forecast_from": "Traffic: the ledger, {0}.",
    "forecast_days": "The ledger has messages on only {0} of those {1} days.",
    "messages_a_day": "messages a day",
    "tokens_each": "tokens per answer",
    "a_month": "a month",
    "more_prompts": "and {0} more",
    "alert_trips": "**⚠️ It would trip the cost alert**: with the traffic of the last seven days a message would be "
    "{0} dearer; the limit is {1} from one day to the next.",
    "alert_trips_of": "**⚠️ It would trip the cost alert of {0}**: with the traffic of the last seven days a message "
    "to it would be {1} dearer; the limit is {2} from one day to the next.",
    "alert_passes": "It would not trip the cost alert: {0} per message with the traffic of the last seven days; the "
    "limit is +{1} from one day to the next.",
    "alert_too_few": "The cost alert compares no day with fewer than {0} messages, so it would not notice.",
    "alert_unknown": "Whether it would trip the cost alert is not known: a cost is missing.",
}
FORECAST_PT: Mapping[str, str] = {
    "forecast": "**Previsão**: {0} por dia, {1} por mês, com {2} mensagens por dia.",
    "forecast_each": "**Previsão**: {0} a cada 1.000 mensagens. O registro de custos não tem mensagens dos últimos "
    "sete dias, por isso não há total mensal.",
    "forecast_no_traffic": "Ninguém escreveu para estes prompts nos últimos sete dias.",
    "forecast_unknown": "**Previsão**: desconhecida, porque falta o custo por resposta de pelo menos uma das versões.",
    "forecast_assumes": "Considera mensagens reais do tamanho dos casos, os preços de hoje e um mês de 30 dias. Não "
    "inclui juízes nem moderação.",
    "forecast_simulated": "Os tokens são os do simulador; um modelo real lê e escreve outras quantidades.",
    "forecast_from": "Tráfego: registro de custos, {0}.",
    "forecast_days": "O registro de custos só tem mensagens em {0} desses {1} dias.",
    "messages_a_day": "mensagens por dia",
    "tokens_each": "tokens por resposta",
    "a_month": "por mês",
    "more_prompts": "e mais {0}",
    "alert_trips": "**⚠️ Dispararia o alerta de custo**: com o tráfego dos últimos sete dias, uma mensagem ficaria "
    "{0} mais cara; o limite é de {1} de um dia para o outro.",
    "alert_trips_of": "**⚠️ Dispararia o alerta de custo de {0}**: com o tráfego dos últimos sete dias, uma mensagem "
    "para esse assistente ficaria {1} mais cara; o limite é de {2} de um dia para o outro.",
    "alert_passes": "Não dispararia o alerta de custo: {0} por mensagem com o tráfego dos últimos sete dias; o "
    "limite é de +{1} de um dia para o outro.",
    "alert_too_few": "O alerta de custo não compara dias com menos de {0} mensagens, por isso não acusaria a "
    "diferença.",
    "alert_unknown": "Não se sabe se dispararia o alerta de custo: falta saber um dos custos.",
}
FORECAST_PORTUGAL: Mapping[str, str] = {
    "forecast_each": "**Previsão**: {0} por cada 1\u00a0000 mensagens. O registo de custos não tem mensagens dos "
    "últimos sete dias, por isso não há total mensal.",
    "forecast_no_traffic": "Ninguém escreveu a estes prompts nos últimos sete dias.",
    "forecast_assumes": "Parte do princípio de que as mensagens reais têm o tamanho dos casos; usa os preços de hoje "
    "e um mês de 30 dias. Não inclui juízes nem moderação.",
    "forecast_from": "Tráfego: registo de custos, {0}.",
    "forecast_days": "O registo de custos só tem mensagens em {0} desses {1} dias.",
    "alert_too_few": "O alerta de custo não compara dias com menos de {0} mensagens, por isso não assinalaria a "
    "diferença.",
}
