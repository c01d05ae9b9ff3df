// What a question is asked with: one or two sides of settings, and filters. They become a request, and a part of the address.

import { byID, el } from "/page/dom.js";
import { getJSON } from "/page/api.js";

/// Fields of each side; the second side has a set of its own when two are compared. An empty field is the cluster's default.
const fields = [
  { name: "model", label: "Collection", options: [["", "default"]] },
  { name: "prompt", label: "Prompt", options: [["", "Q: … A:"], ["raw", "as it stands"]] },
  { name: "k", label: "Passages (k)", number: { min: 0, max: 1000, step: 1 } },
  {
    name: "words",
    label: "Words",
    options: [["", "default"], ["off", "off"], ["fuse", "fuse"], ["only", "only"]],
  },
  {
    name: "encoding",
    label: "Reading",
    options: [["", "the model's"], ["concatenated", "concatenated"], ["segmented", "segmented"], ["independent", "independent"]],
  },
  { name: "recall", label: "Recall aimed at", number: { min: 0.01, max: 1, step: "any" } },
  { name: "exact", label: "Exact search", options: [["", "no"], ["yes", "yes"]] },
  { name: "max", label: "Longest answer (tokens)", number: { min: 1, max: 100000, step: 1 } },
  { name: "temperature", label: "Temperature", number: { min: 0, max: 100, step: "any" } },
];

const comparisons = [
  ["equals", "is"],
  ["not", "is not"],
  ["in", "is one of (a, b, …)"],
  ["at_least", "at least"],
  ["at_most", "at most"],
  ["above", "above"],
  ["below", "below"],
];

const inputID = (side, name) => `${side}-${name}`;
const value = (side, name) => byID(inputID(side, name)).value.trim();

export function startSettings() {
  byID("settings").append(...["a", "b"].map(side));
  byID("add-filter").addEventListener("click", () => addFilter({}).querySelector("input").focus());
  byID("compare").addEventListener("change", showSides);
  showSides();
  loadCollections();
  // Before there was a key the gateway may have named none.
  addEventListener("imprag-key", loadCollections);
}

function side(name) {
  const inputs = fields.map((field) => {
    const id = inputID(name, field.name);
    const input = field.options
      ? el("select", { id }, field.options.map(([key, text]) => el("option", { value: key }, text)))
      : el("input", { id, type: "number", placeholder: "default", ...field.number });
    return el("label", { class: "field", for: id }, field.label, input);
  });
  return el("fieldset", { id: `side-${name}`, class: "grid" }, el("legend", {}, `Settings ${name.toUpperCase()}`), inputs);
}

function showSides() {
  const isCompared = byID("compare").checked;
  byID("side-b").hidden = !isCompared;
  byID("side-a").querySelector("legend").textContent = isCompared ? "Settings A" : "Settings";
}

/// Without the list there is the default alone, which works.
async function loadCollections() {
  const models = await getJSON("/v1/models", { asksForKey: false }).catch(() => ({ data: [] }));
  for (const id of [inputID("a", "model"), inputID("b", "model"), "add-model"]) {
    const select = byID(id);
    if (select.options.length === 0) select.append(el("option", { value: "" }, "default"));
    const known = new Set([...select.options].map((option) => option.value));
    for (const model of models.data ?? []) {
      if (!known.has(String(model.id))) select.append(el("option", { value: model.id }, String(model.id)));
    }
  }
}

function addFilter({ field = "", comparison = "equals", value = "" }) {
  const row = el(
    "div",
    { class: "filter" },
    el("input", { "aria-label": "Field", placeholder: "field, such as lang", value: field }),
    el("select", { "aria-label": "Comparison" }, comparisons.map(([key, text]) => el("option", { value: key }, text))),
    el("input", { "aria-label": "Value", placeholder: "value", value }),
    el("button", {
      type: "button",
      onclick: () => {
        row.remove();
        byID("add-filter").focus();
      },
    }, "Remove"),
  );
  row.querySelector("select").value = comparison;
  byID("filter-rows").append(row);
  return row;
}

function filterRows() {
  return [...byID("filter-rows").children]
    .map((row) => ({
      field: row.children[0].value.trim(),
      comparison: row.children[1].value,
      value: row.children[2].value.trim(),
    }))
    .filter((row) => row.field !== "");
}

const isNumber = (text) => text !== "" && Number.isFinite(Number(text));

/// A form does not say whether 1990 is a number or a text in the passages, so both are looked for.
function equal(field, text) {
  const asText = { field, equals: text };
  return isNumber(text) ? { any: [asText, { field, equals: Number(text) }] } : asText;
}

function condition({ field, comparison, value: text }) {
  if (comparison === "equals") return equal(field, text);
  if (comparison === "not") return { not: equal(field, text) };
  if (comparison === "in") return { any: text.split(",").map((each) => equal(field, each.trim())) };
  return { field, [comparison]: isNumber(text) ? Number(text) : text };
}

/// Which sides are asked: `["a"]`, or both.
export const sides = () => (byID("compare").checked ? ["a", "b"] : ["a"]);

/// The question as models of questions learnt it, as `imprag ask` sends it too; or as it stands.
export const prompt = (side, question) => (value(side, "prompt") === "raw" ? question : `Q: ${question} A:`);

/// What the request has beside its prompt: `{model, sampling, imprag}`.
export function request(side) {
  const imprag = {};
  const number = (name) => (value(side, name) === "" ? undefined : Number(value(side, name)));
  if (number("k") !== undefined) imprag.k = number("k");
  if (number("recall") !== undefined) imprag.recall = number("recall");
  for (const name of ["words", "encoding"]) if (value(side, name) !== "") imprag[name] = value(side, name);
  if (value(side, "exact") === "yes") imprag.exact = true;
  const conditions = filterRows().map(condition);
  if (conditions.length > 0) imprag.filter = conditions.length === 1 ? conditions[0] : { all: conditions };
  // A shard that is down makes an answer incomplete, which the page says, and no error.
  imprag.completeness = "partial";
  return { model: value(side, "model"), sampling: { max_tokens: number("max"), temperature: number("temperature") ?? 0 }, imprag };
}

/// What is set on a side, for people: empty where all is default.
export function summary(side) {
  return fields
    .filter(({ name }) => value(side, name) !== "")
    .map(({ name }) => `${name} ${value(side, name)}`)
    .join(" · ");
}

/// Writes the settings into `parameters` of an address.
export function write(parameters) {
  for (const side of sides()) {
    for (const { name } of fields) {
      if (value(side, name) !== "") parameters.set(side === "a" ? name : `b.${name}`, value(side, name));
    }
  }
  if (byID("compare").checked) parameters.set("compare", "1");
  const rows = filterRows();
  if (rows.length > 0) parameters.set("filter", JSON.stringify(rows.map((row) => [row.field, row.comparison, row.value])));
}

/// Sets the form as `parameters` say; what they do not name is default.
export function read(parameters) {
  byID("compare").checked = parameters.get("compare") === "1";
  for (const side of ["a", "b"]) {
    for (const { name } of fields) {
      const input = byID(inputID(side, name));
      const text = parameters.get(side === "a" ? name : `b.${name}`) ?? "";
      // A collection of an address may not be listed yet.
      if (name === "model" && ![...input.options].some((option) => option.value === text)) {
        input.append(el("option", { value: text }, text));
      }
      input.value = text;
      if (input.tagName === "SELECT" && input.selectedIndex < 0) input.value = "";
    }
  }
  byID("filter-rows").replaceChildren();
  try {
    for (const [field, comparison, text] of JSON.parse(parameters.get("filter") ?? "[]")) {
      const isKnown = comparisons.some(([key]) => key === comparison);
      addFilter({ field: String(field), comparison: isKnown ? comparison : "equals", value: String(text) });
    }
  } catch {
    // An address that somebody has cut short: without its filter rather than not at all.
  }
  showSides();
}
