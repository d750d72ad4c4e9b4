"""The genuine MLflow client as a load: `python mlflow_load.py MODE URL ...` prints one line of JSON."""

import json
import os
import sys
import time

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"  # an error is to be seen
os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # its thread changes the environment under the client

mode, url, *rest = sys.argv[1:]
if mode == "seed":  # the database of MLflow's own server, written as its store writes it
    import sqlite3

    file, experiment, runs = rest[0], int(rest[1]), int(rest[2])
    db = sqlite3.connect(file)
    columns = [row[1] for row in db.execute("PRAGMA table_info(runs)")]
    for at in range(runs):
        run = f"{at:032x}"
        known = {
            "run_uuid": run, "name": f"run-{at}", "source_type": "UNKNOWN", "source_name": "", "entry_point_name": "", "user_id": "",
            "status": "FINISHED", "start_time": 1_700_000_000_000 + at, "end_time": 1_700_000_001_000 + at, "source_version": "",
            "lifecycle_stage": "active", "artifact_uri": f"mlflow-artifacts:/{experiment}/{run}/artifacts", "experiment_id": experiment,
        }
        names = [name for name in columns if name in known]
        db.execute(f"INSERT INTO runs({','.join(names)}) VALUES ({','.join('?' * len(names))})", [known[name] for name in names])
        for key, value in (("acc", (at * 7919 % 10_007) / 10_007), ("loss", (at * 104_729 % 10_007) / 10_007), ("f1", at / runs)):
            db.execute("INSERT INTO metrics(key,value,timestamp,run_uuid,step,is_nan) VALUES (?,?,?,?,0,0)", (key, value, at, run))
            db.execute("INSERT INTO latest_metrics(key,value,timestamp,run_uuid,step,is_nan) VALUES (?,?,?,?,0,0)", (key, value, at, run))
        for name, of in (("depth", 10), ("lr", 100), ("seed", runs), ("model", 5), ("batch", 7)):
            db.execute("INSERT INTO params(key,value,run_uuid) VALUES (?,?,?)", (name, str(at % of), run))
        db.execute("INSERT INTO tags(key,value,run_uuid) VALUES ('mlflow.runName',?,?)", (f"run-{at}", run))
    db.commit()
    print(json.dumps({"runs": runs}))
    sys.exit()

import mlflow
from mlflow.entities import Metric

mlflow.set_tracking_uri(url)
client = mlflow.MlflowClient()
experiment, count = rest[0], int(rest[1])
run = client.create_run(experiment).info.run_id
client.log_metric(run, "warm", 0)
started = time.perf_counter()
if mode == "batches":
    for at in range(count):
        client.log_batch(run, metrics=[Metric(f"k{key}", at * 100 + step + key / 10, 1_700_000_000_000 + step, at * 100 + step) for key in range(10) for step in range(100)])
    amount = count * 1000
elif mode == "metrics":
    for step in range(count):
        client.log_metric(run, "m", step / 3, timestamp=step, step=step)
    amount = count
else:  # one of several at once: what a training script does
    for at in range(count):
        client.log_batch(run, metrics=[Metric(f"k{key}", at + key, at, at) for key in range(20)])
        client.log_metric(run, "m", at, timestamp=at, step=at)
    amount = count * 21
seconds = time.perf_counter() - started
print(json.dumps({"amount": amount, "seconds": seconds, "calls": count * (2 if mode == "mixed" else 1)}))
