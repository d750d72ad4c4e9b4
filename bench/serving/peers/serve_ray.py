"""Ray Serve with @serve.batch. Its limit of requests under way is lifted above the batch, or batches never fill."""

import asyncio
import os
import signal

import numpy as np
import onnx_model
import ray
from ray import serve


@serve.deployment(
    num_replicas=onnx_model.WORKERS, max_ongoing_requests=256, ray_actor_options={"num_cpus": 0}
)
class OnnxDeployment:
    def __init__(self):
        self.session = onnx_model.load()

    @serve.batch(max_batch_size=onnx_model.BATCH, batch_wait_timeout_s=onnx_model.WAIT_S)
    async def infer(self, rows):
        # On a thread, so that requests are read meanwhile.
        return list(await asyncio.to_thread(onnx_model.run, self.session, np.stack(rows)))

    async def __call__(self, request):
        body = await request.json()
        answer = await self.infer(np.asarray(body["data"], dtype=onnx_model.DTYPE))
        return {"data": answer.tolist()}


if __name__ == "__main__":
    # Its sockets lie there, and the system allows them a path of 107 bytes.
    place = os.getcwd() if len(os.getcwd()) <= 40 else None
    memory = 200 * 1024 * 1024
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, object_store_memory=memory, _temp_dir=place)
    serve.start(http_options={"host": "127.0.0.1", "port": onnx_model.PORT})
    serve.run(OnnxDeployment.bind(), route_prefix="/predict")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    ray.shutdown()
