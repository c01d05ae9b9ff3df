// The gateway's HTTP API: requests with the key, errors in one shape, server-sent events.

import { byID } from "/page/dom.js";

/// What the gateway refused, in its own words.
export class APIError extends Error {
  constructor(status, body) {
    const error = body?.error ?? {};
    super(typeof error.message === "string" ? error.message : `The gateway answered with status ${status}.`);
    this.status = status;
    this.code = typeof error.code === "string" ? error.code : "";
  }
}

const keyName = "imprag-key";
let asking = null;

/// Asks for a key, once at a time, however many requests want one. False when the user does not give one.
function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = byID("key-dialog");
    const field = byID("key");
    dialog.addEventListener(
      "close",
      () => {
        const given = dialog.returnValue === "ok" && field.value !== "";
        if (given) sessionStorage.setItem(keyName, field.value);
        field.value = "";
        asking = null;
        resolve(given);
        if (given) dispatchEvent(new Event("imprag-key"));
      },
      { once: true },
    );
    dialog.returnValue = "cancel";
    dialog.showModal();
  });
  return asking;
}

async function send(path, body, signal, method) {
  const headers = {};
  const key = sessionStorage.getItem(keyName);
  if (key) headers["Authorization"] = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    cache: "no-store",
  });
}

/// The answer to a request; throws `APIError` unless it is a success.
async function respond(path, body, { signal, asksForKey = true } = {}) {
  let response;
  do {
    try {
      response = await send(path, body, signal);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new APIError(0, { error: { message: "The gateway does not answer.", code: "unavailable" } });
    }
  } while (response.status === 401 && asksForKey && (await askForKey()));
  if (response.ok) return response;
  throw new APIError(response.status, await response.json().catch(() => null));
}

export async function getJSON(path, options) {
  return (await respond(path, undefined, options)).json();
}

export async function postJSON(path, body, options) {
  return (await respond(path, body, options)).json();
}

/// The objects of an event stream until `[DONE]`; throws when an error comes, or the stream breaks off.
export async function* postStream(path, body, options) {
  const response = await respond(path, body, options);
  let isDone = false;
  for await (const data of events(response.body)) {
    if (data === "[DONE]") {
      isDone = true;
      continue;
    }
    const object = JSON.parse(data);
    if (object.error) throw new APIError(response.status, object);
    yield object;
  }
  if (!isDone) throw new APIError(0, { error: { message: "The answer broke off.", code: "unavailable" } });
}

/// The data of each event. Comments, which keep the connection alive, are passed over.
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let data = [];
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines.map((text) => text.replace(/\r$/, ""))) {
        if (line === "" && data.length > 0) {
          yield data.join("\n");
          data = [];
        } else if (line.startsWith("data:")) {
          data.push(line.slice(line[5] === " " ? 6 : 5));
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
