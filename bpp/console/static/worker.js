// The worker's page without network: what is kept of it, what waits to be sent; and telling where the worker is.
"use strict";
(() => {
  const find = (selector, root = document) => [...root.querySelectorAll(selector)];
  for (const button of find("[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }

  const page = document.querySelector("#day[data-own=yes]");
  if (!page || !("serviceWorker" in navigator)) return;
  const own = `/console/worker/${page.dataset.worker}/`, here = `${own}today`;
  const byId = (id) => document.getElementById(id);
  const kept = page.dataset.kept === "yes"; // the page as it was: there was no network when it was loaded

  const formOf = (step) => find("form").find((form) => new URL(form.action).pathname === step.address);
  const nameOf = (step) => formOf(step)?.closest("details")?.querySelector("summary")?.textContent.trim() ?? "";

  // What waits stands on the page; its button is gone, and the next one is there where it can be pressed already.
  const show = async () => {
    const steps = await Waiting.all();
    const list = byId("waiting").querySelector("ol");
    list.replaceChildren(...steps.map((step) => {
      const item = document.createElement("li");
      const time = new Date(step.at).toLocaleTimeString(`${document.documentElement.lang}-IN`, { hour: "numeric", minute: "2-digit" });
      item.textContent = `${nameOf(step)} (${time})`;
      return item;
    }));
    byId("waiting").hidden = !steps.length;
    const pressed = steps.map((step) => formOf(step)?.closest("details")).filter(Boolean);
    for (const one of pressed) if (one.nextElementSibling?.matches("[data-later]")) one.nextElementSibling.hidden = false;
    for (const one of pressed) one.hidden = true;
  };

  let standing = []; // what is told now, or on the page that comes next; nobody else reads it on the same telephone
  const tell = () => {
    const told = JSON.parse(sessionStorage.getItem(Waiting.TOLD) ?? "{}");
    standing = told.of === own ? told.standing : [];
    sessionStorage.removeItem(Waiting.TOLD);
    byId("told").hidden = !standing.length;
    byId("told").querySelector("ul").replaceChildren(...standing.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  };
  // Whoever signs out is not called back to the day by what was just sent.
  const leaving = () => document.documentElement.dataset.leaving === "yes";
  // Nor is the page left without telling on the next one what nobody may have seen yet.
  const remember = () => {
    if (standing.length && !leaving()) sessionStorage.setItem(Waiting.TOLD, JSON.stringify({ of: own, standing }));
  };
  let left = 0; // when this page was last about to be left
  addEventListener("beforeunload", () => { left = Date.now(); });
  const again = () => {
    if (leaving()) return;
    remember();
    left = Date.now();
    location.replace(here);
  };
  const word = (name) => document.querySelector(`[data-word=${name}]`).textContent;

  // One after the other, each with the key of its form: what had come through before is not done again.
  // Whether the page is left for it.
  const send = async () => {
    let sent = 0;
    for (const step of await Waiting.all()) {
      if (step.address.endsWith("/start") && Date.now() - step.at > page.dataset.otpSeconds * 1000) {
        standing.push(`${nameOf(step)}: ${word("otp")}`);
      } else {
        const body = new URLSearchParams(step.body);
        body.set("csrf", page.dataset.csrf);
        let answer, text;
        const signal = AbortSignal.timeout(60000);
        try { answer = await fetch(step.address, { method: "POST", body, signal }); text = await answer.text(); } catch { break; }
        if (new URL(answer.url).pathname.startsWith("/console/sign-in")) {
          remember();
          location.assign(answer.url);
          return true;
        }
        // Not now; or the form was of a session that has ended since: the page as it is loaded next has another.
        if (answer.status >= 500 || answer.status === 429 || answer.status === 403) break;
        if (!answer.ok) {
          const why = new DOMParser().parseFromString(text, "text/html").querySelector("#problems li");
          standing.push(`${nameOf(step)}: ${why ? why.textContent.replace(/\s+/g, " ").trim() : word("refused")}`);
        }
      }
      remember();
      await Waiting.drop(step.key);
      sent += 1;
    }
    if (!sent) return false;
    again();
    return true;
  };
  // The same where another page is at it.
  const sendOnce = () => navigator.locks.request("worker-send", { ifAvailable: true }, (lock) => lock ? send() : true);

  // The page and what it is made of are kept without being fetched again.
  const keep = async () => {
    await Waiting.forget(Waiting.today());
    const day = await caches.open(Waiting.today()), assets = await caches.open(Waiting.ASSETS);
    if (!kept && location.pathname === here && !(await day.match(here))) {
      await day.put(here, await fetch(location.href, { cache: "force-cache" }));
    }
    const parts = find("link[rel=stylesheet], link[rel=icon], script[src]").map((one) => one.href || one.src);
    for (const old of await assets.keys()) if (!parts.includes(old.url)) await assets.delete(old);
    for (const part of parts) if (!(await assets.match(part))) await assets.put(part, await fetch(part, { cache: "force-cache" }));
  };
  const begin = async () => {
    const others = (await Waiting.all()).filter((step) => !step.address.startsWith(own));
    for (const step of others) await Waiting.drop(step.key); // somebody else had this telephone
    byId("no-network").hidden = !kept;
    tell();
    await show();
    if (!kept) await sendOnce();
    await navigator.serviceWorker.register(page.dataset.script, { scope: "/console/worker/" });
    await keep().catch(Waiting.full);
    document.documentElement.dataset.ready = "offline";
  };
  begin();
  byId("send-now").addEventListener("click", sendOnce);
  // Where the network is weak no browser says that it is back: what waits is tried again as long as somebody looks,
  // but not under the fingers of who is typing, since the page is loaded anew then.
  const typing = () => document.activeElement?.matches("input, select");
  const tryAgain = async () => !document.hidden && !typing() && (await Waiting.all()).length > 0 && (await sendOnce());
  setInterval(tryAgain, 30000);

  // Whoever looks at a page that was kept gets the true one, once the server is reached; but nobody in the middle of a
  // step, or on the way to another page. What answers is a script: to ask for the page would be to see it.
  let touched = Date.now(), looking = false;
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { touched = Date.now(); }, { capture: true });
  const begun = () => Date.now() - touched < 120000 && find("details.confirm[open], [data-sent]").length > 0;
  const busy = () => document.hidden || typing() || begun() || Date.now() - left < 20000;
  const reached = () => fetch(page.dataset.script, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(8000) })
    .then((answer) => answer.ok, () => false);
  const AGAIN = "worker-again", times = kept ? Number(sessionStorage.getItem(AGAIN) ?? 0) : 0;
  if (!kept) sessionStorage.removeItem(AGAIN);
  const lookAgain = async () => {
    if (looking || busy()) return;
    looking = true;
    try {
      if ((await tryAgain().catch(() => false)) || !(await reached()) || busy()) return;
      sessionStorage.setItem(AGAIN, times + 1);
      again();
    } finally { looking = false; }
  };
  // A kept page may come again although the server is reached, where the page takes too long: the more seldom is it tried.
  if (kept) setInterval(lookAgain, Math.min(10000 * 2 ** times, 300000));
  document.addEventListener("visibilitychange", kept ? lookAgain : tryAgain);
  addEventListener("online", async () => { if ((document.hidden || !typing()) && !(await sendOnce()) && kept) await lookAgain(); });

  // Where the worker is, once a minute, on the way and only where it was agreed to.
  const followed = document.querySelector("[data-where]");
  if (followed && "geolocation" in navigator) {
    let last = 0;
    const watch = navigator.geolocation.watchPosition(async ({ coords }) => {
      if (Date.now() - last < 60000) return;
      last = Date.now();
      const gps = `${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)}`;
      const body = new URLSearchParams({ csrf: page.dataset.csrf, gps });
      try {
        const answer = await fetch(followed.dataset.where, { method: "POST", body, redirect: "manual" });
        if (answer.type !== "opaqueredirect") navigator.geolocation.clearWatch(watch);
      } catch { /* the next one may come through */ }
    });
  }
})();
