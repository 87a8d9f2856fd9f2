// The charts of one person.
"use strict";
(() => {
  const { css, draw, forget, many, month, date, clock } = egregora.drawing;
  const { hue, unit, steps, clock: hours } = egregora.data.person;
  const DAY = 86400000;
  const update = () => {
    const colour = css(`--k${hue}`);
    const rows = steps.map(([begins, n]) => {
      const time = Date.parse(begins), at = new Date(time);
      const after = unit === "month" ? Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1) : time + (unit === "week" ? 7 : 1) * DAY;
      const what = unit === "month" ? month(time) : (unit === "week" ? "Week of " : "") + date(time);
      return { t: time, t2: time + (after - time) * 0.92, low: 0, high: n, colour, edge: css("--card"), tip: `${what}: ${many(n, "message")}` };
    });
    return Promise.all([draw(document.getElementById("months"), "timeline", rows), clock(document.getElementById("clock"), hours)]);
  };
  egregora.onTheme(() => { forget(); update(); });
  update().then(() => { document.documentElement.dataset.drawn = "1"; });
})();
