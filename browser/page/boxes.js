// Boxes and labels on a picture, each in its face's colour with a dark edge, so that they are seen on any ground.

import { radians } from "../engine/numbers.js";

const INK = "#10151c";

/**
 * @typedef {object} Place
 * @property {number} scale canvas pixels for one of the picture
 * @property {number} left of the picture in the canvas
 * @property {number} top of the picture in the canvas
 * @property {number} width of the picture in the canvas
 * @property {boolean} mirrored the picture is shown as in a mirror
 */

/** Where a picture stands that is shown whole in the middle of a canvas. */
export function placed(picture, canvas, mirrored = false) {
  const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { scale, left: (canvas.width - width) / 2, top: (canvas.height - height) / 2, width, height, mirrored };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{face: object, colour: string, text: string}[]} rows
 * @param {Place} place
 */
export function drawBoxes(context, rows, place) {
  for (const row of rows) drawBox(context, corners(row.face, place), row.colour, place);
  for (const row of rows) drawLabel(context, corners(row.face, place), row, place);
}

/** The four corners of the box, turned by the face's roll. */
function corners({ box: [x, y, width, height], roll }, place) {
  const [sine, cosine] = [Math.sin(radians(roll)), Math.cos(radians(roll))];
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  const signs = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
  return signs.map(([across, down]) => {
    const [a, b] = [(across * width) / 2, (down * height) / 2];
    return onCanvas([middleX + a * cosine - b * sine, middleY + a * sine + b * cosine], place);
  });
}

function onCanvas([x, y], place) {
  const along = x * place.scale;
  return [place.left + (place.mirrored ? place.width - along : along), place.top + y * place.scale];
}

function drawBox(context, points, colour, place) {
  const width = Math.max(2, Math.max(place.width, place.height) / 300);
  context.beginPath();
  points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  context.lineJoin = "round";
  for (const [style, thick] of [[INK, 2 * width + 1], [colour, width]]) {
    context.strokeStyle = style;
    context.lineWidth = thick;
    context.stroke();
  }
}

/** A dark tag above the box, kept inside the picture. */
function drawLabel(context, points, { text, colour }, place) {
  const size = Math.max(13, Math.min(22, place.width / 32));
  context.font = `600 ${size}px ui-sans-serif, system-ui, sans-serif`;
  const [wide, tall] = [context.measureText(text).width + size, size * 1.6];
  const within = (value, least, most) => Math.max(least, Math.min(value, most));
  const left = within(Math.min(...points.map(([x]) => x)), place.left, place.left + place.width - wide);
  const top = within(Math.min(...points.map(([, y]) => y)) - tall, place.top, place.top + place.height - tall);
  context.fillStyle = INK;
  context.fillRect(left, top, wide, tall);
  context.fillStyle = colour;
  context.fillRect(left, top, size / 3, tall);
  context.fillStyle = "#ffffff";
  context.textBaseline = "middle";
  context.fillText(text, left + size * 0.66, top + tall / 2 + 1);
}
