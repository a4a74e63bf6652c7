"""The judges by name, on one chat model. None loads its library before it is first asked."""

from evals.judges.asking import JudgeModel
from evals.judges.base import Judge
from evals.judges.deepeval import DeepEvalJudge
from evals.judges.ragas import RagasJudge
from evals.judges.rubric import RubricJudge


def judges(model: JudgeModel, *, samples: int = 1, sampling_temperature: float = 0.7) -> dict[str, Judge]:
    """Every judge that a suite may name. `samples` and their temperature hold where a criterion says nothing."""
    return {
        "rubric": RubricJudge(model, samples, sampling_temperature),
        "deepeval": DeepEvalJudge(model),
        "ragas": RagasJudge(model),
    }
