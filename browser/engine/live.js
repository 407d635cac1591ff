// A film, frame by frame: faces are followed from frame to frame, and the whole frame is searched for new ones from
// time to time. A face that is followed costs one small picture in place of a whole one.

import { decide } from "./answers.js";
import { isAmong } from "./faces.js";
import { Tracker } from "./tracking.js";
import { doubt, doubted } from "./visibility.js";

/**
 * @typedef {object} Seen
 * @property {number} id of the track
 * @property {number} colour place in the palette
 * @property {import("./faces.js").Face} face
 * @property {import("./answers.js").Answer} raw of this frame alone
 * @property {import("./answers.js").Answer} smoothed over the last frames
 */

export class LiveSession {
  /**
   * @param {import("./search.js").Finder} finder
   * @param {object} settings settings.json
   */
  constructor(finder, settings) {
    this.finder = finder;
    this.settings = settings;
    this.restart();
  }

  /** Another film, or the same from another place. */
  restart() {
    this.tracker = new Tracker(this.settings.tracking);
    this.searched = -Infinity;
  }

  /**
   * @param {import("./views.js").Picture} picture the frame
   * @param {import("./analysis.js").Network} network
   * @param {number} time of the frame in seconds
   * @param {number} minScore
   * @returns {Promise<{faces: Seen[], milliseconds: object}>}
   */
  async look(picture, network, time, minScore) {
    if (time < this.tracker.lastTime) this.restart(); // somebody wound the film back
    const start = performance.now();
    const faces = await this.facesOf(picture, time, minScore);
    const found = performance.now();
    const answers = await network.answer(picture, faces, this.settings.crop);
    const tracks = this.tracker.update(faces, time);
    return {
      faces: tracks.map((track, index) => {
        return seen(track, answers[index], network.row, time, doubt(track.face, picture, this.settings));
      }),
      milliseconds: { detect: found - start, predict: performance.now() - found },
    };
  }

  async facesOf(picture, time, minScore) {
    const faces = [];
    for (const track of this.tracker.inSight) {
      const face = await this.finder.follow(picture, track.face, minScore);
      if (face && !isAmong(face, faces, this.settings.search.same)) faces.push(face);
    }
    if (faces.length && time - this.searched < this.settings.tracking.search_seconds) return faces;
    this.searched = time;
    const others = await this.finder.findUpright(picture, minScore, faces);
    return faces.concat(others);
  }
}

function seen(track, answer, row, time, found) {
  if (track.smoother.model !== row.name) track.smoother.restart(row.name);
  const raw = doubted(answer, found);
  const smoothed = doubted(decide(row, track.smoother.add(answer.probabilities, time)), found);
  return { id: track.id, colour: track.colour, face: track.face, raw, smoothed };
}
