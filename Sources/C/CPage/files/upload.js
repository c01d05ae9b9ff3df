// The tab that adds passages: files are read and cut here, and go to the cluster in batches.

import { byID, count, el, plural } from "/page/dom.js";
import { postJSON } from "/page/api.js";
import { readFile } from "/page/passages.js";

/// Passages per request, and the bytes of their texts: far below what the gateway takes.
const batchPassages = 64;
const batchCharacters = 1 << 20;
/// More than this in one file belongs into `imprag index`.
const fileByteLimit = 64 << 20;

let passages = [];
let stopping = null;

export function startUpload() {
  const input = byID("files");
  const drop = byID("drop");
  input.addEventListener("change", () => choose(input.files));
  for (const type of ["dragenter", "dragover"]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    choose(event.dataTransfer.files);
  });
  byID("upload").addEventListener("click", upload);
  byID("upload-stop").addEventListener("click", () => stopping?.abort());
}

async function choose(files) {
  passages = [];
  const lines = [];
  for (const file of files) {
    if (file.size > fileByteLimit) {
      lines.push(el("li", { class: "bad" }, `${file.name} is larger than 64 MiB; imprag index takes such files`));
      continue;
    }
    const read = readFile(file.name, await file.text());
    // Not spread into `push`: a file has more passages than a call may have arguments.
    for (const each of read.passages) passages.push(each);
    const bad = read.problems.length > 0 ? `; ${plural(read.problems.length, "bad line")}, as in ${read.problems[0]}` : "";
    lines.push(el("li", { class: bad ? "bad" : "" }, el("b", {}, file.name), ` ${plural(read.passages.length, "passage")}${bad}`));
  }
  byID("chosen").replaceChildren(...lines);
  byID("upload").disabled = passages.length === 0;
  byID("upload-progress").value = 0;
  byID("upload-status").textContent = passages.length > 0 ? `${plural(passages.length, "passage")} to add` : "";
}

async function upload() {
  const status = byID("upload-status");
  const start = performance.now();
  stopping = new AbortController();
  setBusy(true);
  let taken = 0;
  let cut = 0;
  try {
    for (const batch of batches(passages)) {
      const reply = await accepted(batch);
      taken += batch.length;
      cut += reply.cut ?? 0;
      byID("upload-progress").value = taken / passages.length;
      status.textContent = `${count(taken)} of ${plural(passages.length, "passage")}, epoch ${reply.epoch ?? "–"}`;
    }
    const seconds = (performance.now() - start) / 1000;
    const rate = taken / Math.max(seconds, 0.001);
    status.textContent =
      `${plural(taken, "passage")} added in ${seconds.toFixed(1)} s (${rate.toFixed(0)} a second); searches find them`
      + (cut > 0 ? `. ${count(cut)} of them are longer than what the model reads of one.` : ".");
  } catch (error) {
    const reason = error.name === "AbortError" ? "Stopped." : error.message;
    status.textContent = `${reason} ${count(taken)} were added before; the same files may be sent again.`;
  } finally {
    stopping = null;
    setBusy(false);
  }
}

function setBusy(isBusy) {
  byID("upload").disabled = isBusy || passages.length === 0;
  byID("upload-stop").disabled = !isBusy;
  byID("files").disabled = isBusy;
}

/// One batch; tried again while the cluster has no room for it.
async function accepted(batch) {
  const model = byID("add-model").value;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await postJSON("/v1/passages", { passages: batch, wait: "found", model }, { signal: stopping.signal });
    } catch (error) {
      if (error.code !== "resource_exhausted" || attempt === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
      stopping.signal.throwIfAborted();
    }
  }
}

/// An id stands at most once in a batch; in another one the later passage replaces the earlier.
function* batches(all) {
  let batch = [];
  let ids = new Set();
  let characters = 0;
  for (const each of all) {
    const size = each.text.length + (each.title ?? "").length;
    if (batch.length === batchPassages || characters + size > batchCharacters || ids.has(each.id)) {
      if (batch.length > 0) yield batch;
      batch = [];
      ids = new Set();
      characters = 0;
    }
    batch.push(each);
    ids.add(each.id);
    characters += size;
  }
  if (batch.length > 0) yield batch;
}
