"""Of race_pytorch.sh: reads what its turns wrote (DIR/turns/*.json), writes DIR/race.json and DIR/race.md, and prints
the latter. Of each step: median milliseconds over the turns; of each style of the peer, and of ours with cuDNN, also the
median of its ratios to our time of the same round and arithmetic. Needs Python's own library only.

usage: race_table.py DIR
"""
import glob
import json
import os
import statistics
import sys

STEPS = ("gan_step", "fit_step", "iteration", "infer")
PEERS_NAMES = {"gan_step": "gan_ms", "fit_step": "fit_ms", "iteration": "iteration_ms", "infer": "infer_ms"}
MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3}


def our_times(file):
    """{(column, step): milliseconds} of one turn of poseaug_bench; with cuDNN's convolutions in a column of its own."""
    with open(file, encoding="utf-8") as text:
        rows = json.load(text)["benchmarks"]
    times = {}
    for row in rows:
        parts = row["run_name"].split("/")
        if row.get("run_type", "iteration") != "iteration" or row.get("error_occurred") or parts[0] not in STEPS:
            continue
        milliseconds = row["real_time"] * MILLISECONDS[row["time_unit"]]
        who = "ours --conv cudnn" if parts[3].endswith("_cudnn") else "ours"
        times.setdefault(((who, parts[4]), parts[0]), []).append(milliseconds)
    return {key: statistics.median(values) for key, values in times.items()}


def read_turns(folder):
    """{model: {column: {step: {round: milliseconds}}}}; a column is ("ours", precision) or (style, precision)."""
    models = {}

    def put(model, column, step, round_, milliseconds):
        models.setdefault(model, {}).setdefault(column, {}).setdefault(step, {})[round_] = milliseconds

    for file in sorted(glob.glob(os.path.join(folder, "turns", "*.json"))):
        who, model, *_, round_, _ = os.path.basename(file).split(".")
        if who == "ours":
            for (column, step), milliseconds in our_times(file).items():
                put(model, column, step, int(round_), milliseconds)
            continue
        with open(file, encoding="utf-8") as text:
            peer = json.load(text)
        column = (peer["style"] + (" --graph" if peer["graph"] else ""), "tf32" if peer["tf32"] else "float32")
        for step, name in PEERS_NAMES.items():
            put(model, column, step, int(round_), peer[name])
    return models


def compare(columns):
    """[{step, who, precision, ms, ratio, least, most, rounds}] of a model's columns, ours first."""
    results = []
    for (who, precision), steps in sorted(columns.items(), key=lambda c: (c[0][1], c[0][0] != "ours", c[0][0])):
        ours = columns.get(("ours", precision), {})
        for step in STEPS:
            times = steps.get(step, {})
            if not times:
                continue
            result = {"step": step, "who": who, "precision": precision, "ms": statistics.median(times.values()),
                      "rounds": len(times)}
            ratios = [times[r] / ours[step][r] for r in times if r in ours.get(step, {})]
            if who != "ours" and ratios:
                result.update(ratio=statistics.median(ratios), least=min(ratios), most=max(ratios))
            results.append(result)
    return results


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def table(results):
    """Markdown: a row a model and step; the peer's cells hold its time and by how much it is above ours."""
    columns = list(dict.fromkeys((r["precision"], r["who"]) for rows in results.values() for r in rows))
    lines = ["| ms, batch 1024 | " + " | ".join(f"{who}, {precision}" for precision, who in columns) + " |",
             "|---" * (len(columns) + 1) + "|"]
    for model, rows in results.items():
        for step in STEPS:
            cells = {(r["precision"], r["who"]): r for r in rows if r["step"] == step}
            texts = []
            for column in columns:
                cell = cells.get(column)
                missing = "-" if column[1].endswith("cudnn") else "failed"  # it is for convolutions
                text = number(cell["ms"]) if cell else missing
                texts.append(text + (f" ({cell['ratio']:.2f}x)" if cell and "ratio" in cell else ""))
            lines.append(f"| `{model}` {step} | " + " | ".join(texts) + " |")
    return "\n".join(lines) + "\n"


def main(folder):
    results = {model: compare(columns) for model, columns in read_turns(folder).items()}
    if not any(results.values()):
        sys.exit("race_table.py: no turn of the race has a result")
    with open(os.path.join(folder, "race.json"), "w", encoding="utf-8") as out:
        json.dump(results, out, indent=1)
    text = table(results)
    with open(os.path.join(folder, "race.md"), "w", encoding="utf-8") as out:
        out.write(text)
    print(text, end="")


if __name__ == "__main__":
    main(sys.argv[1])
