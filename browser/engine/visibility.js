// How much of a face the picture shows, and in words why too little of it: fer_core's photos/visibility.py step by step.
// The limits come from there through settings.json, as `visibility`.

import { clamp, radians } from "./numbers.js";
import { areaOf, crop, sideOf } from "./faces.js";
import { centerOf } from "./yunet.js";

/**
 * The first thing that speaks against a sure answer; null when the face is seen well.
 * @param {import("./faces.js").Face} face
 * @param {import("./views.js").Picture} picture
 * @param {object} settings settings.json
 * @returns {{reason: string, decides: boolean}|null}
 */
export function doubt(face, picture, settings) {
  const { visibility: rules } = settings;
  const { width, height } = picture;
  if (face.box.join() === [0, 0, width, height].join()) return null; // a face crop shows what it shows
  const pixels = crop(picture, face, rules.side, 1, settings.crop);
  const level = { pixels, side: rules.side };
  const [outside, marks, sharp] = [shareOutside(face, picture), levelMarks(face), sharpness(level)];
  const found = [
    ["half", outside >= rules.half, true],
    ["outside", outside >= rules.outside || markIsOutside(face, picture), true],
    ["turned", isTurned(marks, rules), true],
    ["tiny", sideOf(face) < rules.tiny, true],
    ["blurred", sharp < rules.smeared, true],
    ["covered", mouth(marks, level) < rules.covered, true],
    ["tiny", sideOf(face) < rules.small, false],
    ["blurred", sharp < rules.blurred, false],
  ].find(([, applies]) => applies);
  return found ? { reason: rules.reasons[found[0]].replace("{side}", sideOf(face)), decides: found[2] } : null;
}

/** The answer with what the picture does not show: a doubt that decides makes it unsure, another only explains. */
export function doubted(answer, found) {
  const applies = found && (found.decides || answer.unsure);
  return { ...answer, unsure: answer.unsure || Boolean(applies), reason: applies ? found.reason : "" };
}

function shareOutside(face, { width, height }) {
  const [x, y, wide, tall] = face.box;
  const across = Math.max(0, Math.min(x + wide, width) - Math.max(x, 0));
  const down = Math.max(0, Math.min(y + tall, height) - Math.max(y, 0));
  return 1 - (across * down) / Math.max(1, areaOf(face));
}

/** An eye, the nose or a corner of the mouth is not in the picture. */
function markIsOutside({ landmarks }, { width, height }) {
  return Boolean(landmarks?.some(([x, y]) => x < 0 || y < 0 || x > width || y > height));
}

/** The landmarks from the middle of the box, turned level, in sides of the box; null unless all are known. */
function levelMarks(face) {
  if (!face.landmarks) return null;
  const [sine, cosine] = [Math.sin(radians(face.roll)), Math.cos(radians(face.roll))];
  const [middleX, middleY] = centerOf(face.box);
  const side = Math.max(1, sideOf(face));
  return face.landmarks.map(([x, y]) => {
    const [across, down] = [x - middleX, y - middleY];
    return [(across * cosine + down * sine) / side, (down * cosine - across * sine) / side];
  });
}

function isTurned(marks, rules) {
  if (!marks) return false;
  const [[left], [right], [nose]] = marks;
  return right - left < rules.narrow || Math.abs(nose - (left + right) / 2) > rules.turned * (right - left);
}

/** Mean absolute Laplacian in parts of the standard deviation of the inner face. */
function sharpness({ pixels, side }) {
  let edges = 0;
  for (let y = 4; y < side - 4; y++) {
    for (let x = 4; x < side - 4; x++) {
      const at = y * side + x;
      edges += Math.abs(pixels[at - 1] + pixels[at + 1] + pixels[at - side] + pixels[at + side] - 4 * pixels[at]);
    }
  }
  let [sum, squares, count] = [0, 0, (side - 16) ** 2];
  for (let y = 8; y < side - 8; y++) {
    for (let x = 8; x < side - 8; x++) {
      const value = pixels[y * side + x];
      sum += value;
      squares += value * value;
    }
  }
  const deviation = Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
  return edges / (side - 8) ** 2 / Math.max(1, deviation);
}

/** Strength of level edges at the mouth, in parts of that at the eyes; 1 where the landmarks are not known. */
function mouth(marks, level) {
  if (!marks) return 1;
  const places = marks.map((mark) => mark.map((value) => (value + 0.5) * level.side));
  const [left, right, , ...corners] = places;
  const eyes = Math.max(4, Math.hypot(right[0] - left[0], right[1] - left[1]));
  const middle = [0, 1].map((axis) => (corners[0][axis] + corners[1][axis]) / 2);
  const atEyes = [left, right].map((place) => meanAround(level, place, 0.3 * eyes, 0.2 * eyes));
  return meanAround(level, middle, 0.45 * eyes, 0.3 * eyes) / Math.max(1, (atEyes[0] + atEyes[1]) / 2);
}

/** Mean strength of level edges in a rectangle, as far as it lies inside; at least one pixel of it. */
function meanAround(level, [x, y], across, down) {
  const { side } = level;
  const low = [x - across, y - down].map((value) => clamp(Math.floor(value), 0, side - 1));
  const high = [x + across, y + down].map((value, axis) => Math.max(clamp(Math.ceil(value), 0, side), low[axis] + 1));
  let sum = 0;
  for (let row = low[1]; row < high[1]; row++) {
    for (let column = low[0]; column < high[0]; column++) sum += Math.abs(levelEdge(level, column, row));
  }
  return sum / ((high[0] - low[0]) * (high[1] - low[1]));
}

/** OpenCV's Sobel of 3x3 pixels, downwards; at the border the picture is mirrored. */
function levelEdge({ pixels, side }, x, y) {
  const within = (value) => (value < 0 ? -value : value >= side ? 2 * side - 2 - value : value);
  const row = (line) => {
    const start = within(line) * side;
    return pixels[start + within(x - 1)] + 2 * pixels[start + x] + pixels[start + within(x + 1)];
  };
  return row(y + 1) - row(y - 1);
}
