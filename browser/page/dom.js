// Elements in one line each. Text is always set as text, never as markup.

export const byId = (id) => document.getElementById(id);

/** element("p", {className: "quiet"}, "text", child): properties are set, names with a dash become attributes. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** A file for the visitor's own disk. */
export function downloadLink(blob, name, words) {
  return element("a", { className: "button", href: URL.createObjectURL(blob), download: name }, words);
}

/** 2026-11-29_12-05-09, for file names. */
export function timeStamp(date = new Date()) {
  const two = (value) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}_${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-")}`;
}

/** A canvas as wide and high as it is shown, with the context scaled to CSS pixels. */
export function sharpContext(canvas) {
  const ratio = self.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
