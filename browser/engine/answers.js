// From a network's plain softmax to a calibrated answer, as fer_core.photos.analysis.decide gives it.

import { roundHalfEven } from "./numbers.js";

const TINY = 2.2250738585072014e-308; // the smallest normal double: the logarithm of 0 is not finite

/**
 * @typedef {object} Answer
 * @property {string} model name of the network
 * @property {string} label the most probable expression
 * @property {number} confidence its calibrated probability, 0 to 1
 * @property {boolean} unsure the confidence is below the network's threshold, or the picture shows too little
 * @property {string} [reason] what the picture does not show, as a clause that goes on from 'unsure because'
 * @property {string} runnerUp the second most probable expression
 * @property {number[]} probabilities calibrated, in the order of the network's classes
 */

/** p^(1/T), renormalised. A T above 1 makes the network less sure of itself. */
export function applyTemperature(probabilities, temperature) {
  const logits = probabilities.map((value) => Math.log(Math.max(value, TINY)) / temperature);
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const total = powers.reduce((all, value) => all + value, 0);
  return powers.map((value) => value / total);
}

/**
 * @param {object} network a row of `networks` in settings.json: name, classes, threshold
 * @param {number[]} probabilities calibrated
 * @returns {Answer}
 */
export function decide(network, probabilities) {
  const ranked = probabilities.map((value, index) => [value, index]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const [[confidence, first], [, second]] = ranked;
  return {
    model: network.name,
    label: network.classes[first],
    confidence,
    unsure: confidence < network.threshold,
    runnerUp: network.classes[second],
    probabilities,
  };
}

/** Whole percent; never '100 %' or '0 %' of what is not certain. */
export function percent(share) {
  if (share >= 0.995 && share < 1) return "> 99 %";
  if (share > 0 && share < 0.005) return "< 1 %";
  return `${roundHalfEven(100 * share)} %`;
}

/** 'happy 92 %', or 'Unsure: sad 41 %, or neutral 33 %'. */
export function inWords(network, answer) {
  const first = `${answer.label} ${percent(answer.confidence)}`;
  if (!answer.unsure) return first;
  const second = answer.probabilities[network.classes.indexOf(answer.runnerUp)];
  return `Unsure: ${first}, or ${answer.runnerUp} ${percent(second)}`;
}
