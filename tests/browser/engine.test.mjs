// The engine's arithmetic, in Node's own test runner: `node --test tests/browser/`; pytest calls it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { applyTemperature, decide, inWords, percent } from "../../browser/engine/answers.js";
import { shareInside } from "../../browser/engine/faces.js";
import { roundHalfEven, turnBetween } from "../../browser/engine/numbers.js";
import { Smoother, Tracker } from "../../browser/engine/tracking.js";
import { overlap, paddedTensor, voted, withoutOverlaps } from "../../browser/engine/yunet.js";
import { Runtime, RuntimeMissing } from "../../browser/engine/runtime.js";
import { Recording } from "../../browser/page/recording.js";

const RULES = { farthest: 0.8, gap_seconds: 1, smoothing_seconds: 0.7 };
const NETWORK = { name: "house", classes: ["happy", "sad", "neutral"], threshold: 0.5 };
const close = (given, wanted) => given.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-9, `${given}`));
const at = (x, y, size = 100) => ({ box: [x, y, size, size], score: 1, roll: 0, landmarks: null });

test("halves are rounded to the even side, as in Python", () => {
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6].map(roundHalfEven).map((v) => v + 0), [0, 2, 2, 0, -2, 2, 3]);
});

test("a turn goes the short way", () => {
  assert.equal(turnBetween(170, -170), 20);
  assert.equal(turnBetween(-170, 170), -20);
  assert.equal(turnBetween(0, 180), -180);
});

test("boxes that agree share their mean", () => {
  const at = (x, score) => ({ box: [x, 10, 100, 100], score, landmarks: Array(5).fill([x, x]) });
  const found = [at(10, 0.6), at(20, 0.9), at(70, 0.5)];
  const face = voted(found[1], found, 0.5, 1);
  assert.equal(face.score, 0.9);
  face.box.forEach((value, side) => assert.ok(Math.abs(value - [16, 10, 100, 100][side]) < 1e-9));
  assert.ok(Math.abs(face.landmarks[4][1] - 16) < 1e-9);
  assert.ok(Math.abs(voted(found[1], found, 0.5, 2).box[0] - (10 * 0.36 + 20 * 0.81) / 1.17) < 1e-9);
  assert.equal(voted(found[1], found, 1, 1), found[1]);
});

test("of boxes that overlap the best one stays", () => {
  const faces = [
    { box: [0, 0, 10, 10], score: 0.7 },
    { box: [2, 0, 10, 10], score: 0.9 },
    { box: [50, 50, 10, 10], score: 0.8 },
  ];
  assert.deepEqual(withoutOverlaps(faces, 0.3).map(({ score }) => score), [0.9, 0.8]);
  assert.deepEqual(withoutOverlaps(faces, 0.9).map(({ score }) => score), [0.9, 0.8, 0.7]);
  assert.equal(overlap([0, 0, 10, 10], [5, 0, 10, 10]), 50 / 150);
  assert.equal(shareInside([0, 0, 10, 10], [0, 0, 2, 2]), 1);
});

test("a picture becomes planes of blue, green and red, black up to whole strides", () => {
  const { data, dims } = paddedTensor({ pixels: [1, 2, 3, 255, 4, 5, 6, 255], width: 2, height: 1, channels: 4 }, 4);
  assert.deepEqual(dims, [1, 3, 4, 4]);
  assert.deepEqual([data[0], data[1], data[2], data[16], data[32]], [3, 6, 0, 2, 1]);
});

test("temperature keeps the order and the sum", () => {
  close(applyTemperature([0.5, 0.25, 0.25], 1), [0.5, 0.25, 0.25]);
  close(applyTemperature([0.8, 0.2, 0], 2), [2 / 3, 1 / 3, 0]);
  assert.ok(applyTemperature([1, 0], 20).every(Number.isFinite));
});

test("below the threshold the answer is unsure, and names the second", () => {
  const sure = decide(NETWORK, [0.6, 0.3, 0.1]);
  assert.deepEqual([sure.label, sure.unsure, inWords(NETWORK, sure)], ["happy", false, "happy 60 %"]);
  const unsure = decide(NETWORK, [0.3, 0.4, 0.3]);
  assert.equal(inWords(NETWORK, unsure), "Unsure: sad 40 %, or happy 30 %");
  assert.deepEqual([percent(0.999), percent(0.001), percent(1), percent(0.125)], ["> 99 %", "< 1 %", "100 %", "12 %"]);
});

test("a face keeps its number while it moves, through a short gap, and beside another one", () => {
  const tracker = new Tracker(RULES);
  const ids = (faces, time) => tracker.update(faces, time).map(({ id }) => id);
  assert.deepEqual(ids([at(0, 0), at(300, 0)], 0), [1, 2]);
  assert.deepEqual(ids([at(310, 10), at(30, 0)], 0.1), [2, 1]);
  assert.deepEqual(ids([at(40, 0)], 0.2), [1]);
  assert.deepEqual(ids([at(40, 0), at(320, 0)], 0.9), [1, 2]);
  assert.deepEqual(ids([at(40, 0)], 1.0), [1]);
  assert.deepEqual(ids([at(40, 0), at(320, 0)], 2.5), [1, 3]);
  assert.deepEqual(ids([at(40, 0, 300)], 2.6), [4]);
});

test("slow frames lose nobody: what was in the last frame is still there", () => {
  const tracker = new Tracker(RULES);
  tracker.update([at(0, 0)], 0);
  assert.deepEqual(tracker.update([at(0, 0)], 5).map(({ id }) => id), [1]);
});

test("no two faces in sight share a colour, and a free one is taken again", () => {
  const tracker = new Tracker(RULES);
  const colours = (faces, time) => tracker.update(faces, time).map(({ colour }) => colour);
  assert.deepEqual(colours([at(0, 0), at(200, 0), at(400, 0)], 0), [0, 1, 2]);
  assert.deepEqual(colours([at(0, 0), at(400, 0)], 1), [0, 2]);
  assert.deepEqual(colours([at(0, 0), at(400, 0), at(600, 0)], 2.5), [0, 2, 1]);
});

test("smoothing: after its time constant 63 % of a change are there, at any frame rate", () => {
  for (const frames of [1, 7, 70]) {
    const smoother = new Smoother(RULES);
    smoother.add([1, 0], 0);
    let mean;
    for (let i = 1; i <= frames; i++) mean = smoother.add([0, 1], (0.7 * i) / frames);
    close(mean, [Math.exp(-1), 1 - Math.exp(-1)]);
  }
});

test("smoothing starts afresh after a gap and for another network", () => {
  const smoother = new Smoother(RULES);
  smoother.add([1, 0], 0);
  close(smoother.add([0, 1], 2), [0, 1]);
  smoother.restart("other");
  close(smoother.add([1, 0], 2.1), [1, 0]);
});

test("a recording is a table: as many cells in each line as in the heading, and no picture", async () => {
  const recording = new Recording(NETWORK);
  const answer = decide(NETWORK, [0.6, 0.3, 0.1]);
  recording.add(10, [{ id: 1, face: at(1, 2), smoothed: answer, raw: decide(NETWORK, [0.3, 0.4, 0.3]) }]);
  recording.add(10.5, []);
  const lines = (await recording.toCsv().text()).trim().split("\n").map((line) => line.split(","));
  assert.equal(lines.length, 3);
  assert.deepEqual(new Set(lines.map((cells) => cells.length)).size, 1);
  const row = Object.fromEntries(lines[0].map((name, index) => [name, lines[1][index]]));
  assert.deepEqual([row.model, row.seconds, row.face, row.x, row.label], ["house", "0.000", "1", "1", "happy"]);
  assert.deepEqual([row.happy_smoothed, row.happy_raw], ["0.6000", "0.3000"]);
  assert.deepEqual(lines[2].slice(0, 3), ["house", "0.500", ""]);
});

/** Starts the runtime as a browser that has these things would; modules of the runtime that tell their name. */
async function started({ adapter, promises, isolated = false, wish = "auto" }) {
  const module = (name) => `data:text/javascript,export const name = "${name}"; export const env = { wasm: {} };`;
  const before = ["self", "navigator"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  const suspending = Object.getOwnPropertyDescriptor(WebAssembly, "Suspending");
  const gpu = adapter === undefined ? undefined : { requestAdapter: async () => adapter };
  const set = (owner, name, value) => Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  set(globalThis, "self", { crossOriginIsolated: isolated });
  set(globalThis, "navigator", { gpu, hardwareConcurrency: 16 });
  delete WebAssembly.Suspending;
  if (promises) set(WebAssembly, "Suspending", class {});
  try {
    return await Runtime.start("file:///", { wasm: module("wasm"), webgpu: module("webgpu") }, wish);
  } finally {
    delete WebAssembly.Suspending;
    if (suspending) Object.defineProperty(WebAssembly, "Suspending", suspending);
    for (const [name, was] of before) was ? Object.defineProperty(globalThis, name, was) : delete globalThis[name];
  }
}

test("WebGPU is taken where there is an adapter and the browser can wait by promises, else WebAssembly", async () => {
  const chosen = async (browser) => {
    const { provider, ort } = await started(browser);
    assert.equal(ort.name, provider);
    return provider;
  };
  assert.equal(await chosen({ adapter: {}, promises: true }), "webgpu");
  assert.equal(await chosen({ adapter: {}, promises: false }), "wasm");
  assert.equal(await chosen({ adapter: null, promises: true }), "wasm");
  assert.equal(await chosen({ adapter: undefined, promises: true }), "wasm");
  assert.equal(await chosen({ adapter: {}, promises: true, wish: "wasm" }), "wasm");
});

test("threads are used where the page may have them, at most four", async () => {
  assert.equal((await started({ isolated: true })).threads, 4);
  assert.equal((await started({ isolated: false })).threads, 1);
});

test("a runtime that is not there is named", async () => {
  await assert.rejects(Runtime.start("file:///nowhere/", { wasm: "ort.mjs" }, "wasm"), RuntimeMissing);
});
