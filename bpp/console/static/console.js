// What pages do beyond what they say: every page works without it.
"use strict";
(() => {
  const find = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Results while typing: <input data-suggest="/part" data-into="results"> asks with its whole form, as does any other
  // that names the same region. Only what was found for the newest fields is shown; until it is there, what stands there
  // is busy, and if it cannot be had, gone: nobody goes down into what was found for others.
  for (const into of new Set(find("[data-suggest]").map((one) => document.getElementById(one.dataset.into)))) {
    const inputs = find(`[data-into="${into.id}"]`), [{ form }] = inputs, told = document.getElementById(`${into.id}-told`);
    const fields = () => {
      const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
      return new URLSearchParams(given.filter(([name]) => name !== "csrf" && name !== "once")).toString();
    };
    let waiting = 0, asked = 0, ended = 0, last = fields();  // the newest fields that were asked for
    const show = (html) => {
      into.innerHTML = html;
      if (told) told.textContent = into.querySelector("[data-said]")?.textContent.trim() ?? "";
    };
    const settle = () => { into.removeAttribute("aria-busy"); into.dispatchEvent(new Event("settled")); };
    const ask = async () => {
      const wanted = fields();
      if (wanted === last) { if (ended === asked) settle(); return; }
      last = wanted;
      const number = ++asked;
      let html = null;
      try {
        const answer = await fetch(`${inputs[0].dataset.suggest}?${wanted}`, { headers: { "X-Part": "1" } });
        if (answer.redirected) { location.reload(); return; }
        if (answer.ok) html = await answer.text();
      } catch { /* the button beside it asks the whole page */ }
      if (number !== asked) return;
      ended = number;
      if (html === null) last = null;  // the same may be asked for once more
      show(html ?? "");
      if (fields() === wanted) settle();  // else somebody has gone on typing, and the next is asked for in a moment
    };
    for (const input of inputs) {
      input.addEventListener("input", () => {
        into.setAttribute("aria-busy", "true");
        clearTimeout(waiting); waiting = setTimeout(ask, 120);
      });
    }
  }

  // Live figures: <section data-live="/part" data-every="5">, as long as somebody looks. Whoever is at something in it,
  // or has just sent it, keeps it, also from an answer that was on its way before: what came is told to who listens.
  // No answer overtakes another.
  for (const region of find("[data-live]")) {
    const every = Number(region.dataset.every || 5) * 1000;
    const inUse = () => region.contains(document.activeElement)
      || region.querySelector("details.confirm[open], [aria-invalid], [data-sent]");
    const stale = (is) => { for (const told of find("[data-stale]")) told.hidden = !is; };
    let asking = false;
    setInterval(async () => {
      if (asking || document.hidden) return;
      asking = true;
      try {
        const answer = await fetch(region.dataset.live, { headers: { "X-Part": "1" }, signal: AbortSignal.timeout(30000) });
        if (answer.redirected) { location.reload(); return; }
        const html = await answer.text();
        if (!answer.ok) throw new Error(String(answer.status));
        stale(false);
        if (inUse()) { region.dispatchEvent(new CustomEvent("held", { detail: html })); return; }
        const scrolled = find(".scroll", region).map((one) => one.scrollLeft);
        region.innerHTML = html;
        find(".scroll", region).forEach((one, number) => { one.scrollLeft = scrolled[number] || 0; });
      } catch { stale(true); } finally { asking = false; }
    }, every);
  }

  // Time left: <time data-left>14:05</time>; the server has written it once, this counts it down from there, so that
  // a telephone whose clock is wrong shows the same.
  const ends = new WeakMap();
  const left = () => {
    for (const time of find("time[data-left]")) {
      const [minutes, rest] = time.textContent.split(":");
      if (!ends.has(time)) ends.set(time, Date.now() + (Number(minutes) * 60 + Number(rest)) * 1000);
      const seconds = Math.round((ends.get(time) - Date.now()) / 1000);
      const size = Math.abs(seconds);
      time.textContent = `${seconds < 0 ? "−" : ""}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
      time.classList.toggle("bad", seconds < 60);
    }
  };
  if (find("time[data-left], [data-live]").length) { left(); setInterval(left, 1000); }

  // Keys: "/" goes to the search box; up and down go through what was found; Escape closes what asks for a confirmation.
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing) {
      const box = document.querySelector("[data-search]");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
    if (event.key === "Escape") {
      const open = event.target.closest("details.confirm[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const found = () => find("[data-results] a, [data-results] button");
      const list = found(), at = list.indexOf(document.activeElement);
      const inBox = event.target.matches("[data-suggest]");
      const busy = document.querySelector("[data-results][aria-busy]");
      if (inBox && event.key === "ArrowDown" && busy) {
        event.preventDefault();
        busy.addEventListener("settled", () => { if (document.activeElement === event.target) found()[0]?.focus(); }, { once: true });
      } else if (list.length && (at >= 0 || (inBox && event.key === "ArrowDown"))) {
        event.preventDefault();
        const next = event.key === "ArrowDown" ? list[Math.min(at + 1, list.length - 1)] : list[at - 1];
        (next || document.querySelector("[data-search]")).focus();
      }
    }
  });

  // One click is enough: a form that is under way is not sent again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => { for (const form of find("form[data-sent]")) delete form.dataset.sent; });

  // After a refusal the reader starts at what was wrong; what is about no field that is shown leads nowhere.
  const problems = document.getElementById("problems");
  if (problems) {
    for (const link of find("a", problems)) {
      if (!document.getElementById(link.hash.slice(1))) link.replaceWith(...link.childNodes);
    }
    problems.tabIndex = -1; problems.focus();
  }
  const wide = matchMedia("(min-width: 48rem)");
  const unfold = () => { for (const fold of find(".menu-fold")) fold.open = wide.matches; };
  unfold(); wide.addEventListener("change", unfold);
})();
