// A worker who signs out, on whatever page: is told first what was not sent yet, and leaves nothing on the telephone.
"use strict";
(() => {
  const wipe = async () => {
    sessionStorage.removeItem(Waiting.TOLD);
    for (const name of await caches.keys()) await caches.delete(name);
    for (const step of await Waiting.all()) await Waiting.drop(step.key);
  };

  let warned = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.action.endsWith("/console/sign-out") || form.dataset.wiped) return;
    event.preventDefault();
    const unsent = await Waiting.all().catch(() => []); // a browser that keeps nothing has kept nothing back
    if (unsent.length && !warned) {
      warned = true;
      const words = document.getElementById("unsent");
      words.hidden = false;
      words.scrollIntoView();
      delete form.dataset.sent;
      return;
    }
    document.documentElement.dataset.leaving = "yes";
    await wipe().catch(() => {}); // the answer has the browser wipe it, too
    form.dataset.wiped = "yes";
    delete form.dataset.sent;
    form.submit();
  });
})();
