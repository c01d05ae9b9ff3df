// Where the time of a request went: its parts one after the other, and what each shard had of the fan-out.

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
export function durations(timings) {
  const known = (key) => (Number.isFinite(timings[key]) ? timings[key] : 0);
  const before = known("queue") + known("prompt") + known("search") + known("read");
  const first = known("first_token") > 0 ? Math.max(0, known("first_token") - before) : 0;
  return {
    queue: known("queue"), prompt: known("prompt"), search: known("search"), read: known("read"), first,
    decode: Math.max(0, known("total") - before - first),
  };
}

export class Waterfall {
  constructor() {
    this.rows = phases.map(({ label, key }) => {
      const bar = el("span", { class: `bar ${key}`, "aria-hidden": "true" });
      const time = el("span", { class: "time" }, "–");
      return { key, bar, time, row: el("li", {}, el("span", {}, label), el("span", { class: "track" }, bar), time) };
    });
    this.total = el("span", { class: "time" });
    this.shards = el("ol", { class: "waterfall shards" });
    this.summary = el("summary", {}, "Fan-out by shard");
    // Closed at first: its rows are not known before the end, and would move what stands below.
    this.element = el(
      "div", { class: "panel" }, el("div", { class: "title" }, el("h2", {}, "Time"), this.total),
      el("ol", { class: "waterfall" }, this.rows.map(({ row }) => row)), el("details", {}, this.summary, this.shards),
    );
  }

  /// - Parameter shards: of `completeness`, where it says them.
  show(timings, shards) {
    const lengths = durations(timings);
    const total = Math.max(timings.total ?? 0, 0.001);
    let start = 0;
    for (const { key, bar, time } of this.rows) {
      const length = lengths[key];
      setVariables(bar, { start: (100 * start) / total, length: (100 * length) / total });
      bar.classList.toggle("shown", length > 0);
      time.textContent = length > 0 ? milliseconds(length) : "–";
      start += length;
    }
    this.total.textContent = milliseconds(timings.total);
    this.#showShards(shards ?? [], timings.search);
  }

  #showShards(shards, search) {
    const whole = Math.max(search ?? 0, ...shards.map((shard) => shard.duration_ms ?? 0), 0.001);
    this.summary.textContent = shards.length === 0 ? "Fan-out: no shard was asked" : `Fan-out: ${plural(shards.length, "shard")}`;
    this.shards.replaceChildren(...shards.flatMap((shard) => [
      shardRow(shard, whole), ...(shard.partitions ?? []).map((partition) => partitionRow(partition, shard, whole)),
    ]));
  }
}

/// From the beginning of the fan-out to the shard's answer; the dark end of the bar is its own search.
function shardRow(shard, whole) {
  const [time, own] = [shard.duration_ms ?? 0, Math.min(shard.search_ms ?? 0, shard.duration_ms ?? 0)];
  const hint = [shard.state === "answered" ? "" : shard.state.replace("_", " "), { hedge: "second asked", retry: "asked again" }[shard.turn] ?? ""];
  return el("li", {}, el("span", {}, shard.name, hint.filter((each) => each !== "").map((each) => el("small", {}, ` ${each}`))),
    el("span", { class: "track", "aria-hidden": "true" }, bar("search way", 0, time, whole), bar("search", time - own, own, whole)),
    el("span", { class: "time" }, time > 0 ? milliseconds(time) : "–"));
}

/// Partitions of a shard are searched side by side: at the end of its bar.
function partitionRow(partition, shard, whole) {
  const start = Math.max(0, (shard.duration_ms ?? 0) - (shard.search_ms ?? 0));
  return el("li", { class: "partition" }, el("span", {}, `partition ${partition.partition}`),
    el("span", { class: "track", "aria-hidden": "true" }, bar("words", start, partition.search_ms ?? 0, whole)),
    el("span", { class: "time" }, milliseconds(partition.search_ms ?? 0)));
}

const bar = (key, start, length, whole) =>
  el("span", { class: `bar ${key}${length > 0 ? " shown" : ""}`, vars: { start: (100 * start) / whole, length: (100 * length) / whole } });
