import math
import os
import subprocess
import sys
import time

import mlflow
import pytest
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


def test_experiments_are_created_found_renamed_deleted_and_restored(client, name):
    made = client.create_experiment(name, tags={"team": "größe"})
    assert client.get_experiment_by_name(name).experiment_id == made
    assert client.get_experiment_by_name("none " + name) is None
    client.rename_experiment(made, name + "2")
    client.set_experiment_tag(made, "k", "v")
    found = client.get_experiment(made)
    assert (found.name, found.tags) == (name + "2", {"team": "größe", "k": "v"})
    client.delete_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "deleted"
    with pytest.raises(MlflowException, match="already exists"):
        client.create_experiment(name + "2")
    client.restore_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "active"


def test_a_run_keeps_what_was_logged(client, experiment):
    with mlflow.start_run(run_name="größe 🚀", tags={"t": "v"}, description="notes") as run:
        mlflow.log_params({"lr": 0.1, "none": None, "日本語": "✓", "empty": ""})
        mlflow.log_metric("loss", 1.5, step=-3)
        mlflow.log_metrics({"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "a/b": 1}, step=2)
        mlflow.set_tag("multi", "a\nb")
    read = client.get_run(run.info.run_id)
    assert (read.info.run_name, read.info.status) == ("größe 🚀", "FINISHED")
    assert read.data.params == {"lr": "0.1", "none": "None", "日本語": "✓", "empty": ""}
    assert read.data.metrics["loss"] == 1.5 and math.isnan(read.data.metrics["nan"])
    assert read.data.metrics["inf"] >= sys.float_info.max and read.data.metrics["-inf"] <= -sys.float_info.max
    assert read.data.tags["multi"] == "a\nb" and read.data.tags["mlflow.note.content"] == "notes"
    assert client.get_metric_history(run.info.run_id, "loss")[0].step == -3


def test_a_failing_run_is_failed(client, experiment):
    with pytest.raises(ValueError), mlflow.start_run() as run:
        raise ValueError
    assert client.get_run(run.info.run_id).info.status == "FAILED"


def test_nested_runs_know_their_parent(client, experiment):
    with mlflow.start_run() as parent, mlflow.start_run(nested=True) as child:
        pass
    found = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert [run.info.run_id for run in found] == [child.info.run_id]


def test_a_long_history_comes_back_whole_and_in_order(client, experiment):
    run = client.create_run(experiment)
    for start in range(0, 30_000, 1000):
        metrics = [Metric("m", float(step), step, step) for step in range(start, start + 1000)]
        client.log_batch(run.info.run_id, metrics=metrics)
        if start == 0:
            client.log_batch(run.info.run_id, metrics=metrics)  # a retry changes nothing
    assert [point.step for point in client.get_metric_history(run.info.run_id, "m")] == list(range(30_000))
    assert client.get_run(run.info.run_id).data.metrics["m"] == 29_999


def test_a_param_never_changes(client, experiment):
    run = client.create_run(experiment)
    client.log_param(run.info.run_id, "p", "1")
    client.log_param(run.info.run_id, "p", "1")
    with pytest.raises(MlflowException, match="Changing param values is not allowed"):
        client.log_param(run.info.run_id, "p", "2")
    with pytest.raises(MlflowException):
        client.log_batch(run.info.run_id, params=[Param("q", "1"), Param("p", "2")])
    assert client.get_run(run.info.run_id).data.params == {"p": "1"}  # whole or not at all


def test_a_deleted_run_takes_nothing_until_it_is_restored(client, experiment):
    run = client.create_run(experiment).info.run_id
    client.delete_run(run)
    for log in (
        lambda: client.log_metric(run, "m", 1),
        lambda: client.log_param(run, "p", 1),
        lambda: client.set_tag(run, "t", 1),
        lambda: client.log_batch(run, tags=[RunTag("t", "1")]),
    ):
        with pytest.raises(MlflowException, match="must be in the 'active' state"):
            log()
    assert client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)[0].info.run_id == run
    client.restore_run(run)
    client.log_metric(run, "m", 1)


@pytest.mark.parametrize("key", ["..", "a/../b", "/a", "x" * 251, "a//b"])
def test_bad_names_are_refused_without_a_server_error(client, experiment, key):
    run = client.create_run(experiment).info.run_id
    with pytest.raises(MlflowException) as refused:
        client._tracking_client.store.log_metric(run, Metric(key, 1.0, 0, 0))
    assert refused.value.get_http_status_code() == 400


def test_search_filters_orders_and_pages(client, experiment):
    for at in range(25):
        tags = {"kind": "even" if at % 2 == 0 else "odd", "mlflow.runName": f"run {at}"}
        run = client.create_run(experiment, start_time=at + 1, tags=tags).info.run_id
        client.log_param(run, "p", str(at))
        client.log_metric(run, "acc", at / 25)
    names = lambda **query: [run.info.run_name for run in client.search_runs([experiment], **query)]
    assert names(filter_string="metrics.acc >= 0.9 and tags.kind = 'even'") == ["run 24"]
    assert names(filter_string="params.p = '7'") == ["run 7"]
    assert names(filter_string="attributes.run_name LIKE 'run 2%'", order_by=["metrics.acc ASC"])[:2] == ["run 2", "run 20"]
    assert names(filter_string="attributes.start_time < 3", order_by=["start_time DESC"]) == ["run 1", "run 0"]
    seen, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=10, page_token=token, order_by=["metrics.acc DESC"])
        seen += [run.info.run_name for run in page]
        token = page.token
        if not token:
            break
    assert seen == [f"run {at}" for at in range(24, -1, -1)]
    frame = mlflow.search_runs([experiment], filter_string="metrics.acc > 0.5")
    assert len(frame) == 12 and set(frame["tags.kind"]) == {"even", "odd"}
    for wrong in ("metrics.acc = 'x'", "nope.x = 1", "metrics.acc > 1 OR params.p = '1'", "params.p > 'a' and"):
        with pytest.raises(MlflowException):
            client.search_runs([experiment], wrong)


def test_artifacts_of_every_kind(client, experiment, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "größe 🚀.txt").write_text("deep")
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "text/a b%41#?.txt")
        mlflow.log_dict({"a": [1, 2]}, "d.json")
        mlflow.log_artifacts(str(tmp_path), "folder")
        mlflow.log_table({"x": [1, 2], "y": ["a", "b"]}, "table.json")
    run_id = run.info.run_id
    listed = {entry.path: (entry.is_dir, entry.file_size) for entry in client.list_artifacts(run_id)}
    assert listed["text"] == (True, None) and listed["d.json"][0] is False
    assert [entry.path for entry in client.list_artifacts(run_id, "folder/deep")] == ["folder/deep/größe 🚀.txt"]
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/text/a b%41#?.txt") == "hello"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json") == {"a": [1, 2]}
    down = client.download_artifacts(run_id, "folder", str(tmp_path))
    assert open(os.path.join(down, "deep", "größe 🚀.txt")).read() == "deep"
    assert list(mlflow.load_table("table.json", run_ids=[run_id])["y"]) == ["a", "b"]


def test_a_large_artifact_comes_back_byte_for_byte(client, experiment, tmp_path):
    block = os.urandom(1 << 20)
    with open(tmp_path / "large.bin", "wb") as file:
        for at in range(128):
            file.write(at.to_bytes(8, "big") + block)
    run = client.create_run(experiment).info.run_id
    client.log_artifact(run, str(tmp_path / "large.bin"))
    (tmp_path / "down").mkdir()
    back = client.download_artifacts(run, "large.bin", str(tmp_path / "down"))
    with open(back, "rb") as one, open(tmp_path / "large.bin", "rb") as other:
        while chunk := one.read(1 << 20):
            assert chunk == other.read(1 << 20)
        assert other.read(1) == b""


def test_datasets_are_kept_with_the_run(client, experiment):
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    dataset = mlflow.data.from_pandas(frame, source="https://example.com/größe.csv", name="flights")
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training")
    (read,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert (read.dataset.name, read.dataset.digest) == ("flights", dataset.digest)
    assert [(tag.key, tag.value) for tag in read.tags] == [("mlflow.data.context", "training")]
    found = client.search_runs([experiment], "dataset.name = 'flights' and dataset.context = 'training'")
    assert [run.info.run_id for run in found] == [run.info.run_id]


WORKER = """
import sys, mlflow
client = mlflow.MlflowClient()
for at in range(40):
    run = client.create_run(sys.argv[1]).info.run_id
    for step in range(5):
        client.log_metric(run, "m", step, step=step)
    client.set_terminated(run)
"""


def test_eight_processes_at_once_lose_nothing(client, experiment):
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, experiment], env={**os.environ, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})
        for _ in range(8)
    ]
    assert [worker.wait(timeout=180) for worker in workers] == [0] * 8
    runs = client.search_runs([experiment], "metrics.m = 4", max_results=1000)
    assert len(runs) == 320 and {run.info.status for run in runs} == {"FINISHED"}


def test_what_the_server_does_not_do_is_refused_at_once(client):
    started = time.monotonic()
    with pytest.raises(MlflowException):
        client.get_run("0" * 32)
    with pytest.raises(MlflowException):
        client.get_experiment("999999999")
    assert time.monotonic() - started < 30
