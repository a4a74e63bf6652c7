"""The risk model as it answers, is stored and is loaded: LightGBM's own text and JSON, nothing that runs on loading.

`booster.txt` holds the trees, `model.json` the rest: input columns, calibration, alert threshold, split plan. MLflow
finds `_load_pyfunc` here by the module's name (flavor `python_function` with `loader_module`), so the stored model
holds no pickle and no code; see docs/decisions/0010.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria.durable import write_text
from matria.errors import ModelError
from models.risk.calibration import Calibration, read_calibration
from models.risk.data import SplitPlan
from models.risk.signature import OUTPUT, inputs

if TYPE_CHECKING:
    import lightgbm
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

LOADER_MODULE = __name__
FORMAT = 1
_BOOSTER, _REST = "booster.txt", "model.json"


@dataclass(frozen=True)
class RiskModel:
    """A trained, calibrated model."""

    booster: "lightgbm.Booster"
    calibration: Calibration
    columns: tuple[str, ...]
    """Input columns, in the booster's order."""
    alert_threshold: float
    """Risk from which a nurse is told."""
    plan: SplitPlan
    """Which patients it has not seen."""

    def risks(self, frame: "pd.DataFrame") -> "NDArray[np.float64]":
        """The risk of each row, in (0, 1). Raises `InputError` where an input column is missing or malformed."""
        import numpy as np

        matrix = inputs(frame, self.columns)
        if matrix.empty:
            return np.empty(0)
        return self.calibration.risk(np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=1)))

    def gains(self) -> dict[str, float]:
        """Share of the total gain that each input column brought, largest first."""
        gains = self.booster.feature_importance("gain")
        total = gains.sum() or 1.0
        return dict(sorted(zip(self.columns, map(float, gains / total), strict=True), key=lambda pair: -pair[1]))

    def save(self, folder: Path) -> None:
        """The model as files below `folder`; the same model gives the same bytes."""
        rest = {
            "format": FORMAT,
            "columns": list(self.columns),
            "calibration": self.calibration.as_json(),
            "alert_threshold": self.alert_threshold,
            "plan": asdict(self.plan),
        }
        write_text(folder / _BOOSTER, self.booster.model_to_string())
        write_text(folder / _REST, json.dumps(rest, indent=2) + "\n")


def load(folder: Path) -> RiskModel:
    """The model that `save` wrote. Raises `ModelError` where a file is missing or damaged."""
    import lightgbm

    try:
        rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
        trees = (folder / _BOOSTER).read_text(encoding="utf-8")
        if rest["format"] != FORMAT:
            raise ModelError(f"The risk model has format {rest['format']}, and this version reads {FORMAT}: retrain.")
        return RiskModel(
            booster=lightgbm.Booster(model_str=trees),
            calibration=read_calibration(rest["calibration"]),
            columns=tuple(rest["columns"]),
            alert_threshold=float(rest["alert_threshold"]),
            plan=SplitPlan(**rest["plan"]),
        )
    except (OSError, ValueError, KeyError, TypeError, lightgbm.basic.LightGBMError) as error:
        raise ModelError("The stored risk model is damaged or incomplete: register it again with retrain.") from error


class _Served:
    """What MLflow calls: a frame of input columns in, a frame with one column `risk` out."""

    def __init__(self, model: RiskModel) -> None:
        self._model = model

    def predict(self, data: "pd.DataFrame", params: dict[str, Any] | None = None) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame({OUTPUT: self._model.risks(data)}, index=data.index)


def _load_pyfunc(path: str) -> _Served:
    return _Served(load(Path(path)))
