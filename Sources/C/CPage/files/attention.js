// Which tokens of an answer looked at which passage: marks in the text for a passage, shares on the cards for a token.
//
// A pointer over either shows it, and so does the keyboard: the arrow keys walk through the text's tokens, and a card that
// has the focus counts as pointed at.

import { el, setVariables } from "/page/dom.js";

/// The most tokens and passages that a sentence names.
const named = 3;

export class AttentionView {
  #tokens = [];
  #cards = [];
  #current = -1;

  /// - Parameters: the text's element, and the line that says what is shown.
  constructor(text, line) {
    this.text = text;
    this.line = line;
    text.addEventListener("pointerover", (event) => this.#showToken(this.#index(event.target)));
    text.addEventListener("pointerleave", () => this.#clear());
    text.addEventListener("keydown", (event) => this.#move(event));
    text.addEventListener("blur", () => this.#clear());
  }

  /// Adds a token's text. `shares` are those of its attention that went to each passage, by rank.
  add(text, shares) {
    const span = el("span", { class: "token" }, text);
    this.#tokens.push({ span, shares, name: `“${text.trim() || "␣"}”` });
    this.text.append(span);
  }

  /// The cards of the passages, in their order: `{card, name, measure}`, whose measure shows a share of attention.
  take(cards) {
    this.#cards = cards;
    cards.forEach(({ card }, place) => {
      card.addEventListener("pointerenter", () => this.#showPassage(place));
      card.addEventListener("focus", () => this.#showPassage(place));
      for (const end of ["pointerleave", "blur"]) card.addEventListener(end, () => this.#clear());
    });
  }

  /// Once the answer is whole: says how to look, where there is something to see.
  end() {
    if (this.#isKnown()) this.#say("Point at a word or a passage, or use the arrow keys in the text, to see which looked at which.");
  }

  #isKnown() {
    return this.#cards.length > 0 && this.#tokens.some(({ shares }) => shares.length > 0);
  }

  #index(target) {
    return this.#tokens.findIndex(({ span }) => span === target);
  }

  #move(event) {
    const last = this.#tokens.length - 1;
    const places = { ArrowRight: Math.min(this.#current + 1, last), ArrowLeft: Math.max(this.#current - 1, 0), Home: 0, End: last };
    if (!this.#isKnown() || !(event.key in places) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#showToken(places[event.key]);
    this.#tokens[this.#current]?.span.scrollIntoView({ block: "nearest" });
  }

  /// A token's shares, on the cards.
  #showToken(index) {
    const token = this.#tokens[index];
    if (!token || token.shares.length === 0 || this.#cards.length === 0) return;
    this.#clear();
    this.#current = index;
    token.span.classList.add("current");
    const most = Math.max(...token.shares);
    this.#cards.forEach(({ card, measure }, place) => {
      const share = token.shares[place] ?? 0;
      card.classList.toggle("seen", share === most && share > 0);
      measure.show("This token", share, share / most);
    });
    this.#say(`${token.name} looked at ${this.#list(token.shares, (place) => `${place + 1} ${this.#cards[place].name}`)}`);
  }

  /// A passage's tokens, in the text: the one that looked most has the full color.
  #showPassage(place) {
    if (!this.#isKnown()) return;
    this.#clear();
    const shares = this.#tokens.map((token) => token.shares[place] ?? 0);
    const most = Math.max(...shares);
    if (most <= 0) return;
    this.text.classList.add("lit");
    this.#tokens.forEach(({ span }, index) => setVariables(span, { mass: (100 * shares[index]) / most }));
    this.#cards[place].card.classList.add("seen");
    this.#say(`Passage ${place + 1} was looked at most by ${this.#list(shares, (index) => this.#tokens[index].name)}`);
  }

  #list(shares, name) {
    const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a] || a - b);
    return order.slice(0, named).map((index) => `${name(index)} ${(100 * shares[index]).toFixed(1)}\u00a0%`).join(", ");
  }

  #clear() {
    this.#tokens[this.#current]?.span.classList.remove("current");
    this.text.classList.remove("lit");
    for (const { card, measure } of this.#cards) {
      card.classList.remove("seen");
      measure.reset();
    }
  }

  #say(text) {
    this.line.textContent = text;
  }
}
