// The engine as a page uses it: every call goes to a worker, so that the page never stops.

/** Something that the engine needs is not beside the page: `missing` is 'runtime', 'detector' or a file. */
export class EngineError extends Error {
  constructor({ message, missing }) {
    super(message);
    this.missing = missing;
  }
}

export class Engine {
  /**
   * @param {string} base address of the folder with settings.json, ending in a slash
   * @param {"auto"|"webgpu"|"wasm"} provider
   */
  static async start(base, provider = "auto") {
    const engine = new Engine();
    Object.assign(engine, await engine.ask({ kind: "start", base, provider }));
    return engine;
  }

  constructor() {
    this.waiting = new Map();
    this.last = 0;
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.answered(data);
    this.worker.onerror = (event) => this.failed(event.message || "the engine's files could not be loaded");
  }

  /** Networks that can be chosen, the default first. */
  get networks() {
    return this.settings.networks;
  }

  row(model) {
    return this.networks.find(({ name }) => name === model);
  }

  /** Load a network before it is asked: for the frames of a film, which may have a lighter file, or for photos. */
  load(model, { film = false } = {}) {
    return this.ask({ kind: "load", model, film });
  }

  /**
   * The faces of one photo and an answer for each. The bitmap is used up.
   * @param {ImageBitmap|import("./views.js").Picture} frame
   */
  look(frame, model, options = {}) {
    return this.ask({ kind: "look", frame, model, options }, frame);
  }

  /** The faces of one frame of a film: followed, with smoothed answers. `time` in seconds. */
  film(frame, model, time, minScore) {
    return this.ask({ kind: "film", frame, model, time, minScore }, frame);
  }

  /** Another film begins. */
  forget() {
    return this.ask({ kind: "forget" });
  }

  stop() {
    this.worker.terminate();
    this.failed("the engine was stopped");
  }

  ask(request, frame) {
    const id = ++this.last;
    const moved = frame instanceof ImageBitmap ? [frame] : [];
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...request }, moved);
    });
  }

  answered({ id, value, error }) {
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) reject(new EngineError(error));
    else resolve(value);
  }

  failed(message) {
    for (const { reject } of this.waiting.values()) reject(new EngineError({ message }));
    this.waiting.clear();
  }
}

/** A photo's pixels, upright and as they stand in the file: no colour profile is applied, as in Python. */
export function decodePhoto(blob) {
  return createImageBitmap(blob, { imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none" });
}
