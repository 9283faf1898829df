"use strict";
(function () {
  var root = document.documentElement;
  function kept(key) { try { return localStorage.getItem("vsop-" + key); } catch (e) { return null; } }
  function keep(key, value) { try { localStorage.setItem("vsop-" + key, value); } catch (e) { return; } }

  // ---- language and theme: what was chosen before, else what the browser prefers ----
  function setLang(lang) { root.dataset.lang = lang; root.lang = lang; keep("lang", lang); }
  function setTheme(theme) { root.dataset.theme = theme; keep("theme", theme); }
  var asked = new URLSearchParams(location.search).get("lang");
  setLang(asked === "zh" || asked === "en" ? asked : kept("lang") || (/^zh/.test(navigator.language) ? "zh" : "en"));
  root.dataset.theme = kept("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.getElementById("lang").addEventListener("click", function () { setLang(root.dataset.lang === "zh" ? "en" : "zh"); });
  document.getElementById("theme").addEventListener("click", function () { setTheme(root.dataset.theme === "dark" ? "light" : "dark"); });

  // ---- fresh numbers: every number of the samples holds the time at which the page was made ----
  function chinaTime() { return new Date(Date.now() + 8 * 3600e3).toISOString().replace(/\D/g, "").slice(0, 14); }
  var stamp = document.body.dataset.stamp;
  function freshen() {
    var now = chinaTime(), node;
    document.querySelectorAll("pre code").forEach(function (code) {
      var walk = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
      while ((node = walk.nextNode())) if (node.data.indexOf(stamp) >= 0) node.data = node.data.split(stamp).join(now);
    });
    stamp = now;
  }
  freshen();

  // ---- copying ----
  function copied(button, ok) {
    var said = button.innerHTML;
    button.classList.toggle("done", ok);
    button.textContent = ok ? "✓" : "✗";
    setTimeout(function () { button.innerHTML = said; button.classList.remove("done"); }, 1200);
  }
  function byHand(text) { // pages from a file have no clipboard in some browsers
    var area = document.createElement("textarea"), ok;
    area.value = text; document.body.appendChild(area); area.select();
    ok = document.execCommand("copy"); area.remove();
    return ok;
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest(".copy");
    if (!button) return;
    var text = button.parentNode.querySelector("code").textContent;
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(function () { copied(button, true); }, function () { copied(button, byHand(text)); });
    } else copied(button, byHand(text));
  });

  // ---- tabs: click, or arrow keys ----
  document.querySelectorAll("[role=tablist]").forEach(function (list) {
    var tabs = Array.prototype.slice.call(list.querySelectorAll("[role=tab]"));
    function show(tab) {
      tabs.forEach(function (each) {
        var on = each === tab;
        each.setAttribute("aria-selected", on ? "true" : "false");
        each.tabIndex = on ? 0 : -1;
        document.getElementById(each.getAttribute("aria-controls")).hidden = !on;
      });
    }
    list.addEventListener("click", function (event) { var tab = event.target.closest("[role=tab]"); if (tab) show(tab); });
    list.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      var next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
      show(next); next.focus(); event.preventDefault();
    });
  });

  // ---- search: "/" goes there, arrows choose, Enter opens ----
  var box = document.getElementById("find"), found = document.getElementById("found"), at = -1;
  function score(entry, words) {
    var name = entry[0].toLowerCase(), all = entry.join(" ").toLowerCase(), sum = 0;
    for (var i = 0; i < words.length; i++) {
      if (all.indexOf(words[i]) < 0) return 0;
      sum += name === words[i] ? 8 : name.indexOf(words[i]) === 0 ? 5 : name.indexOf(words[i]) > 0 ? 3 : 1;
    }
    return sum + (entry[1].indexOf(".") < 0 ? 1 : 0);
  }
  function choose(next) {
    var items = found.querySelectorAll("li[role=option]");
    if (!items.length) return;
    at = (next + items.length) % items.length;
    items.forEach(function (item, i) { item.setAttribute("aria-selected", i === at ? "true" : "false"); });
    items[at].scrollIntoView({ block: "nearest" });
  }
  function look() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.textContent = ""; at = -1; found.hidden = !words.length;
    if (!words.length) return;
    var hits = window.SEARCH.map(function (entry) { return [score(entry, words), entry]; })
      .filter(function (hit) { return hit[0] > 0; }).sort(function (a, b) { return b[0] - a[0]; }).slice(0, 30);
    hits.forEach(function (hit) {
      var entry = hit[1], item = document.createElement("li"), link = document.createElement("a");
      item.setAttribute("role", "option"); link.href = entry[2]; link.textContent = entry[0];
      var where = document.createElement("small"); where.textContent = entry[1]; link.appendChild(where);
      var hint = document.createElement("span"); hint.className = "hint"; hint.textContent = entry[3] + " · " + entry[4]; link.appendChild(hint);
      item.appendChild(link); found.appendChild(item);
    });
    if (!hits.length) { var none = document.createElement("li"); none.className = "none"; none.textContent = "—"; found.appendChild(none); }
    choose(0);
  }
  box.addEventListener("input", look);
  box.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") { choose(at + 1); event.preventDefault(); }
    if (event.key === "ArrowUp") { choose(at - 1); event.preventDefault(); }
    if (event.key === "Enter" && at >= 0) { found.querySelectorAll("li[role=option]")[at].firstChild.click(); found.hidden = true; }
    if (event.key === "Escape") { box.value = ""; look(); box.blur(); }
  });
  var sought = new URLSearchParams(location.search).get("q");
  if (sought) { box.value = sought; look(); }
  document.addEventListener("click", function (event) { if (!event.target.closest(".find")) found.hidden = true; });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) { box.focus(); event.preventDefault(); }
  });
})();
