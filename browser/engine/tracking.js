// Which face of this frame is which face of the last one, and answers that do not flicker.

import { centerOf } from "./yunet.js";

/**
 * @typedef {object} Track
 * @property {number} id 1 for the first face of the film; never given twice
 * @property {number} colour place in the palette; no two faces in sight share one
 * @property {import("./faces.js").Face} face where it was last seen
 * @property {number} seen seconds, when that was
 * @property {Smoother} smoother
 */

export class Tracker {
  /** @param {object} rules `tracking` of settings.json: farthest, gap_seconds, smoothing_seconds */
  constructor(rules) {
    this.rules = rules;
    this.tracks = [];
    this.next = 1;
    this.lastTime = -Infinity;
  }

  /**
   * Give every face its track; the nearest pairs first.
   * @param {import("./faces.js").Face[]} faces of one frame
   * @param {number} time of the frame in seconds
   * @returns {Track[]} in the order of the faces
   */
  update(faces, time) {
    const fresh = ({ seen }) => seen === this.lastTime || time - seen <= this.rules.gap_seconds;
    this.tracks = this.tracks.filter(fresh);
    this.lastTime = time;
    const given = new Map();
    for (const [face, track] of this.pairs(faces)) {
      if (!given.has(face) && ![...given.values()].includes(track)) given.set(face, track);
    }
    return faces.map((face) => this.moved(given.get(face) ?? this.added(), face, time));
  }

  /** The faces of the last frame. */
  get inSight() {
    return this.tracks.filter(({ seen }) => seen === this.lastTime);
  }

  pairs(faces) {
    const near = faces.flatMap((face) => this.tracks.map((track) => [face, track, distance(face, track.face)]));
    return near.filter(([, , apart]) => apart <= this.rules.farthest).sort((one, other) => one[2] - other[2]);
  }

  added() {
    const used = new Set(this.tracks.map((track) => track.colour));
    let colour = 0;
    while (used.has(colour)) colour++;
    const track = { id: this.next++, colour, smoother: new Smoother(this.rules) };
    this.tracks.push(track);
    return track;
  }

  moved(track, face, time) {
    return Object.assign(track, { face, seen: time });
  }
}

/** Between the middles of two faces, in sides of the smaller; no limit when one is more than twice the other. */
export function distance(one, other) {
  const [first, second] = [one, other].map(({ box }) => Math.max(box[2], box[3]));
  if (Math.max(first, second) > 2 * Math.min(first, second)) return Infinity;
  const [[ax, ay], [bx, by]] = [centerOf(one.box), centerOf(other.box)];
  return Math.hypot(ax - bx, ay - by) / Math.min(first, second);
}

/** Exponential mean of probabilities over time: what was seen `smoothing_seconds` ago counts 1/e of what is seen now. */
export class Smoother {
  constructor(rules) {
    this.rules = rules;
    this.restart(null);
  }

  /** Forget what was seen; another network has other classes. */
  restart(model) {
    this.model = model;
    this.mean = null;
    this.time = 0;
  }

  /** The mean with one more row of probabilities; it starts afresh after a gap. */
  add(probabilities, time) {
    const passed = time - this.time;
    const share = this.mean === null || passed > this.rules.gap_seconds ? 1 : 1 - Math.exp(-passed / this.rules.smoothing_seconds);
    this.mean = probabilities.map((value, index) => (share === 1 ? value : share * value + (1 - share) * this.mean[index]));
    this.time = time;
    return this.mean;
  }
}
