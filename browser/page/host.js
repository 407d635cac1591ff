// The page that this one may stand in: Streamlit, which sends and takes messages, or the Space, which only frames it.

const asked = new URLSearchParams(location.search);

export const inStreamlit = asked.has("streamlitUrl");
export const embedded = inStreamlit || asked.has("embedded");

/** Take the theme of the page around, and tell it how high this one is. */
export function join() {
  if (!embedded) return;
  document.documentElement.classList.add("embedded");
  if (!inStreamlit) setTheme(window.parent.document.body.classList.contains("dark") ? "dark" : "light");
  new ResizeObserver(tellHeight).observe(document.body);
  window.addEventListener("message", ({ source, data }) => {
    if (source === window.parent && data?.type === "streamlit:render") setTheme(data.theme?.base);
  });
  tell({ type: "streamlit:componentReady", apiVersion: 1 });
}

/** Hand the bytes of a picture to Streamlit; the visitor pressed a button for it. */
export function handOver(bytes) {
  tell({ type: "streamlit:setComponentValue", value: bytes, dataType: "bytes" });
}

function setTheme(theme) {
  if (["light", "dark"].includes(theme)) document.documentElement.dataset.theme = theme;
}

function tellHeight() {
  const height = Math.ceil(document.body.getBoundingClientRect().height) + 4;
  if (inStreamlit) tell({ type: "streamlit:setFrameHeight", height });
  else window.frameElement.style.height = `${height}px`;
}

function tell(message) {
  if (inStreamlit) window.parent.postMessage({ isStreamlitMessage: true, ...message }, location.origin);
}
