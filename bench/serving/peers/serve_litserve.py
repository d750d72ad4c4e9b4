"""LitServe with its batching, its fast queue between the processes, and the rows stacked once for a batch."""

import litserve
import numpy as np
import onnx_model


class OnnxApi(litserve.LitAPI):
    def setup(self, device):
        self.session = onnx_model.load()

    def decode_request(self, request):
        return np.asarray(request["data"], dtype=onnx_model.DTYPE)

    def batch(self, inputs):
        return np.stack(inputs)

    def predict(self, batch):
        return onnx_model.run(self.session, batch)

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        # Where a batch is one row, LitServe does not take it out of its batch.
        return {"data": np.ravel(output).tolist()}


if __name__ == "__main__":
    api = OnnxApi(max_batch_size=onnx_model.BATCH, batch_timeout=onnx_model.WAIT_S)
    server = litserve.LitServer(
        api, accelerator="cpu", workers_per_device=onnx_model.WORKERS, timeout=120, fast_queue=True
    )
    server.run(
        host="127.0.0.1", port=onnx_model.PORT, num_api_servers=1, log_level="warning", generate_client_file=False
    )
