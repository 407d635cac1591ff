// The way of a picture: faces, crops, probabilities, answers. As fer_core's analyse, for pixels at hand.

import { applyTemperature, decide } from "./answers.js";
import { crop, whole } from "./faces.js";
import { doubt, doubted } from "./visibility.js";

/** A network: its row in settings.json and what runs it. */
export class Network {
  /**
   * @param {object} row name, classes, input_size, channels, temperature, threshold
   * @param {(crops: Uint8Array, dims: number[]) => Promise<Float32Array>} run uint8 (n, s, s, c) to softmax (n, classes)
   */
  constructor(row, run) {
    this.row = row;
    this.run = run;
  }

  /**
   * One calibrated answer per face, from one batch.
   * @returns {Promise<import("./answers.js").Answer[]>}
   */
  async answer(picture, faces, rules) {
    if (!faces.length) return [];
    const { input_size: size, channels, classes, temperature } = this.row;
    const one = size * size * channels;
    const crops = new Uint8Array(faces.length * one);
    faces.forEach((face, index) => crops.set(crop(picture, face, size, channels, rules), index * one));
    const rows = await this.run(crops, [faces.length, size, size, channels]);
    return faces.map((_, index) => {
      const plain = Array.from(rows.subarray(index * classes.length, (index + 1) * classes.length));
      return decide(this.row, applyTemperature(plain, temperature));
    });
  }
}

/**
 * Find the faces of a picture and let a network read them.
 * @param {import("./views.js").Picture} picture
 * @param {import("./search.js").Finder|null} finder
 * @param {Network} network
 * @param {object} settings settings.json
 * @param {{minScore?: number, alreadyFace?: boolean, faces?: object[]}} options `faces`: given in place of the detector's
 */
export async function analyse(picture, finder, network, settings, options = {}) {
  const start = performance.now();
  const faces = await facesOf(picture, finder, settings, options);
  const found = performance.now();
  const answers = await network.answer(picture, faces, settings.crop);
  return {
    faces: faces.map((face, index) => ({ face, answer: doubted(answers[index], doubt(face, picture, settings)) })),
    milliseconds: { detect: found - start, predict: performance.now() - found },
  };
}

async function facesOf(picture, finder, settings, options) {
  if (options.faces) return options.faces;
  if (options.alreadyFace) return [whole(picture)];
  return finder.find(picture, options.minScore ?? settings.min_score);
}
