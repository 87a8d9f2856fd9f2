// The charts of one person.
"use strict";
(() => {
  const { css, draw, forget, many, month, clock } = egregora.drawing;
  const { hue, months, clock: hours } = egregora.data.person;
  const update = () => {
    const colour = css(`--k${hue}`);
    const rows = months.map(([begins, n]) => {
      const time = Date.parse(begins), at = new Date(time), after = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
      return { t: time, t2: time + (after - time) * 0.92, low: 0, high: n, colour, tip: `${month(time)}: ${many(n, "message")}` };
    });
    return Promise.all([draw(document.getElementById("months"), "timeline", rows), clock(document.getElementById("clock"), hours)]);
  };
  egregora.onTheme(() => { forget(); update(); });
  update().then(() => { document.documentElement.dataset.drawn = "1"; });
})();
