// The cockpit remembers the pincode of the call while the window is open; "Next caller" forgets it.
"use strict";
(() => {
  const KEY = "desk-pincode", field = document.querySelector("[data-remember]");
  for (const link of document.querySelectorAll("[data-forget]")) {
    link.addEventListener("click", () => sessionStorage.removeItem(KEY));
  }
  if (!field) return;
  if (!field.value) field.value = sessionStorage.getItem(KEY) || "";
  const keep = () => sessionStorage.setItem(KEY, field.value.trim());
  if (field.value) keep();
  field.addEventListener("input", keep);
})();
