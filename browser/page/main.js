// The page: what is chosen, what is shown, and what each button does.

import { inWords } from "../engine/answers.js";
import { Engine } from "../engine/engine.js";
import { drawBoxes, placed } from "./boxes.js";
import { Camera, CameraError } from "./camera.js";
import { Cards } from "./cards.js";
import { byId, downloadLink, element, sharpContext, timeStamp } from "./dom.js";
import { Film } from "./film.js";
import * as host from "./host.js";
import { Photos } from "./photos.js";
import { Recording } from "./recording.js";
import { Timeline } from "./timeline.js";

const BASE = new URL("..", import.meta.url).href;
const SPOKEN_MILLISECONDS = 4000;

const video = byId("video");
const camera = new Camera(video);
const page = { engine: null, film: null, cards: null, timeline: null, photos: null, recording: null };
const state = { mode: "camera", playing: false, frozen: false, resume: false, seen: null, spoken: 0 };

host.join();
begin().catch(fail);

async function begin() {
  keepForOffline();
  const settings = await (await fetch(new URL("settings.json", BASE))).json();
  showWords(settings);
  connect();
  if (!settings.networks.length) return say(settings.words.no_network);
  page.engine = await Engine.start(BASE, new URLSearchParams(location.search).get("provider") ?? "auto");
  if (!page.engine.detector) say(settings.words.no_detector);
  page.film = new Film(video, page.engine, show);
  page.photos = new Photos(() => ({ engine: page.engine, model: page.film.model }));
  await choose(settings.networks[0].name);
  byId("model").disabled = false;
  byId("start").disabled = !page.engine.detector;
  byId("status").textContent = engineWords();
  document.documentElement.dataset.ready = "true";
}

function fail(error) {
  const words = page.settings?.words;
  const missing = error.missing === "runtime" ? words?.no_runtime : null;
  byId("status").textContent = "";
  say(missing ?? `The engine did not start: ${error.message}`);
}

function say(words) {
  byId("message").textContent = words;
  byId("message").hidden = !words;
}

function showWords(settings) {
  page.settings = settings;
  const { words, colours, networks } = settings;
  byId("notice-line").textContent = words.notice_line;
  byId("notice-parts").append(
    ...words.notice.flatMap(([heading, text]) => [element("dt", {}, heading), element("dd", {}, text)]),
  );
  byId("smoothing").textContent = words.smoothing;
  byId("model").append(...networks.map(({ name, title }) => element("option", { value: name }, title)));
  const shown = networks[0]?.classes ?? [];
  const swatch = (colour) => Object.assign(element("i"), { style: `background:${colour}` });
  byId("legend").append(
    ...shown.map((label) => element("li", {}, swatch(colours.labels[label]), label)),
    element("li", {}, element("i", { className: "unsure" }), "hollow: unsure"),
    element("li", {}, element("i", { className: "none" }), "dotted: no face"),
  );
  byId("about").append(...networks.map((row) => element("li", {}, aboutNetwork(row))));
  page.cards = new Cards(byId("faces"), colours.labels);
  page.timeline = new Timeline(byId("timeline"), colours.labels);
}

function aboutNetwork({ title, accuracy, accuracy_note: note, licence }) {
  const measured = accuracy ? `${(100 * accuracy).toFixed(1)} % right (${note})` : "not measured";
  return `${title}: ${measured}. Licence: ${licence}.`;
}

function engineWords() {
  const { provider, threads } = page.engine;
  return provider === "webgpu" ? "Ready, on WebGPU." : `Ready, on WebAssembly with ${threads === 1 ? "1 thread" : `${threads} threads`}.`;
}

function connect() {
  byId("start").addEventListener("click", () => (state.mode === "camera" ? openCamera() : byId("video-file").click()));
  byId("stop").addEventListener("click", stop);
  byId("freeze").addEventListener("click", freeze);
  byId("snapshot").addEventListener("click", takeSnapshot);
  byId("record").addEventListener("click", record);
  byId("model").addEventListener("change", ({ target }) => choose(target.value).catch(fail));
  byId("camera").addEventListener("change", () => state.playing && openCamera());
  byId("mirror").addEventListener("change", redraw);
  byId("raw").addEventListener("change", redraw);
  byId("video-file").addEventListener("change", ({ target }) => target.files[0] && openVideo(target.files[0]));
  video.addEventListener("ended", () => say(""));
  video.addEventListener("error", () => video.src && say("This video cannot be played by this browser. Try MP4 or WebM."));
  for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => open(tab));
  byId("tabs").addEventListener("keydown", moveAlongTabs);
  document.addEventListener("visibilitychange", outOfSight);
  window.addEventListener("pagehide", () => camera.stop());
  new ResizeObserver(redraw).observe(byId("stage"));
}

// ---- the source ----

function open(tab) {
  stop();
  say("");
  state.mode = tab.id.replace("tab-", "");
  for (const other of document.querySelectorAll("[role=tab]")) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  }
  byId("panel-film").setAttribute("aria-labelledby", tab.id);
  byId("panel-film").hidden = state.mode === "photos";
  byId("panel-photos").hidden = state.mode !== "photos";
  document.querySelectorAll(".camera-only").forEach((one) => (one.hidden = state.mode !== "camera"));
  document.querySelectorAll(".film-only").forEach((one) => (one.hidden = state.mode === "photos"));
  byId("start").textContent = state.mode === "video" ? "Choose a video file" : "Open the camera";
  if (page.film?.model) load(page.film.model).catch(() => {}); // ahead of time; the first picture says what is wrong
}

function moveAlongTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const next = tabs.at((tabs.indexOf(document.activeElement) + step) % tabs.length);
  next.focus();
  open(next);
}

async function openCamera() {
  stop();
  say("");
  try {
    await camera.start(byId("camera").value);
  } catch (error) {
    if (!(error instanceof CameraError)) throw error;
    return say(page.settings.words[error.reason]);
  }
  await offerCameras();
  play(() => performance.now() / 1000);
}

/** Add the cameras by name, now that the browser tells them; which is open stays chosen. */
async function offerCameras() {
  const select = byId("camera");
  const known = new Set([...select.options].map(({ value }) => value));
  const more = (await Camera.list()).filter(({ deviceId }) => deviceId && !known.has(deviceId));
  select.append(...more.map(({ deviceId, label }) => element("option", { value: deviceId }, label)));
}

async function openVideo(file) {
  stop();
  say("");
  video.src = URL.createObjectURL(file);
  video.controls = true;
  try {
    await video.play();
  } catch {
    return;
  }
  play(() => video.currentTime);
}

function play(clock) {
  Object.assign(state, { playing: true, frozen: false, seen: null });
  page.timeline.clear();
  byId("stage").style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
  byId("curtain").hidden = true;
  for (const id of ["stop", "freeze", "snapshot", "record"]) byId(id).disabled = false;
  byId("freeze").disabled = state.mode === "video"; // the player has its own pause
  redraw();
  page.film.start(clock).catch(fail);
}

function stop() {
  page.film?.stop();
  camera.stop();
  if (video.src) URL.revokeObjectURL(video.src);
  video.removeAttribute("src");
  video.controls = false;
  if (state.playing) video.load();
  if (page.recording) endRecording();
  Object.assign(state, { playing: false, frozen: false, seen: null });
  byId("freeze").setAttribute("aria-pressed", "false");
  byId("curtain").hidden = false;
  for (const id of ["stop", "freeze", "snapshot", "record"]) byId(id).disabled = true;
  page.cards?.clear("Nothing yet.");
  sharpContext(byId("overlay"));
  if (page.engine) byId("status").textContent = engineWords();
}

/** The camera never films what nobody looks at. */
function outOfSight() {
  if (document.hidden && camera.open) {
    state.resume = true;
    stop();
    byId("status").textContent = page.settings.words.camera_paused;
  } else if (!document.hidden && state.resume) {
    state.resume = false;
    openCamera().catch(fail);
  }
}

async function freeze() {
  state.frozen = !state.frozen;
  byId("freeze").setAttribute("aria-pressed", String(state.frozen));
  if (!state.frozen) return play(page.film.clock), video.play();
  page.film.stop();
  video.pause();
  await page.film.once(); // so that the boxes belong to the very frame that stands
}

/** What this tab reads with. */
function load(model) {
  return page.engine.load(model, { film: state.mode !== "photos" });
}

async function choose(model) {
  byId("model").value = model;
  if (page.recording) endRecording();
  await load(model);
  page.film.model = model;
  page.timeline.clear();
  if (state.frozen) await page.film.once();
  if (state.mode === "photos") await page.photos.again();
}

// ---- what was seen ----

function show(seen) {
  state.seen = seen;
  const time = seen.time;
  page.timeline.add(time, rows(seen));
  page.recording?.add(time, seen.faces);
  if (page.recording?.full) endRecording();
  redraw();
  speak(seen);
}

/** Faces as they are shown: which answer, which colour. */
function rows(seen) {
  const colours = page.settings.colours.faces;
  const network = page.engine.row(page.film.model);
  return seen.faces.map(({ id, colour, face, smoothed, raw }) => {
    const answer = byId("raw").checked ? raw : smoothed;
    const text = `${id}  ${inWords(network, answer)}`;
    return { id, face, answer, text, colour: colours[colour % colours.length] };
  });
}

function redraw() {
  const mirrored = state.mode === "camera" && byId("mirror").checked;
  byId("stage").classList.toggle("mirrored", mirrored);
  const { context, width, height } = sharpContext(byId("overlay"));
  const style = getComputedStyle(document.documentElement);
  page.timeline?.draw({ quiet: style.getPropertyValue("--quiet") });
  if (!state.seen) return;
  const shown = rows(state.seen);
  drawBoxes(context, shown, placed(state.seen, { width, height }, mirrored));
  if (shown.length) page.cards.show(page.engine.row(page.film.model), shown);
  else page.cards.clear(`${page.settings.words.no_face} ${page.settings.words.no_face_advice}`);
  byId("status").textContent = statusWords(state.seen);
}

function statusWords({ rate, milliseconds, faces }) {
  const found = faces.length === 1 ? "1 face" : faces.length ? `${faces.length} faces` : "no face";
  const { detect, predict } = milliseconds;
  const speed = rate ? `${rate.toFixed(1)} frames per second, ` : "";
  const kept = page.recording ? `, ${page.recording.lines.length} lines recorded` : "";
  return `${speed}faces ${Math.round(detect)} ms, answers ${Math.round(predict)} ms, ${found}${kept}.`;
}

/** For those who listen: not every frame, and only what is new. */
function speak(seen) {
  const now = performance.now();
  if (now - state.spoken < SPOKEN_MILLISECONDS) return;
  state.spoken = now;
  const words = rows(seen).map(({ text }) => `Face ${text}`).join(". ") || page.settings.words.no_face;
  if (byId("spoken").textContent !== words) byId("spoken").textContent = words;
}

// ---- what is kept ----

async function takeSnapshot() {
  const canvas = element("canvas", { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  const link = downloadLink(blob, `snapshot_${timeStamp()}.jpg`, "Save on this device");
  const parts = [element("img", { src: link.href, alt: "The snapshot" }), link];
  if (host.inStreamlit) {
    const hand = element("button", {}, "Use in Predict and Compare");
    hand.addEventListener("click", async () => {
      host.handOver(new Uint8Array(await blob.arrayBuffer()));
      hand.disabled = true;
    });
    parts.push(hand);
  }
  keep(...parts);
}

function record() {
  if (page.recording) return endRecording();
  page.recording = new Recording(page.engine.row(page.film.model));
  byId("record").setAttribute("aria-pressed", "true");
  byId("record").textContent = "Stop recording";
}

function endRecording() {
  const { lines } = page.recording;
  const link = downloadLink(page.recording.toCsv(), `expressions_${timeStamp()}.csv`, "Save the numbers");
  keep(element("p", {}, `${lines.length} lines, no picture.`), link);
  page.recording = null;
  byId("record").setAttribute("aria-pressed", "false");
  byId("record").textContent = "Record numbers";
}

function keep(...parts) {
  const away = element("button", { "aria-label": "Throw away" }, "✕");
  const card = element("div", { className: "kept" }, ...parts, away);
  away.addEventListener("click", () => {
    card.querySelectorAll("a").forEach(({ href }) => URL.revokeObjectURL(href));
    card.remove();
  });
  byId("kept").prepend(card);
}

/** The static page works without network after the first visit; inside another page its server is there anyway. */
function keepForOffline() {
  if (!host.embedded && "serviceWorker" in navigator) navigator.serviceWorker.register(new URL("service-worker.js", BASE));
}
