"""What was measured, piece by piece: a JSON file a part, so that a run that was cut off goes on."""

import datetime
import json
import os
import pathlib
import platform

COMMITTED = pathlib.Path(__file__).resolve().parent / "results"
FOLDER = COMMITTED


def machine():
    """What figures depend on."""
    name = platform.processor() or "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    return {"processor": name, "cores": os.cpu_count(), "python": platform.python_version()}


class Part:
    """One part's pieces: a list of dictionaries, each found again by its `keys`."""

    def __init__(self, name, folder=None):
        self.path = (folder or FOLDER) / f"{name}.json"
        self.pieces = json.loads(self.path.read_text()) if self.path.exists() else []

    def find(self, keys):
        """The piece that has exactly these values, or None."""
        return next((piece for piece in self.pieces if all(piece.get(key) == value for key, value in keys.items())), None)

    def put(self, keys, piece):
        """Enters a piece in the place of an older one, and writes the file, whole or not at all."""
        old = self.find(keys)
        new = keys | piece | {"day": datetime.date.today().isoformat(), "machine": machine()}
        if old is None:
            self.pieces.append(new)
        else:
            self.pieces[self.pieces.index(old)] = new
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        lines = ",\n".join(json.dumps(piece, ensure_ascii=False) for piece in self.pieces)
        fresh.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        os.replace(fresh, self.path)
