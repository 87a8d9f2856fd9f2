// Reading with the keyboard: J and K go from message to message, the arrow keys from page to page.
"use strict";
(() => {
  const messages = () => [...document.querySelectorAll(".talk [id^=m]")];
  const go = (step) => {
    const all = messages(), now = document.activeElement.closest?.(".talk [id^=m]");
    const visible = all.findIndex((each) => each.getBoundingClientRect().bottom > 80);
    const next = all[Math.max(0, Math.min(all.length - 1, now ? all.indexOf(now) + step : visible))];
    if (!next) return;
    next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "ArrowLeft") document.querySelector("a[rel=prev]")?.click();
    else if (event.key === "ArrowRight") document.querySelector("a[rel=next]")?.click();
    else return;
    event.preventDefault();
  });
})();
