"""The recipes of the documentation with pandas: how long tasks ran, by status, and how busy machines were."""
import json
import sys

import pandas

lines = pandas.read_json(sys.argv[1], lines=True, dtype={"gpu_id": "float64"}, convert_dates=False)
events = lines[lines.section == "event"]
spans = lines[(lines.section == "span") & (lines.name == "task")].drop_duplicates(["trace_id", "span_id"], keep="last")
spans = spans.assign(status=[attributes["status"] for attributes in spans.attributes])
nodes = events[(events.event_type == "ResourceUpdate") & events.gpu_id.isna()] if "gpu_id" in events else events[:0]
ended = events[events.event_type.isin(["TaskCompleted", "TaskFailed", "TaskCanceled"])]
print(json.dumps({
    "events": events.event_type.value_counts().sort_index().to_dict(),
    "tasks": spans.groupby("status").size().to_dict(),
    "duration": round(float(ended.duration_seconds.sum()), 6) if len(ended) else 0.0,
    "cpu": round(float(nodes.cpu_percent.mean()), 3) if len(nodes) else None,
}))
