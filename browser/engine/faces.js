// What a face is, when two of them are the same, and the square crops that networks see: fer_core/photos/detection/face.py and
// photos/faces.py.

import { cut, gray, halvedPicture, viewAround } from "./views.js";
import { centerOf } from "./yunet.js";

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

/** Whether the face is all of the picture, as `whole` gives it. */
export function isWhole({ width, height }, { box: [x, y, faceWidth, faceHeight] }) {
  return x === 0 && y === 0 && faceWidth === width && faceHeight === height;
}

export const sideOf = ({ box }) => Math.max(box[2], box[3]);
export const areaOf = ({ box }) => box[2] * box[3];

/**
 * The faces, of those that are the same only the one with the best score.
 * @param {Face[]} faces
 * @param {number} same share of the smaller box inside the larger one from which both are the same face
 */
export function withoutDoubles(faces, same) {
  const kept = [];
  for (const face of [...faces].sort((first, second) => second.score - first.score)) {
    if (!isAmong(face, kept, same)) kept.push(face);
  }
  return kept;
}

export function isAmong(face, others, same) {
  return others.some((other) => shareInside(face.box, other.box) >= same);
}

/** Share of the smaller box that lies in the other: half a face found inside a face is no second one. */
export function shareInside([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const wide = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx));
  const tall = Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
  return (wide * tall) / Math.max(1, Math.min(aw * ah, bw * bh));
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
  const side = isWhole(picture, face) ? 1 : rules.side;
  const scale = size / (side * sideOf(face));
  const fine = scale < 1 ? 2 : 1;
  const view = viewAround(centerOf(face.box), scale * fine, face.roll, size * fine, size * fine);
  const pixels = fine === 2 ? halvedPicture(cut(picture, view)) : cut(picture, view);
  return channels === 1 ? gray(pixels) : pixels.pixels;
}
