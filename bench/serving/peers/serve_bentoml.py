"""BentoML with its adaptive batching; its latency limit is far away, so that it sheds nothing."""

import os
import sys
from typing import Annotated

import bentoml
import numpy as np
import onnx_model

Rows = Annotated[np.ndarray, bentoml.validators.DType(np.dtype(onnx_model.DTYPE).name)]


@bentoml.service(workers=onnx_model.WORKERS, traffic={"timeout": 120})
class OnnxService:
    def __init__(self):
        self.session = onnx_model.load()

    @bentoml.api(batchable=True, max_batch_size=onnx_model.BATCH, max_latency_ms=60_000)
    def predict(self, data: Rows) -> np.ndarray:
        return onnx_model.run(self.session, data)


if __name__ == "__main__":
    port = str(onnx_model.PORT)
    arguments = ["-m", "bentoml", "serve", "serve_bentoml:OnnxService", "--host", "127.0.0.1", "--port", port]
    os.execv(sys.executable, [sys.executable, *arguments])
