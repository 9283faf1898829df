// Keys of the console: / to the search box, g and a letter to a page, j and k through links of a list. All works without this file.
"use strict";
(() => {
  let went = false;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    all[Math.max(0, Math.min(all.length - 1, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (went) {
      went = false;
      const page = [...document.querySelectorAll("nav a[data-key]")].find((a) => a.dataset.key === event.key);
      if (page) page.click();
      return;
    }
    if (event.key === "g") went = true;
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "/") {
      const box = document.querySelector("input[name=q]");
      event.preventDefault();
      if (box) { box.focus(); box.select(); } else location.href = "/";
    }
  });
  document.addEventListener("change", (event) => {
    const all = event.target.dataset.all;
    if (all) for (const box of event.target.form.querySelectorAll(`input[name="${all}"]`)) box.checked = event.target.checked;
  });
})();
