// Arithmetic that JavaScript does not have, or does otherwise than Python.

/** Round half to even, as Python's round() and NumPy do; Math.round would move some boxes by a pixel. */
export function roundHalfEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

export function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

export function radians(degrees) {
  return (degrees * Math.PI) / 180;
}

export function degrees(angle) {
  return (angle * 180) / Math.PI;
}

/** Degrees from one direction to another, the short way: -180 to 180. */
export function turnBetween(start, end) {
  const turn = (end - start + 180) % 360;
  return (turn < 0 ? turn + 360 : turn) - 180;
}

/** The first of the largest by `key`, as Python's max() takes it; undefined of an empty list. */
export function largest(items, key) {
  let best;
  for (const item of items) if (best === undefined || key(item) > key(best)) best = item;
  return best;
}
