// The search of one picture: fer_core/photos/detection/search.py step by step. Coarse views first, then parts at finer scales,
// where there may be more to see. Every number comes from there through settings.json, as `search` and `strategy`.

import { areaOf, isAmong, sideOf, withoutDoubles } from "./faces.js";
import { largest, roundHalfEven, turnBetween } from "./numbers.js";
import { sharpPlaces, unevenPlaces } from "./sharpness.js";
import { cut, viewAround, viewOfWhole } from "./views.js";
import { centerOf, rollOf } from "./yunet.js";

/**
 * @typedef {object} Seen something like a face in a view
 * @property {import("./faces.js").Face} face
 * @property {import("./views.js").View} view
 */

/** Finds faces with one detector. Calls must not overlap: the detector has one network. */
export class Finder {
  /**
   * @param {import("./yunet.js").YuNet} detector
   * @param {object} rules `search` of settings.json
   * @param {object} tracking `tracking` of settings.json
   */
  constructor(detector, rules, tracking) {
    this.detector = detector;
    this.tracking = tracking;
    this.strategy = detector.strategy;
    this.rules = rules;
  }

  /**
   * Every face of a picture, largest first.
   * @param {import("./views.js").Picture} picture
   * @param {number} minScore detections below this score are left out
   * @returns {Promise<import("./faces.js").Face[]>}
   */
  async find(picture, minScore) {
    const found = await new Search(this, picture, minScore).run();
    return found.sort((first, second) => areaOf(second) - areaOf(first));
  }

  /**
   * Upright faces of a frame of a film beside those known already, largest first. The first view that shows one is the
   * last: a live picture cannot wait for all of them.
   */
  async findUpright(picture, minScore, known) {
    const search = new Search(this, picture, minScore);
    for (const view of search.coarseViews().filter(({ roll }) => roll === 0)) {
      const found = await search.faces([view], known, false);
      if (found.length) return found.sort((first, second) => areaOf(second) - areaOf(first));
    }
    return [];
  }

  /** The face in this frame that was `face` in the one before, by a smaller picture than a photo's; null when it is gone. */
  async follow(picture, face, minScore) {
    const search = new Search(this, picture, minScore);
    search.strategy = { ...this.strategy, face: this.tracking.face };
    const found = await search.seenAt(face, face.roll);
    const levelled = found && (await search.levelled(found, face.roll));
    return levelled && levelled.score >= minScore ? levelled : null;
  }
}

class Search {
  constructor({ detector, strategy, rules }, picture, minScore) {
    Object.assign(this, { detector, strategy, rules, picture, minScore, signs: false, turned: 0 });
  }

  async run() {
    let found = [];
    for (const view of this.coarseViews()) {
      const seen = await this.faces([view], []);
      if (topScore(seen) > topScore(found)) found = seen;
      if (topScore(found) >= this.strategy.sure) break;
    }
    const quarter = found.length ? 90 * roundHalfEven(largest(found, scoreOf).roll / 90) : 0;
    if (quarter) {
      const more = await this.faces([this.whole(this.strategy.searches[0][0], quarter)], found);
      found = this.withoutDoubles(found.concat(more));
    }
    for (const scale of this.strategy.fine) {
      if (!this.showsMore(scale, found)) continue;
      this.signs = false;
      found = found.concat(await this.faces(this.parts(scale, quarter, found), found));
    }
    return this.withoutDoubles(found);
  }

  coarseViews() {
    const searches = this.strategy.searches.map(([side, roll]) => [this.searched(side), roll]);
    const different = new Map(searches.map((pair) => [pair.join(), pair]));
    return [...different.values()].map(([side, roll]) => this.whole(side, roll));
  }

  whole(longest, roll) {
    return viewOfWhole(this.picture, this.searched(longest), roll);
  }

  /** Longest side of a view: no picture is enlarged, unless it is tiny; panoramas get as many pixels as others. */
  searched(side) {
    const { longest, shortest } = this.sides;
    const wide = Math.min(this.rules.widest, Math.sqrt(Math.max(1, longest / shortest / 2)));
    return Math.max(Math.min(roundHalfEven(side * wide), longest), this.rules.smallest);
  }

  get sides() {
    const { width, height } = this.picture;
    return { longest: Math.max(width, height), shortest: Math.min(width, height) };
  }

  /** Whether the picture at this scale may show faces that coarser views did not. */
  showsMore(scale, found) {
    const coarse = this.searched(this.strategy.searches[0][0]) / this.sides.longest;
    if (scale < this.rules.finer * coarse) return false;
    return this.signs || !found.length || scale < 1;
  }

  /** Overlapping parts of the picture where it is not flat; behind a portrait only where something is sharp. */
  parts(scale, roll, found) {
    const whole = viewOfWhole(this.picture, roundHalfEven(scale * this.sides.longest), roll);
    const [width, height] = [this.partSide(whole.width), this.partSide(whole.height)];
    const parts = this.starts(whole.height, height).flatMap((top) =>
      this.starts(whole.width, width).map((left) => whole.part(left, top, width, height)),
    );
    const portrait = Math.max(0, ...found.map(sideOf)) >= this.rules.portrait * this.sides.longest;
    const places = portrait ? sharpPlaces(this.picture, found, this.rules) : this.uneven;
    return parts.map((part) => around(part, places, this.rules.shared)).filter(Boolean);
  }

  /** Where the picture is not flat; the same at every scale. */
  get uneven() {
    this.places ??= unevenPlaces(this.picture, this.rules);
    return this.places;
  }

  /** A side of the parts: the view is cut into as few as `tile` allows, no larger than they need to be. */
  partSide(side) {
    const count = this.partCount(side);
    return Math.ceil((side + (count - 1) * this.rules.shared) / count);
  }

  partCount(side) {
    const { tile, shared } = this.rules;
    return Math.max(1, Math.ceil((side - shared) / (tile - shared)));
  }

  /** Where the parts begin along a side of a view. */
  starts(side, part) {
    const count = this.partCount(side);
    const last = side - part;
    return Array.from({ length: count }, (_, index) => roundHalfEven(count > 1 ? (last * index) / (count - 1) : 0));
  }

  /** Faces that are seen in the views and once more when looked at alone; not those known before. */
  async faces(views, known, thorough = true) {
    const { sign, small, same, most_places: most } = this.rules;
    const least = Math.min(sign, this.minScore * this.strategy.share);
    let seen = [];
    for (const view of views) {
      const found = await this.detector.detect(cut(this.picture, view), least);
      seen.push(...found.map((one) => ({ face: this.asFace(view, one), view })));
    }
    seen = seen.filter(({ face }) => !isAmong(face, known, same));
    if (seen.some((one) => sideInView(one) < small)) this.signs = true;
    const viewOf = new Map(seen.map(({ face, view }) => [face, view]));
    const likely = this.withoutDoubles(seen.map(({ face }) => face))
      .map((face) => ({ face, view: viewOf.get(face) }))
      .filter((one) => this.isLikely(one));
    const faces = [];
    for (const one of likely.slice(0, most)) {
      const face = await this.lookAgain(one, thorough);
      if (face && this.counts(face, one.view)) faces.push(face);
    }
    return faces;
  }

  /** It is worth a second look. */
  isLikely(seen) {
    const share = sideInView(seen) < this.rules.small ? this.strategy.small_share : this.strategy.share;
    return seen.face.score >= this.minScore * share;
  }

  /** Its score is high enough for the way it stands, in the picture and in the view. */
  counts(face, view) {
    const upright = Math.abs(face.roll) < this.rules.upright;
    const least = upright ? this.minScore : Math.max(this.minScore, this.strategy.turned);
    return face.score >= least && Math.abs(turnBetween(view.roll, face.roll)) <= this.strategy.slant;
  }

  /** The face in a small level picture of its own: there its box and score mean the same at any size and tilt. */
  async lookAgain(seen, thorough) {
    if (this.isPlain(seen)) return seen.face;
    let roll = seen.face.roll;
    let best = await this.seenAt(seen.face, roll);
    const blurred = this.rules.most_enlarged * sideOf(seen.face) < this.rules.blurred;
    const level = this.strategy.level - (blurred ? this.rules.blurred_level : 0);
    if (thorough && (!best || best.score < level) && this.turned < this.rules.most_turned) {
      this.turned++;
      const looks = [[best, roll]];
      for (const turn of this.strategy.turns) looks.push([await this.seenAt(seen.face, roll + turn), roll + turn]);
      [best, roll] = largest(looks, ([look]) => (look ? look.score : 0));
    }
    return best && this.levelled(best, roll);
  }

  /** A sure, upright face of usual size: a second look would tell nothing new. */
  isPlain(seen) {
    const [low, high] = this.rules.plain_sides;
    const side = sideInView(seen);
    const turned = Math.abs(turnBetween(seen.view.roll, seen.face.roll));
    return seen.face.score >= this.strategy.plain && low <= side && side <= high && turned <= this.rules.plain_roll;
  }

  /** Detectors take a tilt for less than it is: each look corrects the last one, until they agree. */
  async levelled(face, roll) {
    for (let look = 0; look < this.rules.most_looks; look++) {
      if (Math.abs(turnBetween(roll, face.roll)) < this.rules.level) break;
      roll = face.roll;
      face = (await this.seenAt(face, roll)) ?? face;
    }
    return face;
  }

  async seenAt(face, roll) {
    const size = Math.max(sideOf(face), 1);
    const inner = Math.min(this.strategy.face, this.rules.most_enlarged * size);
    const side = roundHalfEven(this.rules.surroundings * inner);
    const patch = viewAround(centerOf(face.box), inner / size, roll, side, side);
    const found = await this.detector.detect(cut(this.picture, patch), this.rules.second_look_score);
    const near = found.filter((one) => this.fits(one, side, inner));
    return near.length ? this.asFace(patch, largest(near, scoreOf)) : null;
  }

  /** It is the face in the middle, at about the size it had. */
  fits(found, side, inner) {
    const [x, y] = centerOf(found.box);
    const size = sideOf(found) / inner;
    const near = Math.hypot(x - side / 2, y - side / 2) < this.rules.nearest * inner;
    return near && this.rules.least_size < size && size < this.rules.most_size;
  }

  /** A detection in a view as a face of the picture. */
  asFace(view, found) {
    const { step } = this.strategy;
    const [x, y] = view.toPicture(centerOf(found.box));
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
    return withoutDoubles(faces, this.rules.same);
  }
}

const scoreOf = (one) => one.score;
const topScore = (faces) => Math.max(0, ...faces.map(scoreOf));
/** The longer side of the box, in pixels of the view. */
const sideInView = ({ face, view }) => sideOf(face) * view.scale;
const isInside = ([x, y], { width, height }) => x >= 0 && x <= width && y >= 0 && y <= height;

/** As much of the part as the places in it need, with `margin` pixels around each; null where it has none. */
function around(part, places, margin) {
  const points = places.map((place) => part.fromPicture(place)).filter((point) => isInside(point, part));
  if (!points.length) return null;
  const [left, top] = [0, 1].map((axis) =>
    Math.max(0, Math.floor(points.reduce((least, point) => Math.min(least, point[axis]), Infinity)) - margin),
  );
  const [right, bottom] = [0, 1].map(
    (axis) => Math.ceil(points.reduce((most, point) => Math.max(most, point[axis]), 0)) + margin,
  );
  return part.part(left, top, Math.min(right, part.width) - left, Math.min(bottom, part.height) - top);
}
