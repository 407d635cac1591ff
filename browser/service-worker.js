// Keeps the page's own files for visits without network, and sends the headers that let WebAssembly use threads.
// It keeps no picture: it sees files that the page asks the server for, and no photo or frame is ever one of these.

const LISTING = "files.json";
const KEPT = "facial-expressions";
const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const mine = event.request.method === "GET" && event.request.url.startsWith(self.registration.scope);
  if (mine) event.respondWith(answer(event.request).then(isolated));
});

/** The page, the settings, the detector, the first network and the plain runtime; the rest when it is asked for. */
async function fill() {
  const cache = await caches.open(KEPT);
  const listing = await (await fetch(LISTING, { cache: "no-store" })).json();
  const settings = await (await fetch("settings.json", { cache: "no-store" })).json();
  const first = [settings.networks[0]?.file, settings.networks[0]?.film];
  const wanted = Object.keys(listing).filter((name) => {
    if (name.startsWith("networks/")) return first.includes(name);
    return !name.startsWith("runtime/") || !name.includes("jspi");
  });
  await cache.addAll(["./", ...wanted].map((name) => new Request(name, { cache: "no-cache" })));
}

/** From the server where it answers, so that a new release is seen; from the kept files where it does not. */
async function answer(request) {
  const cache = await caches.open(KEPT);
  try {
    const fresh = await fetch(request, { cache: "no-cache" });
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(request, { ignoreSearch: true })) ?? Response.error();
  }
}

function isolated(response) {
  if (response.type === "error" || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
