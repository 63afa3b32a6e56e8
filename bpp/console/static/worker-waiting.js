// What the worker's page and its service worker share: names of what is kept, and the steps that wait for the network.
"use strict";
const Waiting = (() => {
  const ASSETS = "worker-assets", DAYS = "worker-day-", TOLD = "worker-told";
  const INDIA = 330 * 60000; // +05:30 all the year
  const today = () => DAYS + new Date(Date.now() + INDIA).toISOString().slice(0, 10);

  const turn = (mode, act) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("worker-waiting", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("steps", { autoIncrement: true });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const base = opening.result, change = base.transaction("steps", mode), asked = act(change.objectStore("steps"));
      change.oncomplete = () => { base.close(); resolve(asked); };
      change.onabort = () => { base.close(); reject(change.error); };
    };
  });
  const all = async () => {
    const [keys, steps] = await turn("readonly", (store) => [store.getAllKeys(), store.getAll()]);
    return keys.result.map((key, place) => ({ key, ...steps.result[place] }));
  };
  const add = (step) => turn("readwrite", (store) => store.add(step));
  const drop = (key) => turn("readwrite", (store) => store.delete(key));

  // Of another day nothing stays: addresses and telephones are for the day of the job.
  const forget = async (but) => {
    const old = (await caches.keys()).filter((name) => name.startsWith(DAYS) && name !== but);
    await Promise.all(old.map((name) => caches.delete(name)));
  };
  // A telephone that has no room for a page shows it all the same.
  const full = (problem) => { if (problem.name !== "QuotaExceededError") throw problem; };
  return { ASSETS, TOLD, today, all, add, drop, forget, full };
})();
