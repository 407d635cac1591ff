// Faces in a picture, and the square crops that networks see: fer_core's photos/faces.py step by step.
// Every number comes from there through settings.json, as `search` and `crop`.

import { largest, roundHalfEven, turnBetween } from "./numbers.js";
import { cut, gray, halvedPicture, viewAround, viewOfWhole } from "./views.js";
import { centerOf, rollOf } from "./yunet.js";

/**
 * @typedef {object} Face
 * @property {number[]} box x, y, width, height in whole pixels of the picture; may reach over its border
 * @property {number} score the detector's, 0 to 1
 * @property {number} roll degrees by which the face is turned clockwise; 0 is upright
 * @property {number[][]|null} landmarks five [x, y] as in Detection
 */

/** The face of a picture that is a face crop already: all of it, upright. */
export function whole(picture) {
  return { box: [0, 0, picture.width, picture.height], score: 1, roll: 0, landmarks: null };
}

/** Finds faces with one detector. Calls must not overlap: the detector has one network. */
export class FaceFinder {
  /**
   * @param {import("./yunet.js").YuNet} detector
   * @param {object} search `search` of settings.json
   */
  constructor(detector, search) {
    this.detector = detector;
    this.search = search;
  }

  /**
   * Every face of a picture, largest first.
   * @param {import("./views.js").Picture} picture
   * @param {number} minScore detections below this score are left out
   * @returns {Promise<Face[]>}
   */
  async find(picture, minScore) {
    const { strategy } = this.detector;
    let best = [];
    for (const view of this.viewsOf(picture)) {
      const seen = await this.searchView(picture, view, minScore);
      if (topScore(seen) > topScore(best)) best = seen;
      if (topScore(best) >= strategy.sure) break;
    }
    const quarter = best.length ? 90 * roundHalfEven(largest(best, scoreOf).roll / 90) : 0;
    if (quarter) {
      const view = viewOfWhole(picture, this.sideSearched(picture, strategy.searches[0][0]), quarter);
      best = best.concat(await this.searchView(picture, view, minScore));
    }
    return this.withoutDoubles(best).sort((first, second) => areaOf(second) - areaOf(first));
  }

  /**
   * Upright faces of a frame of a film beside those known already. The first view that shows a new one is the last:
   * a live picture cannot wait for all of them.
   */
  async findUpright(picture, minScore, known) {
    for (const view of this.viewsOf(picture).filter((one) => one.roll === 0)) {
      const seen = (await this.detector.detect(cut(picture, view), minScore)).map((one) => this.asFace(view, one));
      const faces = [];
      for (const face of seen.filter((one) => this.isNone(one, known))) {
        const closer = await this.follow(picture, face, minScore);
        if (closer && this.isNone(closer, known)) faces.push(closer);
      }
      if (seen.length) return this.withoutDoubles(faces);
    }
    return [];
  }

  /** It is none of the others. */
  isNone(face, others) {
    return others.every((other) => shareInside(face.box, other.box) < this.search.double);
  }

  /** The face in this frame that was `face` in the one before; null when it is gone. */
  async follow(picture, face, minScore) {
    const found = await this.seenAt(picture, face, face.roll);
    const levelled = found && (await this.levelled(picture, found, face.roll));
    return levelled && levelled.score >= minScore ? levelled : null;
  }

  viewsOf(picture) {
    const searches = this.detector.strategy.searches.map(([side, roll]) => [this.sideSearched(picture, side), roll]);
    const different = new Map(searches.map((pair) => [pair.join(), pair]));
    return [...different.values()].map(([side, roll]) => viewOfWhole(picture, side, roll));
  }

  /** Longest side of the view to search: no picture is enlarged, unless it is tiny. */
  sideSearched(picture, side) {
    return Math.max(Math.min(side, Math.max(picture.width, picture.height)), this.search.smallest);
  }

  /** Faces that are seen in the view and once more when looked at alone. */
  async searchView(picture, view, minScore) {
    const { strategy } = this.detector;
    const faces = [];
    for (const found of await this.detector.detect(cut(picture, view), minScore * strategy.share)) {
      const face = await this.lookAgain(picture, this.asFace(view, found));
      if (face && this.counts(face, view, minScore)) faces.push(face);
    }
    return faces;
  }

  /** Its score is high enough for the way it stands, in the picture and in the view. */
  counts(face, view, minScore) {
    const { strategy } = this.detector;
    const upright = Math.abs(face.roll) < this.search.upright;
    const least = upright ? minScore : Math.max(minScore, strategy.turned);
    return face.score >= least && Math.abs(turnBetween(view.roll, face.roll)) <= strategy.slant;
  }

  /** The face in a small level picture of its own: there its box and score mean the same at any size and tilt. */
  async lookAgain(picture, face) {
    const { strategy } = this.detector;
    let roll = face.roll;
    let best = await this.seenAt(picture, face, roll);
    if (!best || best.score < strategy.level) {
      const looks = [[best, roll]];
      for (const turn of strategy.turns) looks.push([await this.seenAt(picture, face, roll + turn), roll + turn]);
      [best, roll] = largest(looks, ([look]) => (look ? look.score : 0));
    }
    return best && this.levelled(picture, best, roll);
  }

  /** Detectors take a tilt for less than it is: each look corrects the last one, until they agree. */
  async levelled(picture, face, roll) {
    for (let look = 0; look < this.search.most_looks; look++) {
      if (Math.abs(turnBetween(roll, face.roll)) < this.search.level) break;
      roll = face.roll;
      face = (await this.seenAt(picture, face, roll)) ?? face;
    }
    return face;
  }

  async seenAt(picture, face, roll) {
    const size = Math.max(face.box[2], face.box[3], 1);
    const inner = Math.min(this.detector.strategy.face, this.search.most_enlarged * size);
    const side = roundHalfEven(this.search.surroundings * inner);
    const patch = viewAround(centerOf(face.box), inner / size, roll, side, side);
    const found = await this.detector.detect(cut(picture, patch), this.search.second_look_score);
    const near = found.filter((one) => this.fits(one, side, inner));
    return near.length ? this.asFace(patch, largest(near, scoreOf)) : null;
  }

  /** It is the face in the middle, at about the size it had. */
  fits(found, side, inner) {
    const [x, y] = centerOf(found.box);
    const size = Math.max(found.box[2], found.box[3]) / inner;
    const near = Math.hypot(x - side / 2, y - side / 2) < this.search.nearest * inner;
    return near && this.search.least_size < size && size < this.search.most_size;
  }

  /** A detection in a view as a face of the picture. */
  asFace(view, found) {
    const [x, y] = view.toPicture(centerOf(found.box));
    const { step } = this.detector.strategy;
    const roll = step * roundHalfEven(turnBetween(0, view.roll + rollOf(found)) / step);
    let [width, height] = [found.box[2] / view.scale, found.box[3] / view.scale];
    if (45 < Math.abs(roll) && Math.abs(roll) < 135) [width, height] = [height, width]; // it lies on its side
    return {
      box: [x - width / 2, y - height / 2, width, height].map(roundHalfEven),
      score: Math.min(1, found.score),
      roll,
      landmarks: found.landmarks.map((mark) => view.toPicture(mark)),
    };
  }

  withoutDoubles(faces) {
    const kept = [];
    for (const face of [...faces].sort((first, second) => second.score - first.score)) {
      if (this.isNone(face, kept)) kept.push(face);
    }
    return kept;
  }
}

/**
 * The level, tight, square crop that a network sees.
 * @param {import("./views.js").Picture} picture
 * @param {Face} face
 * @param {number} size side of the crop in pixels
 * @param {1|3} channels 3 for RGB, 1 for gray
 * @param {object} rules `crop` of settings.json
 * @returns {Uint8Array} size * size * channels
 */
export function crop(picture, face, size, channels, rules) {
  const [, , width, height] = face.box;
  const scale = size / (rules.side * Math.max(width, height));
  const fine = scale < 1 ? 2 : 1;
  const view = viewAround(centerOf(face.box), scale * fine, face.roll, size * fine, size * fine);
  const pixels = fine === 2 ? halvedPicture(cut(picture, view)) : cut(picture, view);
  return channels === 1 ? gray(pixels) : pixels.pixels;
}

/** Share of the smaller box that lies in the other: half a face found inside a face is no second one. */
export function shareInside([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const wide = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx));
  const tall = Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
  return (wide * tall) / Math.max(1, Math.min(aw * ah, bw * bh));
}

const scoreOf = (one) => one.score;
const topScore = (faces) => Math.max(0, ...faces.map(scoreOf));
const areaOf = (face) => face.box[2] * face.box[3];
