// Where a finer picture may show more than a coarse one: fer_core/photos/detection/search.py measures the same.

import { gray } from "./views.js";
import { centerOf } from "./yunet.js";

/**
 * Points [x, y] of the picture that are sharp in a coarse one, outside of the faces that are known.
 * @param {import("./views.js").Picture} picture
 * @param {import("./faces.js").Face[]} known
 * @param {object} rules `search` of settings.json
 */
export function sharpPlaces(picture, known, rules) {
  const { luma, divisor } = coarse(picture, rules);
  const [edges, coarser] = [edgesOf(luma, rules.cell), edgesOf(halved(luma), rules.cell >> 1)];
  const [rows, columns] = [Math.min(edges.rows, coarser.rows), Math.min(edges.columns, coarser.columns)];
  const places = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [fine, rough] = [edges.at(row, column), coarser.at(row, column)];
      if (fine < rules.contrast || fine < rules.sharpest * rough) continue;
      const place = [column, row].map((cell) => (cell + 0.5) * rules.cell * divisor);
      if (!known.some((face) => isIn(place, face, rules.around_known))) places.push(place);
    }
  }
  return places;
}

/**
 * Points [x, y] of the picture at which there is anything to see: no wall, no clear sky.
 * @param {import("./views.js").Picture} picture
 * @param {object} rules `search` of settings.json
 */
export function unevenPlaces(picture, rules) {
  const { luma, divisor } = coarse(picture, rules);
  let edges = edgesOf(luma, rules.flat_cell);
  if (!edges.rows || !edges.columns) {
    // A strip thinner than a square: all of it.
    const most = (side) => Math.max(1, Math.floor(side / rules.flat_cell));
    edges = { rows: most(luma.height), columns: most(luma.width), at: () => Infinity };
  }
  const places = [];
  for (let row = 0; row < edges.rows; row++) {
    for (let column = 0; column < edges.columns; column++) {
      if (edges.at(row, column) < rules.flat) continue;
      places.push([column, row].map((cell) => (cell + 0.5) * rules.flat_cell * divisor));
    }
  }
  return places;
}

function isIn([x, y], { box }, reach) {
  const [middleX, middleY] = centerOf(box);
  return Math.abs(x - middleX) <= reach * box[2] && Math.abs(y - middleY) <= reach * box[3];
}

/** The picture in gray at the size of Python's coarsest decoding, and the divisor of its sides. */
function coarse(picture, rules) {
  let luma = { pixels: gray(picture), width: picture.width, height: picture.height };
  let divisor = 1;
  const large = () => Math.max(luma.width, luma.height) >> 1 >= rules.coarsest && Math.min(luma.width, luma.height) > 1;
  while (divisor < rules.most_divided && large()) [luma, divisor] = [halved(luma), divisor * 2];
  return { luma, divisor };
}

/** Blocks of 2x2 averaged; an odd last line is left out. */
function halved({ pixels, width: wide, height: tall }) {
  const [width, height] = [Math.max(1, wide >> 1), Math.max(1, tall >> 1)];
  const result = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, from = 2 * y * wide; x < width; x++, from += 2) {
      result[to++] = (pixels[from] + pixels[from + 1] + pixels[from + wide] + pixels[from + wide + 1] + 2) >> 2;
    }
  }
  return { pixels: result, width, height };
}

/** The mean absolute Laplacian in each square of `cell` pixels, 0 to 1020; at the border the picture is mirrored. */
function edgesOf({ pixels, width, height }, cell) {
  const [columns, rows] = [Math.floor(width / cell), Math.floor(height / cell)];
  const sums = new Float64Array(columns * rows);
  const within = (value, most) => (value < 0 ? -value : value > most ? 2 * most - value : value);
  for (let y = 0; y < rows * cell; y++) {
    const [above, here, below] = [within(y - 1, height - 1), y, within(y + 1, height - 1)].map((row) => row * width);
    for (let x = 0; x < columns * cell; x++) {
      const [left, right] = [within(x - 1, width - 1), within(x + 1, width - 1)];
      const around = pixels[above + x] + pixels[below + x] + pixels[here + left] + pixels[here + right];
      sums[Math.floor(y / cell) * columns + Math.floor(x / cell)] += Math.abs(around - 4 * pixels[here + x]);
    }
  }
  return { rows, columns, at: (row, column) => sums[row * columns + column] / cell ** 2 };
}
