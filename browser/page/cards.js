// One card per face in sight: its number, the answer in words, and a bar for each expression.

import { inWords, percent } from "../engine/answers.js";
import { element } from "./dom.js";

export class Cards {
  /** @param {HTMLElement} place */
  constructor(place, colours) {
    this.place = place;
    this.colours = colours;
    this.cards = new Map();
  }

  clear(words) {
    this.cards.clear();
    this.place.replaceChildren(element("p", { className: "quiet" }, words));
  }

  /**
   * @param {object} network the row of settings.json that answered
   * @param {{id: number, colour: string, answer: object}[]} rows
   */
  show(network, rows) {
    if (this.network !== network) this.cards.clear();
    this.network = network;
    const shown = rows.map((row) => {
      const card = this.cards.get(row.id) ?? this.made(row, network);
      this.cards.set(row.id, card);
      card.update(row.answer);
      return card.element;
    });
    for (const id of this.cards.keys()) if (!rows.some((row) => row.id === id)) this.cards.delete(id);
    const same = shown.length === this.place.children.length && shown.every((one, i) => one === this.place.children[i]);
    if (!same) this.place.replaceChildren(...shown);
  }

  made({ id, colour }, network) {
    const card = faceCard(id, colour, network, this.colours);
    return card;
  }
}

/** A card that can be given a new answer again and again. */
export function faceCard(number, colour, network, colours) {
  const words = element("span");
  const reason = element("p", { className: "quiet reason" });
  const bars = network.classes.map((label) => bar(label, colours[label]));
  const made = element(
    "article",
    { className: "face" },
    element("h3", {}, element("span", { className: "number" }, String(number)), words),
    reason,
    element("dl", { className: "bars" }, ...bars.flatMap((one) => one.parts)),
  );
  made.style.setProperty("--face", colour);
  const update = (answer) => {
    words.textContent = inWords(network, answer);
    reason.textContent = answer.reason ? `Unsure because ${answer.reason}.` : "";
    answer.probabilities.forEach((share, index) => bars[index].set(share));
  };
  return { element: made, update };
}

function bar(label, colour) {
  const fill = element("i");
  fill.style.background = colour;
  const share = element("dd", { className: "share" });
  const parts = [element("dt", {}, label), element("dd", { className: "bar", "aria-hidden": "true" }, fill), share];
  const set = (value) => {
    fill.style.width = `${100 * value}%`;
    share.textContent = percent(value);
  };
  return { parts, set };
}
