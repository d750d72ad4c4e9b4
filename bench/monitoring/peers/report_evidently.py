"""Evidently's default drift preset over two Parquet files: reads them, computes, prints one line of JSON."""

import json
import resource
import sys
import time

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

reference_file, current_file = sys.argv[1:3]
started = time.perf_counter()
reference = pd.read_parquet(reference_file)
current = pd.read_parquet(current_file)
read = time.perf_counter()
snapshot = Report([DataDriftPreset()]).run(current, reference)
metrics = json.loads(snapshot.json())["metrics"]
scores = {
    metric["config"]["column"]: metric["value"]
    for metric in metrics
    if "column" in metric.get("config", {}) and isinstance(metric["value"], float)
}
done = time.perf_counter()
print(
    json.dumps(
        {
            "seconds": done - started,
            "readSeconds": read - started,
            "maxRssKiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            "scores": scores,
        }
    )
)
