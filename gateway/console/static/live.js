// Refreshes the ladder of an order while it is under way; what is open stays open, and what is typed stays typed. By reload it works too.
"use strict";
(() => {
  const live = document.getElementById("live");
  const open = () => {
    const step = location.hash.startsWith("#step-") && document.getElementById(location.hash.slice(1));
    if (step) { step.open = true; step.querySelector("summary").focus(); }
  };
  addEventListener("hashchange", open);
  live.addEventListener("click", (event) => {
    const arrow = event.target.closest("a[data-step]");
    if (arrow && arrow.getAttribute("href") === location.hash) open();
  });
  open();
  let busy = false;
  const timer = setInterval(async () => {
    const typing = live.contains(document.activeElement) && document.activeElement.tagName === "INPUT";
    const typed = [...live.querySelectorAll("input[name=why]")].some((box) => box.value);
    if (busy || typing || typed || document.hidden) return;
    busy = true;
    try {
      const answer = await fetch(live.dataset.live, { headers: { "X-Refresh": "1" } });
      if (answer.status === 401) { clearInterval(timer); location.reload(); return; }
      if (!answer.ok) return;
      const opened = [...live.querySelectorAll("details[open]")].map((each) => each.id);
      const box = live.querySelector(".ladder-box");
      const left = box ? box.scrollLeft : 0;
      const focused = document.activeElement.closest && document.activeElement.closest("details");
      const id = focused && live.contains(focused) ? focused.id : "";
      live.innerHTML = await answer.text();
      for (const each of opened) { const step = document.getElementById(each); if (step) step.open = true; }
      if (live.querySelector(".ladder-box")) live.querySelector(".ladder-box").scrollLeft = left;
      const again = id && document.getElementById(id);
      if (again) again.querySelector("summary").focus();
      if (answer.headers.get("X-Over") === "yes") clearInterval(timer);
    } catch { /* the console is away for a moment: the next round asks again */ } finally { busy = false; }
  }, 2000);
  if (live.dataset.over === "yes") clearInterval(timer);
})();
