// The tab that asks: the form, what runs, the address of a question, and the history of them.

import { byID, el, store, stored } from "/page/dom.js";
import { postJSON, postStream } from "/page/api.js";
import { ResultView } from "/page/result.js";
import * as settings from "/page/settings.js";

const historyName = "imprag-history";
const historyLimit = 50;
/// Aborts what runs; null when nothing does.
let running = null;

export function startAsk() {
  settings.startSettings();
  const question = byID("question");
  byID("ask-form").addEventListener("submit", (event) => {
    event.preventDefault();
    begin("ask");
  });
  question.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byID("ask-form").requestSubmit(byID("submit"));
  });
  byID("search").addEventListener("click", () => {
    if (byID("ask-form").reportValidity()) begin("search");
  });
  byID("stop").addEventListener("click", () => running?.abort());
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !byID("key-dialog").open) running?.abort();
  });
  byID("clear-history").addEventListener("click", () => {
    store(localStorage, historyName, []);
    showHistory();
  });
  byID("results").append(new ResultView("").idle());
  showHistory();
}

/// Asks what an address says.
export function openAsk(parameters) {
  const question = parameters.get("q") ?? "";
  settings.read(parameters);
  byID("question").value = question;
  if (question.trim() !== "") run(parameters.get("mode") === "search" ? "search" : "ask");
}

/// Asks what the form says, and makes its address. The same question again is asked again.
function begin(mode) {
  const parameters = new URLSearchParams({ q: byID("question").value.trim() });
  if (mode === "search") parameters.set("mode", "search");
  settings.write(parameters);
  const address = `#ask?${parameters}`;
  remember(address);
  if (location.hash !== address) history.pushState(null, "", address);
  run(mode);
}

async function run(mode) {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const question = byID("question").value.trim();
  const sides = settings.sides();
  const views = sides.map((side) => new ResultView(sides.length > 1 ? side.toUpperCase() : "", settings.summary(side)));
  byID("results").replaceChildren(...views.map((view) => view.element));
  byID("results").classList.toggle("two", sides.length > 1);
  byID("stop").disabled = false;
  announce(mode === "search" ? "Searching" : "Asking");
  await Promise.all(
    sides.map((side, place) =>
      (mode === "search" ? search : ask)(settings.prompt(side, question), settings.request(side), views[place], mine.signal),
    ),
  );
  if (running !== mine) return;
  running = null;
  byID("stop").disabled = true;
  announce(views.map((view) => view.summary).join(". "));
}

async function ask(prompt, { model, sampling, imprag }, view, signal) {
  view.begin("ask");
  try {
    const body = {
      model, prompt, ...sampling, stream: true, stream_options: { include_usage: true },
      imprag: { ...imprag, token_attention: true },
    };
    for await (const chunk of postStream("/v1/completions", body, { signal })) {
      const choice = chunk.choices?.[0];
      if (chunk.imprag?.sources) view.showSources(chunk.imprag.sources);
      const tokens = chunk.imprag?.tokens;
      if (choice?.text || tokens) view.addText(choice?.text ?? "", tokens);
      if (choice?.finish_reason) view.finish({ ...chunk.imprag, finish: choice.finish_reason });
      if (chunk.usage) view.showUsage(chunk.usage);
    }
    view.end();
  } catch (error) {
    view.fail(error);
  }
}

async function search(query, { model, imprag }, view, signal) {
  view.begin("search");
  try {
    const { encoding, ...options } = imprag;
    const reply = await postJSON("/v1/search", { query, model, ...options }, { signal });
    view.showSources(reply.data ?? []);
    view.finish(reply);
    view.end();
  } catch (error) {
    view.fail(error);
  }
}

/// Says to those who hear the page what those who see it see. Not token by token: that cannot be listened to.
function announce(text) {
  byID("announcement").textContent = text;
}

function remember(address) {
  const addresses = stored(localStorage, historyName, []).filter((each) => each !== address);
  store(localStorage, historyName, [address, ...addresses].slice(0, historyLimit));
  showHistory();
}

function showHistory() {
  const list = byID("history-list");
  const addresses = stored(localStorage, historyName, []).filter((each) => String(each).startsWith("#ask?"));
  list.replaceChildren(
    ...addresses.map((address) => {
      const parameters = new URLSearchParams(address.slice("#ask?".length));
      const others = [...parameters].filter(([name]) => name !== "q").map(([name, text]) => `${name} ${text}`);
      return el("li", {}, el("a", { href: address }, parameters.get("q") ?? ""), el("small", {}, ` ${others.join(" · ")}`));
    }),
  );
  if (addresses.length === 0) list.append(el("li", { class: "muted" }, "Questions are kept in this browser."));
}
