// One file has all pages: the one that the address names is shown, the others wait.
"use strict";
(() => {
  const sheets = [...document.querySelectorAll(".sheet")];
  const show = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const wanted = (target && target.closest(".sheet")) || sheets[0];
    for (const sheet of sheets) sheet.classList.toggle("shown", sheet === wanted);
    if (target && target !== wanted) target.scrollIntoView({ block: "center" }); else scrollTo(0, 0);
  };
  document.documentElement.classList.add("paged");
  addEventListener("hashchange", show);
  show();
})();
