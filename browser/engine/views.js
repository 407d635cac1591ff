// Views of a picture: the whole of it or a part, scaled and turned, with the way back to the picture's own pixels.
// The pixels are those of OpenCV's warpAffine, bit for bit: the same fixed-point steps in the same order.
// Coordinates are continuous: pixel i covers i to i + 1.

import { clamp, degrees, radians, roundHalfEven } from "./numbers.js";

/**
 * @typedef {object} Picture
 * @property {Uint8Array|Uint8ClampedArray} pixels row by row, 0 to 255
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {3|4} channels RGB, or RGBA whose fourth value is not looked at
 */

/** A picture to be cut out of another. `matrix` [a, b, c, d, e, f]: x' = a x + b y + c, y' = d x + e y + f. */
export class View {
  constructor(matrix, width, height) {
    this.matrix = matrix;
    this.width = width;
    this.height = height;
  }

  /** Pixels of the view for one of the picture. */
  get scale() {
    return Math.hypot(this.matrix[0], this.matrix[3]);
  }

  /** Degrees clockwise in the picture of what stands upright in the view. */
  get roll() {
    return degrees(Math.atan2(this.matrix[1], this.matrix[0]));
  }

  /** A part of this view, in its own pixels. */
  part(left, top, width, height) {
    const [a, b, c, d, e, f] = this.matrix;
    return new View([a, b, c - left, d, e, f - top], width, height);
  }

  /** A point [x, y] of the picture in the view's coordinates. */
  fromPicture([x, y]) {
    const [a, b, c, d, e, f] = this.matrix;
    return [a * x + b * y + c, d * x + e * y + f];
  }

  /** A point [x, y] of the view in the picture's coordinates. */
  toPicture([x, y]) {
    const [a, b, c, d, e, f] = inverted(this.matrix);
    return [a * x + b * y + c, d * x + e * y + f];
  }
}

/** A view whose middle is `center`, showing upright what is turned clockwise by `roll` degrees in the picture. */
export function viewAround([x, y], scale, roll, width, height) {
  const cosine = scale * Math.cos(radians(roll));
  const sine = scale * Math.sin(radians(roll));
  const left = width / 2 - (cosine * x + sine * y);
  const top = height / 2 - (-sine * x + cosine * y);
  return new View([cosine, sine, left, -sine, cosine, top], width, height);
}

/** The whole picture, turned upright by `roll`, its longest side (before a slanted turn) `longest` pixels. */
export function viewOfWhole(picture, longest, roll = 0) {
  const { width, height } = picture;
  const scale = longest / Math.max(width, height);
  const cosine = Math.abs(Math.cos(radians(roll)));
  const sine = Math.abs(Math.sin(radians(roll)));
  const viewWidth = Math.max(1, roundHalfEven((width * cosine + height * sine) * scale));
  const viewHeight = Math.max(1, roundHalfEven((width * sine + height * cosine) * scale));
  return viewAround([width / 2, height / 2], scale, roll, viewWidth, viewHeight);
}

/**
 * The view's pixels, RGB. Large parts are averaged down first, so that nothing flickers; borders are repeated.
 * @param {Picture} picture
 * @param {View} view
 * @returns {Picture}
 */
export function cut(picture, view) {
  let part = partSeen(picture, view);
  let factor = 1;
  while (view.scale * factor <= 0.5 && Math.min(part.width, part.height) > 1) {
    part = halved(part);
    factor *= 2;
  }
  const [a, b, c, d, e, f] = view.matrix;
  const matrix = [a * factor, b * factor, c + a * part.left + b * part.top, 0, 0, 0];
  matrix.splice(3, 3, d * factor, e * factor, f + d * part.left + e * part.top);
  matrix[2] += 0.5 * (matrix[0] + matrix[1]) - 0.5; // OpenCV counts from the middles of pixels
  matrix[5] += 0.5 * (matrix[3] + matrix[4]) - 0.5;
  return warped(part, inverted(matrix), view.width, view.height);
}

/** Blocks of 2x2 averaged, the same for whole pictures: what OpenCV's INTER_AREA does at one half. */
export function halvedPicture(picture) {
  const { left, top, ...half } = halved({ ...picture, left: 0, top: 0, offset: 0, stride: strideOf(picture) });
  return { width: half.width, height: half.height, pixels: half.pixels, channels: 3 };
}

/** Luma of an RGB picture as OpenCV has it, one byte per pixel. */
export function gray(picture) {
  const { pixels, channels } = picture;
  const luma = new Uint8Array(picture.width * picture.height);
  for (let i = 0, j = 0; i < luma.length; i++, j += channels) {
    luma[i] = (pixels[j] * 9798 + pixels[j + 1] * 19235 + pixels[j + 2] * 3735 + 16384) >> 15;
  }
  return luma;
}

function strideOf(picture) {
  return picture.width * picture.channels;
}

/** The part of the picture under the view with a margin for interpolation. Nothing is copied. */
function partSeen(picture, view) {
  const corners = [
    [0, 0],
    [view.width, 0],
    [0, view.height],
    [view.width, view.height],
  ].map((corner) => view.toPicture(corner));
  const margin = 2 + 2 / view.scale;
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const left = clamp(Math.floor(Math.min(...xs) - margin), 0, picture.width - 1);
  const top = clamp(Math.floor(Math.min(...ys) - margin), 0, picture.height - 1);
  const right = clamp(Math.ceil(Math.max(...xs) + margin), left + 1, picture.width);
  const bottom = clamp(Math.ceil(Math.max(...ys) + margin), top + 1, picture.height);
  const { pixels, channels } = picture;
  const stride = strideOf(picture);
  const offset = top * stride + left * channels;
  return { pixels, channels, left, top, width: right - left, height: bottom - top, offset, stride };
}

/** Blocks of 2x2 averaged; an odd last line is left out. */
function halved(part) {
  const width = part.width >> 1;
  const height = part.height >> 1;
  const { pixels, channels, stride } = part;
  const result = new Uint8Array(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = part.offset + 2 * y * stride;
    for (let x = 0; x < width; x++, from += 2 * channels) {
      for (let k = from; k < from + 3; k++) {
        const sum = pixels[k] + pixels[k + channels] + pixels[k + stride] + pixels[k + stride + channels];
        result[to++] = (sum + 2) >> 2;
      }
    }
  }
  return { pixels: result, channels: 3, left: part.left, top: part.top, width, height, offset: 0, stride: width * 3 };
}

function inverted([a, b, c, d, e, f]) {
  const determinant = a * e - b * d;
  const scale = determinant !== 0 ? 1 / determinant : 0;
  const [ia, ib, id, ie] = [e * scale, -b * scale, -d * scale, a * scale];
  return [ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f];
}

/** OpenCV's warpAffine with INTER_LINEAR and BORDER_REPLICATE; `back` goes from the result to the part. */
function warped(part, [a, b, c, d, e, f], width, height) {
  const result = new Uint8Array(width * height * 3);
  const columns = { x: new Int32Array(width), y: new Int32Array(width) };
  for (let x = 0; x < width; x++) {
    columns.x[x] = roundHalfEven(a * x * 1024);
    columns.y[x] = roundHalfEven(d * x * 1024);
  }
  const { pixels, channels, offset, stride } = part;
  const [lastX, lastY] = [part.width - 1, part.height - 1];
  let to = 0;
  for (let y = 0; y < height; y++) {
    const rowX = roundHalfEven((b * y + c) * 1024) + 16;
    const rowY = roundHalfEven((e * y + f) * 1024) + 16;
    for (let x = 0; x < width; x++, to += 3) {
      const fineX = (rowX + columns.x[x]) >> 5; // thirty-seconds of a pixel
      const fineY = (rowY + columns.y[x]) >> 5;
      const [shareX, shareY] = [fineX & 31, fineY & 31];
      const [column, row] = [fineX >> 5, fineY >> 5];
      const left = (column < 0 ? 0 : column > lastX ? lastX : column) * channels;
      const right = (column < -1 ? 0 : column >= lastX ? lastX : column + 1) * channels;
      const above = offset + (row < 0 ? 0 : row > lastY ? lastY : row) * stride;
      const below = offset + (row < -1 ? 0 : row >= lastY ? lastY : row + 1) * stride;
      const [weightA, weightB] = [(32 - shareX) * (32 - shareY), shareX * (32 - shareY)];
      const [weightC, weightD] = [(32 - shareX) * shareY, shareX * shareY];
      for (let k = 0; k < 3; k++) {
        const sum =
          pixels[above + left + k] * weightA +
          pixels[above + right + k] * weightB +
          pixels[below + left + k] * weightC +
          pixels[below + right + k] * weightD;
        result[to + k] = (sum + 512) >> 10;
      }
    }
  }
  return { pixels: result, width, height, channels: 3 };
}
