import json
import pathlib
import tempfile
import unittest

import first_token


def span(name, start, end, kind=1):
    return {"name": name, "kind": kind, "startTimeUnixNano": str(start * 10**6), "endTimeUnixNano": str(end * 10**6)}


class Parts(unittest.TestCase):
    def test_one_after_the_other(self):
        spans = [
            span("ask", 100, 160, 2), span("queue", 101, 103), span("bottom_layers", 103, 107), span("search", 107, 112),
            span("generate", 112, 158, 3), span("generate", 113, 157, 2), span("tokenize", 113, 115), span("states", 115, 124),
            span("read", 125, 150)]
        found = dict(zip(first_token.PARTS, first_token.parts(spans, 52)))
        self.assertEqual(found, {
            "tokens": 1, "queue": 2, "bottom layers": 4, "search": 5, "hand-over": 1, "passages' tokens": 2, "states": 9,
            "place": 1, "reading": 25, "first token": 2})
        self.assertEqual(sum(found.values()), 52)


class Questions(unittest.TestCase):
    def test_titles_of_a_corpus_are_asked_about(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "corpus.jsonl"
            path.write_text("".join(json.dumps({"id": str(n), "title": f"T{n}", "text": ""}) + "\n" for n in range(9)))
            self.assertEqual(
                first_token.read_questions(path, 3), [f"What is T{n} known for?" for n in (0, 3, 6)])
            path.write_text(json.dumps({"question": "Who?"}) + "\n")
            self.assertEqual(first_token.read_questions(path, 3), ["Who?"])


if __name__ == "__main__":
    unittest.main()
