"""A frame's content as one SHA-256: the `data_version` of tables and features.

Equal frames (names, order, kinds, values) have equal digests on every machine and library version, which the bytes of a
Parquet file do not promise.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def content_digest(frame: "pd.DataFrame") -> str:
    """SHA-256, hexadecimal, over each column's name, kind and values. A missing value counts as missing, whatever
    its type writes for it. Labels of rows do not count; their order does.
    """
    digest = hashlib.sha256(json.dumps([len(frame), len(frame.columns)]).encode())
    for name in frame.columns:
        kind, content = _content(frame[name])
        digest.update(json.dumps([str(name), kind]).encode())
        digest.update(content)
    return digest.hexdigest()


def _content(column: "pd.Series[Any]") -> tuple[str, bytes]:
    import numpy as np
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column):
        return "time", column.to_numpy(dtype="datetime64[ns]").astype("<i8").tobytes()
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        numbers = column.to_numpy(dtype="<f8", na_value=np.nan) + 0.0  # -0.0 equals 0.0, and so do their digests
        return "number", np.where(np.isnan(numbers), np.nan, numbers).tobytes()
    return "text", json.dumps([None if pd.isna(value) else str(value) for value in column]).encode()
