// The tab that watches the cluster: what `GET /v1/status` says, every two seconds while somebody looks.

import { byID, bytes, count, el, milliseconds, setVariables, svg } from "/page/dom.js";
import { getJSON } from "/page/api.js";
import { drawTopology } from "/page/topology.js";

const period = 2000;
/// Rates that a sparkline shows: the last two minutes.
const rateLimit = 60;

let timer = null;
let isShown = false;
let isAsking = false;
let lastNodes = null;
/// Per node: `{requests, time, rates}`.
const seen = new Map();

export function showCluster(shown) {
  isShown = shown;
  clearTimeout(timer);
  if (shown) poll(true);
}

document.addEventListener("visibilitychange", () => showCluster(isShown));
addEventListener("resize", () => {
  if (lastNodes && isShown) drawTopology(byID("topology"), lastNodes);
});

async function poll(asksForKey) {
  if (document.hidden || isAsking) return;
  isAsking = true;
  try {
    const { nodes } = await getJSON("/v1/status", { asksForKey });
    show(nodes, performance.now());
  } catch (error) {
    say(`${error.message} What is below may be old.`, true);
  } finally {
    isAsking = false;
  }
  clearTimeout(timer);
  if (isShown) timer = setTimeout(() => poll(false), period);
}

function say(text, isBad) {
  const line = byID("cluster-status");
  line.classList.toggle("error", isBad);
  line.textContent = text;
}

/// A sample of the node's metrics without labels; undefined when it does not report it.
const metric = (node, name) => node.samples?.find((sample) => sample.name === name && !sample.labels)?.value;

const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);

function show(nodes, time) {
  lastNodes = nodes;
  byID("report").hidden = false;
  const newest = Math.max(...nodes.map((node) => node.epoch ?? 0), 0);
  for (const node of nodes) measureRate(node, time);
  const ready = nodes.filter((node) => node.state === "ready").length;
  say(`${ready} of ${nodes.length} nodes ready; every ${period / 1000} seconds`, ready < nodes.length);
  const of = (role) => nodes.filter((node) => node.role === role);
  totals([
    ["Passages", count(Math.max(...of("coordinator").map((node) => node.passages), 0))],
    ["Epoch", count(newest)],
    ["Requests a second", rateText(sum(of("coordinator").map((node) => seen.get(node.name).rates.at(-1))))],
    ["Answers in the making", count(sum(of("generator").map((node) => node.generation?.active)))],
    ["Memory", bytes(sum(nodes.map((node) => node.memory_bytes)))],
  ]);
  drawTopology(byID("topology"), nodes);
  byID("nodes").replaceChildren(...nodes.map((node) => nodeCard(node, newest)));
}

/// The rate of requests since the last report. A count that fell is that of a node that began again.
function measureRate(node, time) {
  const before = seen.get(node.name);
  const rates = before?.rates ?? [];
  if (before && Number.isFinite(node.requests) && node.requests >= before.requests) {
    rates.push((1000 * (node.requests - before.requests)) / (time - before.time));
  }
  seen.set(node.name, { requests: node.requests ?? 0, time, rates: rates.slice(-rateLimit) });
}

const rateText = (rate) => (Number.isFinite(rate) ? rate.toFixed(rate >= 100 ? 0 : 1) : "–");

function totals(entries) {
  byID("totals").replaceChildren(...entries.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value))));
}

function nodeCard(node, newest) {
  const rates = seen.get(node.name).rates;
  const rows = [];
  const row = (label, value, share, key) => rows.push(line(label, value, share, key));
  if (node.passages > 0) row("Passages", count(node.passages));
  if (node.epoch !== undefined) {
    const lag = metric(node, "imprag_lag_epochs") ?? newest - node.epoch;
    row("Epoch", `${count(node.epoch)}${lag > 0 ? `, ${count(lag)} behind` : ""}`);
  }
  if (node.unindexed_passages !== undefined) row("Unindexed", count(node.unindexed_passages));
  if (node.recall) {
    const { mean, k, samples } = node.recall;
    row(`Recall@${k}`, `${mean.toFixed(3)} of ${count(samples)}`, mean, "words");
  }
  const planned = sum((node.samples ?? []).filter((sample) => sample.name === "imprag_planned_bytes").map((sample) => sample.value));
  if (node.memory_bytes !== undefined) {
    row("Memory", `${bytes(node.memory_bytes)}${planned > 0 ? ` of ${bytes(planned)}` : ""}`, node.memory_bytes / planned, "vector");
  }
  if (node.generation) {
    const { active, waiting, tokens, bytes: used, limit } = node.generation;
    row("Answers", `${count(active)} active, ${count(waiting)} waiting`);
    row("Their memory", `${bytes(used)} of ${bytes(limit)}`, used / limit, "vector");
    row("Tokens", count(tokens));
  }
  if (node.waiting_prompts !== undefined) row("Prompts waiting", count(node.waiting_prompts));
  if (node.requests !== undefined) row("Requests", `${count(node.requests)}${node.failures > 0 ? `, ${count(node.failures)} failed` : ""}`);
  if (node.p50_ms !== undefined) row("p50, p99", `${milliseconds(node.p50_ms)}, ${milliseconds(node.p99_ms)}`);
  return el(
    "article", { class: "panel node", "aria-label": node.name },
    el("div", { class: "title" }, el("h3", {}, node.name), el("span", { class: `state ${node.state === "ready" ? "ready" : "other"}` }, node.state)),
    el("dl", { class: "rows" }, rows),
    el("div", { class: "rate" }, el("span", {}, `${rateText(rates.at(-1))} requests a second`), sparkline(rates)),
    el("p", { class: "detail" }, node.detail ?? ""),
  );
}

function line(label, value, share, key) {
  const bar = el("span", { class: `bar ${key} shown` });
  if (Number.isFinite(share)) setVariables(bar, { start: 0, length: 100 * Math.min(1, share) });
  return el("div", {}, el("dt", {}, label), el("dd", {}, value),
    Number.isFinite(share) ? el("span", { class: "track", "aria-hidden": "true" }, bar) : null);
}

function sparkline(rates) {
  const most = Math.max(...rates, 1);
  const first = rateLimit - rates.length;
  const points = rates.map((rate, place) => `${first + place},${(19 - (18 * rate) / most).toFixed(1)}`).join(" ");
  return svg("svg", { class: "spark", viewBox: `0 0 ${rateLimit - 1} 20`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("polyline", { points, "vector-effect": "non-scaling-stroke" }));
}
