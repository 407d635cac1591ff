// The last minute, one line per face: the colour is the label, the height its confidence, hollow is 'unsure'.

import { sharpContext } from "./dom.js";

const SECONDS = 60;
const MOST_LINES = 4;
const LONGEST_STEP = 1.5; // seconds between two answers that still belong together

export class Timeline {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas, colours) {
    this.canvas = canvas;
    this.colours = colours;
    this.clear();
  }

  clear() {
    this.lines = new Map(); // by the face's id: {colour, points: [{time, label, confidence, unsure}]}
    this.now = 0;
    this.start = null;
  }

  /** What was seen at `time` (seconds); an empty list counts too: it is 'no face'. */
  add(time, rows) {
    if (time < this.now) this.clear(); // somebody wound the film back
    this.start ??= time;
    this.now = time;
    for (const { id, colour, answer } of rows) {
      if (!this.lines.has(id)) this.lines.set(id, { colour, points: [] });
      const { label, confidence, unsure } = answer;
      this.lines.get(id).points.push({ time, label, confidence, unsure });
    }
    for (const [id, line] of this.lines) {
      line.points = line.points.filter((point) => time - point.time <= SECONDS);
      if (!line.points.length) this.lines.delete(id);
    }
    this.start = Math.max(this.start, time - SECONDS);
  }

  draw(ink) {
    const { context, width, height } = sharpContext(this.canvas);
    const longest = [...this.lines].sort(([, a], [, b]) => b.points.length - a.points.length).slice(0, MOST_LINES);
    const lines = longest.sort(([one], [other]) => one - other);
    const [left, bottom] = [26, 18];
    const tall = (height - bottom) / Math.max(lines.length, 1);
    const across = (time) => left + (1 - (this.now - time) / SECONDS) * (width - left);
    this.drawScale(context, ink, across, height);
    lines.forEach(([id, line], row) => {
      const base = (row + 1) * tall - 3;
      this.drawName(context, ink, id, line.colour, base, tall);
      this.drawGaps(context, ink, across, base);
      this.drawPoints(context, line.points, across, base, tall - 8);
    });
  }

  drawScale(context, ink, across, height) {
    context.fillStyle = ink.quiet;
    context.font = "11px ui-sans-serif, system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    for (const seconds of [45, 30, 15]) {
      const x = across(this.now - seconds);
      context.globalAlpha = 0.25;
      context.fillRect(x, 0, 1, height - 16);
      context.globalAlpha = 1;
      context.fillText(`${seconds} s ago`, x, height - 5);
    }
    context.textAlign = "right";
    context.fillText("now", this.canvas.clientWidth - 4, height - 5);
    context.textAlign = "left";
  }

  drawName(context, ink, id, colour, base, tall) {
    context.fillStyle = colour;
    context.fillRect(2, base - Math.min(18, tall - 6), 20, Math.min(18, tall - 6));
    context.fillStyle = "#10151c";
    context.font = "700 11px ui-sans-serif, system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(String(id), 12, base - 4);
    context.textAlign = "left";
  }

  /** A dotted line where the face was not seen. */
  drawGaps(context, ink, across, base) {
    context.strokeStyle = ink.quiet;
    context.lineWidth = 1;
    context.setLineDash([2, 4]);
    context.beginPath();
    context.moveTo(across(this.start), base);
    context.lineTo(across(this.now), base);
    context.stroke();
    context.setLineDash([]);
  }

  drawPoints(context, points, across, base, tall) {
    points.forEach((point, index) => {
      const next = points[index + 1];
      const end = next && next.time - point.time < LONGEST_STEP ? next.time : point.time + 0.1;
      const x = Math.round(across(point.time));
      const wide = Math.max(1, Math.round(across(end)) - x);
      const high = Math.max(2, point.confidence * tall);
      context.fillStyle = this.colours[point.label];
      if (point.unsure) {
        context.fillRect(x, base - high, wide, 2);
        context.globalAlpha = 0.2;
      }
      context.fillRect(x, base - high, wide, high);
      context.globalAlpha = 1;
    });
  }
}
