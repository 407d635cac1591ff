// The loop over a film: take the newest frame, wait for its answer, take the newest again. Frames that came meanwhile
// are dropped; nothing is queued.

const RATE_SECONDS = 2;

export class Film {
  /**
   * @param {HTMLVideoElement} video
   * @param {import("../engine/engine.js").Engine} engine
   * @param {(seen: object) => void} onSeen gets {faces, milliseconds, time, width, height, rate}
   */
  constructor(video, engine, onSeen) {
    this.video = video;
    this.engine = engine;
    this.onSeen = onSeen;
    this.run = 0;
    this.model = null;
    this.answered = [];
  }

  /** @param {() => number} clock seconds of the frame that is shown now */
  async start(clock) {
    const run = ++this.run;
    this.clock = clock;
    this.answered = [];
    await this.engine.forget();
    while (run === this.run) {
      await nextFrame(this.video);
      if (run === this.run) await this.once();
    }
  }

  stop() {
    this.run++;
  }

  /** Look at the frame that is shown now. */
  async once() {
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const run = this.run;
    const time = this.clock();
    const frame = await createImageBitmap(this.video);
    const size = { width: frame.width, height: frame.height };
    const seen = await this.engine.film(frame, this.model, time);
    if (run === this.run) this.onSeen({ ...seen, ...size, time, rate: this.rate() }); // else it was stopped meanwhile
  }

  /** Frames answered per second. */
  rate() {
    const now = performance.now() / 1000;
    this.answered = [...this.answered, now].filter((time) => now - time <= RATE_SECONDS);
    const passed = now - this.answered[0];
    return passed > 0.2 ? (this.answered.length - 1) / passed : null;
  }
}

function nextFrame(video) {
  return new Promise((resolve) => {
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(resolve);
    else setTimeout(resolve, 20);
  });
}
