// The page that this one may be framed in: Streamlit (its components' messages), or the Space (a word in the address).

const asked = new URLSearchParams(location.search);

export const inStreamlit = asked.has("streamlitUrl");
export const embedded = inStreamlit || asked.has("embedded");

/** Take the theme of the page around, and tell it how high this one is. */
export function join() {
  if (!embedded) return;
  document.documentElement.classList.add("embedded");
  if (asked.has("theme")) setTheme(asked.get("theme"));
  new ResizeObserver(tellHeight).observe(document.documentElement);
  window.addEventListener("message", ({ source, data }) => {
    if (source === window.parent && data?.type === "streamlit:render") setTheme(data.theme?.base);
  });
  tell({ type: "streamlit:componentReady", apiVersion: 1 });
  tellHeight();
}

/** Hand the bytes of a picture to Streamlit; the visitor pressed a button for it. */
export function handOver(bytes) {
  tell({ type: "streamlit:setComponentValue", value: bytes, dataType: "bytes" });
}

function setTheme(theme) {
  if (["light", "dark"].includes(theme)) document.documentElement.dataset.theme = theme;
}

function tellHeight() {
  tell({ type: "streamlit:setFrameHeight", height: Math.ceil(document.body.getBoundingClientRect().height) + 4 });
}

function tell(message) {
  window.parent.postMessage({ isStreamlitMessage: true, ...message }, "*");
}
