// What every page can do: light or dark, and the tip at the pointer. Other scripts find their tools in `egregora`.
"use strict";
const egregora = (() => {
  const root = document.documentElement;
  const kept = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* a browser that keeps nothing */ } },
  };
  const chosen = kept.get("egregora-theme");
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  const listeners = [];
  const isDark = () => root.dataset.theme === "dark" ||
    (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  const changed = () => listeners.forEach((listener) => listener(isDark()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".theme");
    if (!button) return;
    const say = () => {
      button.textContent = isDark() ? "☀️" : "🌙";
      button.setAttribute("aria-label", isDark() ? "Light page" : "Dark page");
      button.title = button.getAttribute("aria-label");
    };
    say();
    listeners.push(say);
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      kept.set("egregora-theme", root.dataset.theme);
      changed();
    });
  });
  // Text only ever becomes text: nothing here takes markup.
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };
  let tip;
  const showTip = (event, text) => {
    if (!tip) document.body.append((tip = element("div", { id: "tip", role: "status" })));
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 4))}px`;
    tip.style.top = `${event.clientY - height - 12 < 0 ? event.clientY + 18 : event.clientY - height - 12}px`;
  };
  const data = {};
  return { root: document.currentScript.dataset.root || "", isDark, onTheme: (listener) => listeners.push(listener),
    element, showTip, data, give(name, value) { data[name] = value; } };
})();
