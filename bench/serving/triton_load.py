"""Triton's own client, so many requests at once, each sent when the answer before it is there. The plan is JSON."""

import asyncio
import json
import sys
import time

import numpy as np
import tritonclient.grpc.aio as grpcclient
import tritonclient.http.aio as httpclient

TYPES = {"FP32": np.float32, "INT64": np.int64}


async def main(plan):
    given = plan["input"]
    module = httpclient if plan["protocol"] == "http" else grpcclient
    row = np.fromfile(given["file"], dtype=TYPES[given["datatype"]]).reshape(given["shape"])
    one = module.InferInput(given["name"], given["shape"], given["datatype"])
    one.set_data_from_numpy(row)
    options = {"conn_limit": plan["clients"]} if module is httpclient else {}
    client = module.InferenceServerClient(plan["address"], **options)
    begin = time.perf_counter() + plan["warmSeconds"]
    end = begin + plan["seconds"]
    taken, failures = [], []

    async def ask():
        while (sent := time.perf_counter()) < end:
            try:
                await client.infer(plan["model"], [one])
            except Exception as error:
                failures.append(str(error))
                await asyncio.sleep(0.01)
                continue
            now = time.perf_counter()
            if begin <= now <= end:
                taken.append(now - sent)

    await asyncio.gather(*(ask() for _ in range(plan["clients"])))
    await client.close()
    p50, p99 = np.percentile(taken, [50, 99]) * 1000 if taken else (None, None)
    result = {"requests": len(taken), "failed": len(failures), "seconds": plan["seconds"], "p50Ms": p50, "p99Ms": p99}
    print(json.dumps(result | {"failures": failures[:3]}))


asyncio.run(main(json.loads(sys.argv[1])))
