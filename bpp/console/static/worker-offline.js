// Keeps the worker's page of the day, and what is pressed on it without network until it can be sent.
"use strict";
const PATIENCE = 15000;
const isDay = (path) => /^\/console\/worker\/[^/]+\/today$/.test(path);
const isStep = (path) => /^\/console\/worker\/[^/]+\/jobs\/[^/]+\/(depart|arrive|start|complete|extra|leave)$/.test(path);
const dayOf = (path) => path.replace(/^(\/console\/worker\/[^/]+)\/.*$/, "$1/today");

const day = async (request, path) => {
  await Waiting.forget(Waiting.today());
  const kept = await caches.open(Waiting.today());
  let answer, problem;
  try {
    answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.type === "opaqueredirect") await Waiting.forget(""); // signed out
    if (answer.ok) await kept.put(path, answer.clone()).catch(Waiting.full);
    if (answer.status < 500) return answer;
  } catch (one) { problem = one; }
  const found = await kept.match(path);
  if (!found && problem) throw problem;
  if (!found) return answer;
  const text = (await found.text()).replace('data-kept="no"', 'data-kept="yes"').replace(/<p class="done".*?<\/p>/, "");
  return new Response(text, { headers: found.headers });
};

// What was pressed goes out at once where nothing waits before it, else after that: the order stays.
const step = async (request, url) => {
  const body = await request.clone().text(), address = url.pathname + url.search;
  const waiting = await Waiting.all();
  if (!waiting.length) {
    try { return await fetch(request); } catch { /* kept below */ }
  }
  const known = waiting.some((one) => one.address === address && one.body === body);
  if (!known) await Waiting.add({ address, body, at: Date.now() });
  return Response.redirect(dayOf(url.pathname), 303);
};

const asset = async (request) => {
  const kept = await caches.open(Waiting.ASSETS), found = await kept.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await kept.put(request, answer.clone()).catch(Waiting.full);
  return answer;
};

const other = async (request, path) => {
  try { return await fetch(request); } catch { return Response.redirect(dayOf(path), 302); }
};

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(Promise.all([clients.claim(), Waiting.forget(Waiting.today())])));
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const opened = request.mode === "navigate";
  if (request.method === "POST" && opened && isStep(url.pathname)) event.respondWith(step(request, url));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/console/static/")) event.respondWith(asset(request));
  else if (opened && isDay(url.pathname)) event.respondWith(day(request, url.pathname));
  else if (opened) event.respondWith(other(request, url.pathname));
});
