// Photos from the visitor's disk: read here, shown here, sent nowhere.

import { inWords } from "../engine/answers.js";
import { decodePhoto } from "../engine/engine.js";
import { drawBoxes, placed } from "./boxes.js";
import { faceCard } from "./cards.js";
import { byId, element } from "./dom.js";

const MOST_PHOTOS = 50;
const SHOWN = 900; // pixels of the longest side of a shown photo

export class Photos {
  /** @param {() => {engine: object, model: string}} current */
  constructor(current) {
    this.current = current;
    this.files = [];
    this.reading = 0;
    const [drop, input] = [byId("drop"), byId("photo-files")];
    input.addEventListener("change", () => this.read([...input.files]));
    byId("already-face").addEventListener("change", () => this.again());
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
        if (kind === "drop") this.read([...event.dataTransfer.files]);
      });
    }
  }

  /** The same photos once more: the model or a setting changed. */
  again() {
    return this.read(this.files);
  }

  async read(files) {
    this.files = files.slice(0, MOST_PHOTOS);
    const reading = ++this.reading;
    byId("photos").replaceChildren();
    for (const file of this.files) {
      const card = element("article", { className: "photo" }, element("h3", {}, file.name));
      byId("photos").append(card);
      await this.answer(file, card).catch((error) => {
        const words = error.missing ? error.message : "This file cannot be read as a photo. Choose a JPEG, PNG or WebP.";
        card.append(element("p", { className: "message" }, words));
      });
      if (reading !== this.reading) return;
    }
  }

  async answer(file, card) {
    const { engine, model } = this.current();
    const bitmap = await decodePhoto(file);
    const canvas = drawn(bitmap);
    const alreadyFace = byId("already-face").checked;
    const { faces } = await engine.look(bitmap, model, { alreadyFace });
    const { labels, faces: colours } = engine.settings.colours;
    const row = engine.row(model);
    const rows = faces.map(({ face, answer }, index) => {
      const colour = colours[index % colours.length];
      return { face, answer, colour, text: `${index + 1}  ${inWords(row, answer)}` };
    });
    if (!alreadyFace) drawBoxes(canvas.getContext("2d"), rows, placed(canvas.photo, canvas));
    card.append(canvas);
    rows.forEach(({ answer, colour }, index) => {
      const face = faceCard(index + 1, colour, row, labels);
      face.update(answer);
      card.append(face.element);
    });
    if (!rows.length) card.append(element("p", { className: "message" }, engine.settings.words.no_face));
  }
}

function drawn(bitmap) {
  const scale = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
  const size = { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) };
  const canvas = Object.assign(element("canvas", size), { photo: { width: bitmap.width, height: bitmap.height } });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
