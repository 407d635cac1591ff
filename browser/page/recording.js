// The numbers of a film as CSV: one line per face and frame, and one for a frame without a face. Never a picture.

const MOST_LINES = 200_000; // hours of one face; then the recording ends by itself

export class Recording {
  /** @param {object} network the row of settings.json that answers */
  constructor(network) {
    this.network = network;
    this.lines = [];
    this.start = null;
  }

  get full() {
    return this.lines.length >= MOST_LINES;
  }

  /**
   * @param {number} time seconds
   * @param {object[]} faces as LiveSession.look gives them
   */
  add(time, faces) {
    if (this.full) return;
    this.start ??= time;
    const seconds = (time - this.start).toFixed(3);
    const empty = ["", ...Array(6 + 2 * this.network.classes.length).fill("")].join();
    if (!faces.length) this.lines.push(`${seconds},${empty}`);
    for (const seen of faces) this.lines.push([seconds, ...columns(seen)].join());
  }

  /** @returns {Blob} */
  toCsv() {
    const { name, classes } = this.network;
    const heading = ["seconds", "face", "x", "y", "width", "height", "label", "unsure"];
    heading.push(...classes.map((label) => `${label}_smoothed`), ...classes.map((label) => `${label}_raw`));
    const lines = [`model,${heading.join()}`, ...this.lines.map((line) => `${name},${line}`)];
    return new Blob([lines.join("\n"), "\n"], { type: "text/csv" });
  }
}

function columns({ id, face, smoothed, raw }) {
  const shares = [...smoothed.probabilities, ...raw.probabilities].map((share) => share.toFixed(4));
  return [id, ...face.box, smoothed.label, smoothed.unsure ? 1 : 0, ...shares];
}
