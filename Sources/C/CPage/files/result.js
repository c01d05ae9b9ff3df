// One answer: its text as it comes, the time it took, and the passages that were read.
//
// What comes later never moves what is there: the text has a box of fixed height while it grows, the waterfall all of
// its rows from the beginning, and the passages stand last.

import { AttentionView } from "/page/attention.js";
import { el, milliseconds, plural, setVariables } from "/page/dom.js";
import { durations, Waterfall } from "/page/waterfall.js";

export class ResultView {
  #started = 0;
  #tokens = 0;
  #mode = "ask";

  constructor(name, settings = "") {
    this.summary = "";
    this.text = el("div", { class: "text", tabindex: "0", role: "group", "aria-label": "Text of the answer" });
    this.more = el("button", { type: "button", class: "quiet more", hidden: true, onclick: () => this.#expand() }, "Show all");
    this.note = el("p", { class: "note" });
    this.looks = el("p", { class: "note looks", role: "status" });
    this.attention = new AttentionView(this.text, this.looks);
    this.waterfall = new Waterfall();
    this.cards = el("ol", { class: "cards" });
    this.heading = el("h2", {}, name === "" ? "Answer" : `Answer ${name}`);
    this.left = el(
      "div", {}, el("div", { class: "panel answer" }, el("div", { class: "title" }, this.heading, el("small", {}, settings), this.more),
        this.text, this.note, this.looks),
      this.waterfall.element,
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
    const cards = sources.map((source) => card(source, limits));
    this.cards.replaceChildren(...cards.map((each) => each.card));
    this.attention.take(cards);
    if (sources.length === 0) this.cards.append(el("li", { class: "muted" }, "None: the answer rests on the model alone."));
    this.count.textContent = plural(sources.length, "passage");
    this.#passages = sources.length;
  }

  #passages = 0;
  #pending = [];

  /// - Parameter tokens: those that the text is of, as `imprag.tokens` has them; empty where it does not say.
  addText(text, tokens = []) {
    // Their text may yet come: a character can have several tokens.
    this.#pending.push(...tokens.map((token) => token.attention));
    if (text === "") return;
    const isFirst = this.#tokens === 0;
    this.#tokens += 1;
    // Answers begin with the space that follows the prompt.
    this.attention.add(isFirst ? text.trimStart() : text, mean(this.#pending));
    this.#pending = [];
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
    if (timings) this.waterfall.show(timings, result.completeness?.shards);
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
    this.attention.end();
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
  const attention = attentionMeasure(source.attention, (source.attention ?? 0) / limits.attention);
  measures.push(attention.element);
  const metadata = Object.entries(source.metadata ?? {});
  const name = source.title || source.id;
  const element = el(
    "li", { class: "panel card", tabindex: "0" },
    el("div", { class: "title" }, el("span", { class: "rank" }, String(source.rank)), el("h3", {}, name),
      el("small", {}, `score ${number(source.score)}`)),
    el("p", { class: "passage" }, source.text ?? ""),
    el("dl", { class: "measures" }, measures),
    el("p", { class: "id" }, source.id, metadata.map(([field, value]) => el("span", { class: "tag" }, `${field}: ${[value].flat().join(", ")}`))),
  );
  return { card: element, name, measure: attention };
}

/// A passage's share of attention; `show` puts that of one token in its place, `reset` takes it away again.
function attentionMeasure(share, length) {
  const percent = (value) => (Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : "–");
  const element = measure("Attention", "attention", percent(share), "", length);
  const [label, bar, time] = [element.querySelector("dt"), element.querySelector(".bar"), element.querySelector(".time")];
  const show = (name, value, width) => {
    label.textContent = name;
    time.textContent = percent(value);
    setVariables(bar, { length: 100 * (Number.isFinite(width) ? width : 0) });
  };
  return { element, show, reset: () => show("Attention", share, length) };
}

/// Of lists of equal length; empty of none.
const mean = (lists) => (lists[0] ?? []).map((_, place) => lists.reduce((sum, list) => sum + list[place], 0) / lists.length);

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
