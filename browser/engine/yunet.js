// The face detector YuNet (Wu et al., 2023, doi 10.1007/s11633-023-1423-y): fer_core/photos/detection/yunet.py step by step.

import { clamp, degrees } from "./numbers.js";

/**
 * @typedef {object} Detection
 * @property {number[]} box x, y, width, height in the pixels of the picture that was searched
 * @property {number} score 0 to 1
 * @property {number[][]} landmarks five [x, y]: eye on the left, eye on the right, nose tip, corners of the mouth
 */

export class YuNet {
  /**
   * @param {(feeds: object) => Promise<object>} run the network: a float32 tensor (1, 3, h, w), BGR, to its outputs
   * @param {object} settings `detector` of settings.json: strides, multiple, overlap, strategy
   */
  constructor(run, settings) {
    this.run = run;
    this.settings = settings;
  }

  get strategy() {
    return this.settings.strategy;
  }

  /** Faces in an RGB picture as it stands, with at least that score. */
  async detect(picture, minScore) {
    const { strides, multiple, overlap: most, agreement, weight } = this.settings;
    const tensor = paddedTensor(picture, multiple);
    const outputs = await this.run(tensor);
    const found = strides.flatMap((stride) => decode(outputs, stride, tensor.dims, minScore));
    const whole = found.filter(({ box, landmarks }) => [...box, ...landmarks.flat()].every(Number.isFinite));
    return withoutOverlaps(whole, most).map((face) => voted(face, whole, agreement, weight)); // slivers of a picture give nan
  }
}

/** Degrees clockwise by the eyes. */
export function rollOf({ landmarks: [left, right] }) {
  return degrees(Math.atan2(right[1] - left[1], right[0] - left[0]));
}

export function centerOf([x, y, width, height]) {
  return [x + width / 2, y + height / 2];
}

/** Float32 (1, 3, h, w) in the order blue, green, red; black is added on the right and below up to whole strides. */
export function paddedTensor(picture, multiple) {
  const width = Math.ceil(picture.width / multiple) * multiple;
  const height = Math.ceil(picture.height / multiple) * multiple;
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  let from = 0;
  for (let y = 0; y < picture.height; y++) {
    let to = y * width;
    for (let x = 0; x < picture.width; x++, to++, from += picture.channels) {
      data[to] = picture.pixels[from + 2];
      data[plane + to] = picture.pixels[from + 1];
      data[2 * plane + to] = picture.pixels[from];
    }
  }
  return { data, dims: [1, 3, height, width] };
}

/** Detections of one level of the pyramid: each cell says where, relative to itself, a face would be. */
function decode(outputs, stride, [, , height, width], minScore) {
  const columns = width / stride;
  const cells = columns * (height / stride);
  const [classes, objects] = [outputs[`cls_${stride}`], outputs[`obj_${stride}`]];
  const [boxes, marks] = [outputs[`bbox_${stride}`], outputs[`kps_${stride}`]];
  const found = [];
  for (let cell = 0; cell < cells; cell++) {
    const score = Math.fround(Math.sqrt(clamp(classes[cell], 0, 1) * clamp(objects[cell], 0, 1)));
    if (score < minScore) continue;
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    const [x, y] = [(column + boxes[4 * cell]) * stride, (row + boxes[4 * cell + 1]) * stride];
    const [wide, tall] = [Math.exp(boxes[4 * cell + 2]) * stride, Math.exp(boxes[4 * cell + 3]) * stride];
    const landmarks = [0, 1, 2, 3, 4].map((mark) => [
      (marks[10 * cell + 2 * mark] + column) * stride,
      (marks[10 * cell + 2 * mark + 1] + row) * stride,
    ]);
    found.push({ box: [x - wide / 2, y - tall / 2, wide, tall], score, landmarks });
  }
  return found;
}

/** The best first; a box that overlaps a better one by more than `most` goes. */
export function withoutOverlaps(found, most) {
  const kept = [];
  for (const candidate of [...found].sort((first, second) => second.score - first.score)) {
    if (kept.every(({ box }) => overlap(box, candidate.box) <= most)) kept.push(candidate);
  }
  return kept;
}

/** The face with the mean box and landmarks of all that agree with it: the best one alone changes with the least noise. */
export function voted(face, found, agreement, weight) {
  const votes = found.filter(({ box }) => overlap(face.box, box) > agreement);
  const sum = votes.reduce((total, { score }) => total + score ** weight, 0);
  if (!sum) return face;
  const mean = (value) => votes.reduce((total, vote) => total + vote.score ** weight * value(vote), 0) / sum;
  return {
    box: face.box.map((_, side) => mean(({ box }) => box[side])),
    score: face.score,
    landmarks: face.landmarks.map((mark, which) => mark.map((_, axis) => mean(({ landmarks }) => landmarks[which][axis]))),
  };
}

/** Intersection over union; of two boxes without area 1, as in OpenCV. */
export function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const areas = aw * ah + bw * bh;
  if (areas <= 0) return 1;
  const wide = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const tall = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  const shared = wide > 0 && tall > 0 ? wide * tall : 0;
  return shared / (areas - shared);
}
