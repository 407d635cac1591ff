// The engine's own thread. It takes one request at a time and answers each: {id, kind, ...} to {id, value} or {id, error}.

import { analyse, Network } from "./analysis.js";
import { LiveSession } from "./live.js";
import { Runtime, RuntimeMissing } from "./runtime.js";
import { Finder } from "./search.js";
import { YuNet } from "./yunet.js";

const state = { settings: null, base: null, runtime: null, finder: null, networks: new Map(), session: null };
const kinds = { start, load, look, film, forget };

self.onmessage = async ({ data: { id, kind, ...request } }) => {
  try {
    self.postMessage({ id, value: await kinds[kind](request) });
  } catch (error) {
    const missing = error instanceof RuntimeMissing ? "runtime" : error.missing;
    self.postMessage({ id, error: { message: String(error.message ?? error), missing } });
  }
};

/** Load settings, runtime and detector; what is missing is said, and the rest goes on without it. */
async function start({ base, provider }) {
  state.base = base;
  state.settings = await (await fetched("settings.json")).json();
  state.runtime = await Runtime.start(new URL("runtime/", base).href, state.settings.runtime, provider);
  const { detector } = state.settings;
  if (detector.file) {
    const session = await state.runtime.session(await bytes(detector.file));
    state.finder = new Finder(new YuNet(state.runtime.detector(session), detector), state.settings.search, state.settings.tracking);
    await state.finder.findUpright(nothing(640, 480), state.settings.min_score, []); // else the first frame waits for it
  }
  const { provider: used, threads } = state.runtime;
  return { settings: state.settings, provider: used, threads, detector: Boolean(state.finder) };
}

/** A black picture. */
function nothing(width, height) {
  return { pixels: new Uint8ClampedArray(4 * width * height), width, height, channels: 4 };
}

/** Load a network by name, for a film's frames or for photos, so that the first answer does not wait. */
async function load({ model, film }) {
  await network(model, film);
  return { model };
}

/** The network of that name, loaded once. The frames of a film have a lighter file where there is one: see runtime.js. */
function network(model, film) {
  const row = state.settings.networks.find(({ name }) => name === model);
  const file = (film && state.runtime.eightBits && row.film) || row.file;
  if (!state.networks.has(file)) {
    const coming = loaded(row, file);
    coming.catch(() => state.networks.delete(file)); // so that it can be asked for again
    state.networks.set(file, coming);
  }
  return state.networks.get(file);
}

/** It runs once: the first time takes longer. */
async function loaded(row, file) {
  const run = state.runtime.network(await state.runtime.session(await bytes(file)), row);
  const { input_size: size, channels } = row;
  await run(new Uint8Array(size * size * channels), [1, size, size, channels]);
  return new Network(row, run);
}

/** One photo. */
async function look({ frame, model, options }) {
  needsFinder(options);
  return analyse(pixelsOf(frame), state.finder, await network(model, false), state.settings, options);
}

/** One frame of a film. */
async function film({ frame, model, time, minScore }) {
  needsFinder({});
  state.session ??= new LiveSession(state.finder, state.settings);
  return state.session.look(pixelsOf(frame), await network(model, true), time, minScore ?? state.settings.min_score);
}

/** Another film begins: its faces are others. */
function forget() {
  state.session = null;
}

function needsFinder({ alreadyFace, faces } = {}) {
  if (state.finder || alreadyFace || faces) return;
  throw Object.assign(new Error(state.settings.words.no_detector), { missing: "detector" });
}

let canvas;

/** RGBA of an ImageBitmap or of {pixels, width, height, channels}; what is transparent becomes white. */
function pixelsOf(frame) {
  if (frame.pixels) return frame;
  const { width, height } = frame;
  if (canvas?.width !== width || canvas?.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(frame, 0, 0);
  frame.close();
  return { pixels: context.getImageData(0, 0, width, height).data, width, height, channels: 4 };
}

async function fetched(name) {
  const answer = await fetch(new URL(name, state.base)).catch(({ message }) => {
    throw Object.assign(new Error(`${name} could not be loaded: ${message}`), { missing: name });
  });
  if (!answer.ok) throw Object.assign(new Error(`${name}: ${answer.status}`), { missing: name });
  return answer;
}

async function bytes(name) {
  return new Uint8Array(await (await fetched(name)).arrayBuffer());
}
