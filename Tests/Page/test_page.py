"""The page in a browser: what people see, click and press. `make test-page` runs it."""

import json
import re
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from mock_gateway import Gateway

try:
    from browser import Browser, chromium
except ImportError:
    sys.exit("python3-websockets is missing; `make test-page` has it in a virtual environment")

DONE = "document.getElementById('stop').disabled && document.getElementById('announcement').textContent !== 'Asking'"
NOTE = "document.querySelector('.note').textContent"
LOOKS = "document.querySelector('.looks').textContent.replaceAll('\u00a0', ' ')"
TEXT = "document.querySelector('.text').textContent"

# Every text's contrast with what is painted behind it: what is below 4.5, or 3 where letters are large.
CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || !element.checkVisibility() || element.closest(':disabled, noscript, .hidden, option')) continue;
    const style = getComputedStyle(element);
    const color = rgba(element.ownerSVGElement ? style.fill : style.color);
    const behind = element.ownerSVGElement ? rgba(getComputedStyle(element.parentElement.querySelector('rect')).fill) : ground(element);
    const [a, b] = [light(color), light(behind)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) poor.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return poor;
})()"""

# What axe would look at first: names, ids, references, order of headings.
BASICS = """(() => {
  const wrong = [];
  for (const element of document.querySelectorAll('button, input, select, textarea, a[href], progress')) {
    const name = element.getAttribute('aria-label') || [...(element.labels ?? [])].map((label) => label.textContent).join('')
      || (element.matches('button, a') ? element.textContent : '');
    if (name.trim() === '') wrong.push('no name: ' + element.outerHTML.slice(0, 80));
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id twice');
  for (const attribute of ['for', 'aria-controls', 'aria-labelledby']) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      if (!document.getElementById(element.getAttribute(attribute))) wrong.push('refers to nothing: ' + element.outerHTML.slice(0, 80));
    }
  }
  for (const image of document.querySelectorAll('img:not([alt]), svg[role=img]:not([aria-label])')) wrong.push('no text: ' + image.outerHTML.slice(0, 80));
  if (!document.documentElement.lang || !document.title || !document.querySelector('main')) wrong.push('lang, title or main is missing');
  if ([...document.querySelectorAll('h1')].filter((each) => each.checkVisibility()).length !== 1) wrong.push('not one h1');
  return wrong;
})()"""


@unittest.skipUnless(chromium(), "no Chromium: `apt-get install chromium` has one")
class PageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        self.gateway = Gateway()
        threading.Thread(target=self.gateway.serve_forever, args=(0.01,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self.gateway.server_address[1]}/"

    def tearDown(self):
        """Whatever a test was about: no error, no violation of the policy, nothing that jumps."""
        try:
            self.assertEqual(self.browser.errors, [])
            self.assertEqual(self.browser.run("window.violations"), [])
            self.assertLess(self.browser.run("window.shift"), 0.05)
        finally:
            self.gateway.shutdown()
            self.gateway.server_close()

    def ask(self, question, parameters="", **window):
        """Opens the address of a question and waits for the end of its answer."""
        self.browser.open(f"{self.base}#ask?q={question}{parameters}", **window)
        self.browser.wait(DONE, "the end of the answer")

    def see(self, script, expected):
        """Checks the value of an expression."""
        self.assertEqual(self.browser.run(script), expected)

    def test_an_answer_comes_token_by_token_and_its_passages_before_it(self):
        self.gateway.pause = 0.15
        self.browser.open(self.base + "#ask?q=peru&k=5&words=fuse")
        self.browser.wait("document.querySelectorAll('.card').length === 5", "the passages")
        early = self.browser.wait(TEXT, "a first word")
        self.assertTrue("Lima is the capital of Peru.".startswith(early[:8]))
        self.see("document.querySelector('.result').getAttribute('aria-busy')", "true")
        self.browser.wait(DONE, "the end")
        whole = self.browser.run(TEXT)
        self.assertTrue(whole.startswith(early) and len(whole) > len(early) and whole.endswith("three rivers."))
        path, body = self.gateway.asked[0]
        self.assertEqual((path, body["prompt"], body["stream"]), ("/v1/completions", "Q: peru A:", True))
        self.assertEqual(body["imprag"], {"k": 5, "words": "fuse", "completeness": "partial", "token_attention": True})

    def test_cards_have_ranks_and_bars_and_the_waterfall_its_phases(self):
        self.ask("peru")
        self.see("[...document.querySelectorAll('.card h3')].map((e) => e.textContent)[0]", "Peru")
        self.see("document.querySelector('.card .attention').style.getPropertyValue('--length')", "100")
        self.see("document.querySelectorAll('.card')[1].querySelector('dd').textContent", "–, not among them")
        times = self.browser.run("[...document.querySelectorAll('.waterfall:not(.shards) li')].map((e) => e.innerText.replace(/\\s+/g, ' '))")
        self.assertEqual(times[0], "Queue 0.22 ms")
        self.assertEqual([re.sub(r" [\d.]+ ms$", "", each) for each in times],
                         ["Queue", "Bottom layers", "Fan-out", "Reading", "First token", "Decoding"])
        self.see("getComputedStyle(document.querySelector('.waterfall .read')).width !== '0px'", True)

    def test_a_passage_shows_which_tokens_looked_at_it(self):
        self.ask("peru", "&k=4")
        masses = "[...document.querySelectorAll('.token')].map((e) => Number(e.style.getPropertyValue('--mass')))"
        self.browser.run("document.querySelectorAll('.card')[2].dispatchEvent(new PointerEvent('pointerenter'))")
        self.see("document.querySelector('.text').classList.contains('lit')", True)
        found = self.browser.run(masses)
        words = self.browser.run("[...document.querySelectorAll('.token')].map((e) => e.textContent.trim())")
        self.assertEqual([word for word, mass in zip(words, found) if mass > 99], ["is", "capital", "of", "lies", "in", "of"])
        self.assertIn("Passage 3 was looked at most by “is” 56.3 %, “capital” 56.3 %, “of” 56.3 %", self.browser.run(LOOKS))
        self.see("getComputedStyle(document.querySelectorAll('.token')[3]).backgroundColor !== 'rgba(0, 0, 0, 0)'", True)
        self.browser.run("document.querySelectorAll('.card')[2].dispatchEvent(new PointerEvent('pointerleave'))")
        self.see("document.querySelector('.text').classList.contains('lit')", False)

    def test_a_token_shows_its_shares_on_the_cards_by_the_keyboard_too(self):
        self.ask("peru", "&k=4")
        shown = "[...document.querySelectorAll('.card .measures div:last-child')].map((e) => e.textContent)"
        before = self.browser.run(shown)
        self.assertEqual(before[0], "Attention28.8 %")
        self.browser.run("document.querySelector('.token').dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))")
        self.assertEqual(self.browser.run(shown)[:2], ["This token17.3 %", "This token34.3 %"])
        self.browser.run("document.querySelector('.text').dispatchEvent(new PointerEvent('pointerleave'))")
        self.see(shown, before)
        self.browser.run("document.querySelector('.text').focus()")
        for _ in range(2):
            self.browser.key("ArrowRight")
        self.see("document.querySelector('.token.current').textContent", " the")
        self.browser.key("Home")
        self.assertEqual(self.browser.run(LOOKS), "“Lima” looked at 2 Lima (city) 34.3 %, 1 Peru 17.3 %, 3 Distrito Capital de Bogotá 14.1 %")
        self.see("[...document.querySelectorAll('.card.seen h3')].map((e) => e.textContent)", ["Lima (city)"])
        self.see("document.querySelector('.looks').getAttribute('role')", "status")
        self.browser.key("Tab")
        self.see(shown, before)

    def test_the_fan_out_has_its_shards_and_partitions(self):
        self.ask("partial")
        self.browser.click(".result details summary")
        rows = self.browser.run("[...document.querySelectorAll('.shards li')].map((e) => e.innerText.replace(/\\s+/g, ' '))")
        self.assertEqual(rows, ["shard-0 6.10 ms", "partition 0 3.20 ms", "partition 2 4.60 ms", "shard-1 late asked again 500 ms"])
        self.see(CONTRAST, [])

    def test_what_a_passage_says_is_text(self):
        self.ask("peru")
        self.see("document.querySelectorAll('.card')[4].querySelector('h3').textContent", "<b>Markup</b>")
        self.see("document.querySelectorAll('.card img, .card b').length", 0)

    def test_stop_ends_the_answer_here_and_at_the_gateway(self):
        self.browser.open(self.base + "#ask?q=endless")
        self.browser.wait(TEXT + ".length > 20", "some text")
        self.browser.click("#stop")
        self.browser.wait(NOTE + " === 'Stopped.'", "the end")
        self.assertTrue(self.gateway.aborted.wait(10))
        self.see("document.getElementById('stop').disabled", True)

    def test_a_long_answer_moves_nothing_and_is_shown_whole_on_request(self):
        self.ask("long", width=360, height=780)
        self.see("document.querySelector('.more').hidden", False)
        self.browser.click(".more")
        self.see("(e => e.scrollHeight <= e.clientHeight + 1)(document.querySelector('.text'))", True)

    def test_errors_are_said(self):
        self.ask("refused")
        self.see(NOTE, "invalid_argument: k is 5000; at most 1000 are allowed")
        self.ask("broken")
        self.see(NOTE, "unavailable: generator-0 went away")
        self.see(TEXT, "Lima is the")
        self.ask("partial")
        self.assertIn("incomplete: 7221 of 14376 passages searched (shard-1: deadline exceeded)", self.browser.run(NOTE))

    def test_a_key_is_asked_for_and_sent(self):
        self.gateway.key = "secret"
        self.browser.open(self.base + "#ask?q=peru")
        self.browser.wait("document.getElementById('key-dialog').open", "the dialog")
        self.see("document.activeElement.id", "key")
        self.browser.type("secret")
        self.browser.key("Enter")
        self.browser.wait(TEXT + ".endsWith('rivers.')", "the answer")
        self.browser.wait("document.getElementById('a-model').options.length === 3", "the collections")
        self.see("localStorage.length > 0 && JSON.stringify(localStorage).includes('secret')", False)
        self.browser.run("sessionStorage.clear()")

    def test_the_keyboard_is_enough(self):
        self.browser.open(self.base)
        self.browser.key("Tab")
        self.see("document.activeElement.className", "skip")
        self.browser.key("Tab")
        self.see("document.activeElement.id", "tab-ask")
        self.browser.key("ArrowRight")
        self.browser.key("ArrowRight")
        self.see("[document.activeElement.id, document.getElementById('panel-cluster').hidden]", ["tab-cluster", False])
        self.browser.key("ArrowRight")
        self.browser.key("Tab")
        self.see("document.activeElement.id", "theme")
        self.browser.key("Tab")
        self.see("document.activeElement.id", "question")
        self.browser.type("endless")
        self.browser.key("Enter")
        self.browser.wait(TEXT + ".length > 20", "some text")
        self.assertIn("q=endless", self.browser.run("location.hash"))
        self.browser.key("Escape")
        self.browser.wait(NOTE + " === 'Stopped.'", "the end")

    def test_two_settings_side_by_side(self):
        self.ask("peru", "&compare=1&k=4&b.k=2&b.words=off&b.model=wikipedia")
        self.see("[...document.querySelectorAll('.result')].map((e) => e.querySelectorAll('.card').length)", [4, 2])
        bodies = sorted((body for _, body in self.gateway.asked), key=lambda body: body["imprag"]["k"])
        self.assertEqual([body["model"] for body in bodies], ["wikipedia", ""])
        self.assertEqual(bodies[0]["imprag"]["words"], "off")

    def test_filters_become_json_and_survive_in_the_address(self):
        self.browser.open(self.base)
        self.browser.click("#options summary")
        self.browser.click("#add-filter")
        self.browser.type("year")
        self.browser.run("(r => { r.children[1].value = 'at_least'; r.children[2].value = '1990'; })(document.querySelector('.filter'))")
        self.browser.click("#question")
        self.browser.type("peru")
        self.browser.click("#submit")
        self.browser.wait(DONE, "the answer")
        self.assertEqual(self.gateway.asked[0][1]["imprag"]["filter"], {"field": "year", "at_least": 1990})
        address = self.browser.run("location.href")
        self.browser.open(address)
        self.browser.wait(DONE, "the answer again")
        self.assertEqual(self.gateway.asked[1], self.gateway.asked[0])
        self.see("document.querySelector('.history a').textContent", "peru")

    def test_search_only(self):
        self.ask("peru", "&mode=search&k=3")
        self.see("document.querySelectorAll('.card').length", 3)
        options = {"model": "", "k": 3, "completeness": "partial"}
        self.assertEqual(self.gateway.asked, [("/v1/search", {"query": "Q: peru A:"} | options)])
        self.ask("peru", "&mode=search&k=3&prompt=raw")
        self.assertEqual(self.gateway.asked[1], ("/v1/search", {"query": "peru"} | options))

    def test_files_are_cut_and_added(self):
        with tempfile.TemporaryDirectory() as folder:
            lines = [json.dumps({"id": f"p{n}", "text": f"text {n}"}) for n in range(150)] + ["{", '{"id": ""}']
            (Path(folder) / "some.jsonl").write_text("\n".join(lines))
            (Path(folder) / "notes.md").write_text("# First\n\n" + "word " * 130 + "\n\nshort\n\n## Second\nlast one\n")
            self.browser.open(self.base + "#add")
            self.browser.choose("#files", [f"{folder}/some.jsonl", f"{folder}/notes.md"])
            self.browser.wait("!document.getElementById('upload').disabled", "the files")
            chosen = self.browser.run("[...document.querySelectorAll('#chosen li')].map((e) => e.textContent)")
            self.assertIn("some.jsonl 150 passages; 2 bad lines, as in line 151", chosen[0])
            self.assertEqual(chosen[1], "notes.md 3 passages")
            self.browser.click("#upload")
            self.browser.wait("document.getElementById('upload-status').textContent.includes('added in')", "the end")
        batches = [body["passages"] for path, body in self.gateway.asked if path == "/v1/passages"]
        self.assertEqual([len(batch) for batch in batches], [64, 64, 25])
        cut = batches[-1][-3:]
        self.assertEqual([(p["id"], p["title"], len(p["text"].split())) for p in cut],
                         [("notes.md#0", "First", 100), ("notes.md#1", "First", 31), ("notes.md#2", "Second", 2)])

    def test_the_cluster_is_drawn_and_lives(self):
        for width in (360, 1440):
            with self.subTest(width=width):
                self.watch_cluster(width)
                self.assertLess(self.browser.run("window.shift"), 0.05)

    def watch_cluster(self, width):
        """Waits for two reports, and reads them."""
        self.browser.open(self.base + "#cluster", width=width)
        self.browser.wait("document.querySelectorAll('.box').length === 6", "the picture")
        self.assertIn("4 of 5 nodes ready", self.browser.run("document.getElementById('cluster-status').textContent"))
        self.browser.wait("/^[0-9.]+$/.test(document.querySelectorAll('.totals dd')[2].textContent)", "a rate")
        self.assertIn("17, 1 behind", self.browser.run("document.querySelectorAll('.node')[2].innerText"))
        self.see("[...document.querySelectorAll('.state.other')].map((e) => e.textContent)", ["unreachable"])

    def test_every_size_and_color_can_be_read(self):
        for width, height in ((1440, 900), (360, 780)):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.ask("peru", "&compare=1", width=width, height=height, dark=dark)
                    self.assertLess(self.browser.run("window.shift"), 0.05)
                    for each in ("#options summary", "#add-filter", "#history summary"):
                        self.browser.click(each)
                    for tab in ("ask", "add", "cluster"):
                        self.browser.click(f"#tab-{tab}")
                        if tab == "cluster":
                            self.browser.wait("document.querySelectorAll('.box').length === 6", "the picture")
                        self.see("document.documentElement.scrollWidth <= innerWidth", True)
                        self.see(CONTRAST, [])
                        self.see(BASICS, [])
                    ground = self.browser.run("getComputedStyle(document.body).backgroundColor")
                    self.assertEqual(ground, "rgb(18, 20, 24)" if dark else "rgb(246, 245, 242)")

    def test_colors_can_be_chosen(self):
        self.browser.open(self.base)
        for name, ground in (("Light", "rgb(246, 245, 242)"), ("Dark", "rgb(18, 20, 24)")):
            self.browser.click("#theme")
            self.see("document.getElementById('theme').textContent", name)
            self.see("getComputedStyle(document.body).backgroundColor", ground)
        self.browser.run("localStorage.clear()")


if __name__ == "__main__":
    unittest.main(verbosity=2)
