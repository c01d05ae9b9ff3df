// One answer: its text as it comes, the time it took, and the passages that were read.
//
// What comes later never moves what is there: the text has a box of fixed height while it grows, the waterfall all of
// its rows from the beginning, and the passages stand last.

import { el, milliseconds, plural, setVariables } from "/page/dom.js";

/// The parts of a request, one after the other, with the names that `timings_ms` has.
const phases = [
  { key: "queue", label: "Queue" },
  { key: "prompt", label: "Bottom layers" },
  { key: "search", label: "Fan-out" },
  { key: "read", label: "Reading" },
  { key: "first", label: "First token" },
  { key: "decode", label: "Decoding" },
];

/// The lengths of the phases. What is between reading and the first token, and from there to the end, is said by its end.
function durations(timings) {
  const known = (key) => (Number.isFinite(timings[key]) ? timings[key] : 0);
  const before = known("queue") + known("prompt") + known("search") + known("read");
  const first = known("first_token") > 0 ? Math.max(0, known("first_token") - before) : 0;
  return {
    queue: known("queue"), prompt: known("prompt"), search: known("search"), read: known("read"), first,
    decode: Math.max(0, known("total") - before - first),
  };
}

export class ResultView {
  #started = 0;
  #tokens = 0;
  #mode = "ask";

  constructor(name, settings = "") {
    this.summary = "";
    this.text = el("div", { class: "text", tabindex: "0", role: "group", "aria-label": "Text of the answer" });
    this.more = el("button", { type: "button", class: "quiet more", hidden: true, onclick: () => this.#expand() }, "Show all");
    this.note = el("p", { class: "note" });
    this.rows = phases.map(({ label, key }) => {
      const bar = el("span", { class: `bar ${key}`, "aria-hidden": "true" });
      const time = el("span", { class: "time" }, "–");
      return { key, bar, time, row: el("li", {}, el("span", {}, label), el("span", { class: "track" }, bar), time) };
    });
    this.total = el("span", { class: "time" });
    this.cards = el("ol", { class: "cards" });
    this.heading = el("h2", {}, name === "" ? "Answer" : `Answer ${name}`);
    this.left = el(
      "div", {}, el("div", { class: "panel answer" }, el("div", { class: "title" }, this.heading, el("small", {}, settings), this.more),
        this.text, this.note),
      el("div", { class: "panel" }, el("div", { class: "title" }, el("h2", {}, "Time"), this.total),
        el("ol", { class: "waterfall" }, this.rows.map(({ row }) => row))),
    );
    this.count = el("small", {});
    this.element = el(
      "article", { class: "result", "aria-label": name === "" ? "Answer" : `Answer with settings ${name}` }, this.left,
      el("div", {}, el("div", { class: "title" }, el("h2", {}, "Passages"), this.count), this.cards),
    );
  }

  /// Before anything was asked: says what will stand here.
  idle() {
    this.text.append(el("p", { class: "muted" }, "The answer appears here while it is made; beside it the passages that the model reads."));
    this.cards.append(el("li", { class: "muted" }, "No passages yet."));
    return this.element;
  }

  begin(mode) {
    this.#mode = mode;
    this.#started = performance.now();
    this.element.setAttribute("aria-busy", "true");
    this.text.classList.add("live");
    this.note.textContent = mode === "search" ? "Searching…" : "Asking…";
    if (mode === "search") this.text.append(el("p", { class: "muted" }, "Search only: no answer is made."));
  }

  showSources(sources) {
    // They come twice: before the text, and at its end with the attention.
    const most = (value) => Math.max(...sources.map((source) => value(source) || 0), 0);
    const limits = {
      vector: sources.map((source) => source.by_vector?.score).filter(Number.isFinite),
      words: most((source) => source.by_words?.score),
      attention: most((source) => source.attention),
    };
    this.cards.replaceChildren(...sources.map((source) => card(source, limits)));
    if (sources.length === 0) this.cards.append(el("li", { class: "muted" }, "None: the answer rests on the model alone."));
    this.count.textContent = plural(sources.length, "passage");
    this.#passages = sources.length;
  }

  #passages = 0;

  addText(text) {
    const isFirst = this.#tokens === 0;
    this.#tokens += 1;
    // Answers begin with the space that follows the prompt.
    this.text.append(isFirst ? text.trimStart() : text);
    this.text.scrollTop = this.text.scrollHeight;
    if (isFirst) this.note.textContent = `First text after ${milliseconds(performance.now() - this.#started)} here`;
  }

  showUsage(usage) {
    this.#tokens = usage.completion_tokens ?? this.#tokens;
  }

  /// The last object of an answer: `timings_ms`, `completeness`, `finish`.
  finish(result) {
    this.result = result;
    const timings = result.timings_ms;
    if (!timings) return;
    const lengths = durations(timings);
    const total = Math.max(timings.total ?? 0, 1e-9);
    let start = 0;
    for (const { key, bar, time } of this.rows) {
      setVariables(bar, { start: (100 * start) / total, length: (100 * lengths[key]) / total });
      bar.classList.add("shown");
      time.textContent = milliseconds(lengths[key]);
      start += lengths[key];
    }
    this.total.textContent = milliseconds(timings.total);
  }

  end() {
    const parts = [];
    const abstained = this.result?.abstained;
    if (abstained) {
      parts.push(`No answer: ${abstained.reason}: ${abstained.why}`);
      this.note.classList.add("warning");
    }
    const decoding = durations(this.result?.timings_ms ?? {}).decode;
    if (this.#mode === "ask") {
      parts.push(plural(this.#tokens, "token"));
      if (this.#tokens > 1 && decoding > 0) parts.push(`${((1000 * (this.#tokens - 1)) / decoding).toFixed(0)} a second`);
      if (this.result?.finish === "length") parts.push("cut at the longest length");
    }
    const { completeness } = this.result ?? {};
    if (completeness?.complete === false) {
      const missing = (completeness.shards ?? []).filter((shard) => shard.state !== "answered");
      parts.push(
        `incomplete: ${completeness.passages_searched} of ${completeness.passages_total} passages searched`
          + (missing.length > 0 ? ` (${missing.map((shard) => `${shard.name}: ${shard.message || shard.state}`).join("; ")})` : ""),
      );
      this.note.classList.add("warning");
    }
    this.note.textContent = parts.join(" · ") || "Done";
    this.summary = this.#mode === "ask" ? `Answer: ${this.text.textContent}` : plural(this.#passages, "passage");
    this.#settle();
  }

  fail(error) {
    const isStopped = error.name === "AbortError";
    this.note.textContent = isStopped ? "Stopped." : `${error.code ? `${error.code}: ` : ""}${error.message}`;
    this.note.classList.add(isStopped ? "warning" : "error");
    this.summary = this.note.textContent;
    this.#settle();
  }

  #settle() {
    this.element.removeAttribute("aria-busy");
    this.text.classList.remove("live");
    this.more.hidden = this.text.scrollHeight <= this.text.clientHeight + 1;
  }

  #expand() {
    this.text.classList.add("whole");
    this.more.hidden = true;
    this.text.focus();
  }
}

function card(source, limits) {
  const measures = [
    ["Vector", "vector", source.by_vector, vectorShare(source.by_vector?.score, limits.vector)],
    ["Words", "words", source.by_words, (source.by_words?.score ?? 0) / limits.words],
  ].map(([label, key, list, share]) => measure(label, key, list ? `#${list.rank}` : "–", list ? number(list.score) : "not among them", share));
  const attention = source.attention;
  measures.push(
    measure("Attention", "attention", Number.isFinite(attention) ? `${(100 * attention).toFixed(1)} %` : "–", "", (attention ?? 0) / limits.attention),
  );
  const metadata = Object.entries(source.metadata ?? {});
  return el(
    "li", { class: "panel card" },
    el("div", { class: "title" }, el("span", { class: "rank" }, String(source.rank)), el("h3", {}, source.title || source.id),
      el("small", {}, `score ${number(source.score)}`)),
    el("p", { class: "passage" }, source.text ?? ""),
    el("dl", { class: "measures" }, measures),
    el("p", { class: "id" }, source.id, metadata.map(([name, value]) => el("span", { class: "tag" }, `${name}: ${[value].flat().join(", ")}`))),
  );
}

/// Inner products have no zero that means anything: the bar says where a passage stands between the worst and the best shown.
function vectorShare(score, scores) {
  if (!Number.isFinite(score)) return 0;
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  return most > least ? 0.15 + (0.85 * (score - least)) / (most - least) : 1;
}

function measure(label, key, value, detail, share) {
  const bar = el("span", { class: `bar ${key} shown`, vars: { start: 0, length: 100 * (Number.isFinite(share) ? share : 0) } });
  return el("div", {}, el("dt", {}, label), el("dd", { title: detail }, el("span", { class: "track", "aria-hidden": "true" }, bar),
    el("span", { class: "time" }, value, detail === "" ? null : el("span", { class: "hidden" }, `, ${detail}`))));
}

const number = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "–");
