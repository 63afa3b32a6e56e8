// A provider's pages: a new order is noticed also by whoever looks elsewhere, and boxes are found by typing.
"use strict";
(() => {
  const said = document.querySelector("[data-news]");
  const region = document.querySelector("[data-live]");
  if (said && region) {
    const title = document.title;
    const waiting = (root) => [...root.querySelectorAll(".new-order")].map((one) => one.getAttribute("aria-labelledby"));
    let before = waiting(region);
    // ``held``: the region waits for who is at something in it, so that what is new is to be seen above it alone.
    const tell = (now, held) => {
      document.title = now.length ? `(${now.length}) ${title}` : title;
      if (now.some((one) => !before.includes(one))) said.textContent = said.dataset.news;
      else if (now.length < before.length) said.textContent = "";
      said.className = held && said.textContent ? "card" : "hidden-text";
      before = now;
    };
    tell(before, false);
    new MutationObserver(() => tell(waiting(region), false)).observe(region, { childList: true });
    region.addEventListener("held", ({ detail }) => tell(waiting(new DOMParser().parseFromString(detail, "text/html")), true));
  }

  // <input data-narrow="id of a list">: only the boxes with what is typed in their text, or in data-words, stay to be seen.
  for (const input of document.querySelectorAll("[data-narrow]")) {
    const boxes = [...document.querySelectorAll(`#${input.dataset.narrow} li`)];
    input.addEventListener("input", () => {
      const text = input.value.trim().toLocaleLowerCase();
      for (const box of boxes) box.hidden = !`${box.textContent} ${box.dataset.words ?? ""}`.toLocaleLowerCase().includes(text);
    });
  }
})();
