"""MLServer with its adaptive batching around a runtime of its own for ONNX; it has none."""

import asyncio
import json
import os
import sys

import onnx_model
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class OnnxModel(MLModel):
    async def load(self):
        self.session = onnx_model.load()
        return True

    async def predict(self, payload):
        rows = NumpyCodec.decode_input(payload.inputs[0])
        # On a thread, so that requests are read meanwhile.
        answers = await asyncio.to_thread(onnx_model.run, self.session, rows)
        output = NumpyCodec.encode_output("y", answers)
        return InferenceResponse(model_name=self.name, outputs=[output])


if __name__ == "__main__":
    port = onnx_model.PORT
    settings = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": onnx_model.PLAN["secondPort"],
        "metrics_endpoint": None,
        "parallel_workers": onnx_model.WORKERS - 1,
        "debug": False,
    }
    model = {
        "name": "model",
        "implementation": "serve_mlserver.OnnxModel",
        "max_batch_size": onnx_model.BATCH,
        "max_batch_time": onnx_model.WAIT_S,
    }
    for name, values in (("settings.json", settings), ("model-settings.json", model)):
        with open(name, "w") as file:
            json.dump(values, file)
    program = os.path.join(os.path.dirname(sys.executable), "mlserver")
    os.execv(program, [program, "start", "."])
