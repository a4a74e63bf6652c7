"""How many calls of the model a judged criterion takes, for an estimate before anything is asked."""

from evals.cases import Case, Criterion
from evals.judges.params import DagNode, DagParams, JudgeParams, RagasParams, RubricParams, parse_judge


def judge_calls(criterion: Criterion, case: Case) -> int:
    """Calls where each reply fits at once; for a graph the longest way through it. 0 where a check grades."""
    if not criterion.judge:
        return 0
    if not criterion.judge_params:
        return 1
    params = parse_judge({"name": criterion.judge, **criterion.judge_params}).params
    match params:
        case RubricParams():
            return params.samples or 1
        case RagasParams():
            return _ragas(params, len(case.retrieved))
        case DagParams():
            return _longest(params.root)
        case _:
            return _deepeval(params, case)


def _deepeval(params: JudgeParams, case: Case) -> int:
    """Knowledge retention reads each turn of hers for facts and then each of the assistant's against them."""
    metric = getattr(params, "metric", "")
    return sum(m.role != "system" for m in case.messages) + 1 if metric == "knowledge_retention" else 1


def _ragas(params: RagasParams, passages: int) -> int:
    match params.metric:
        case "faithfulness":
            return 2
        case "context_precision":
            return passages
        case "context_recall":
            return 1
        case "noise_sensitivity":
            return 3 + 2 * passages


def _longest(node: DagNode) -> int:
    replies = (node.if_yes, node.if_no, *(node.choices or {}).values())
    return 1 + max((_longest(reply) for reply in replies if isinstance(reply, DagNode)), default=0)
