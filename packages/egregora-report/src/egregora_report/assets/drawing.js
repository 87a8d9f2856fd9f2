// How a chart is drawn from its specification and rows, in the page's colours.
"use strict";
egregora.drawing = (() => {
  // To ask the page for a colour takes long, and thousands of rows have one.
  const colours = new Map();
  const css = (name) => {
    if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    return colours.get(name);
  };
  const config = () => ({
    background: null, style: { cell: { stroke: "transparent", fill: "transparent" } },
    axis: { labelColor: css("--muted"), gridColor: css("--line"), domainColor: css("--line"), tickColor: css("--line"),
      labelFont: "system-ui, sans-serif", labelFontSize: 11 },
    text: { font: "system-ui, sans-serif" },
  });
  const views = new Map();
  const draw = async (place, name, rows, height) => {
    if (!views.has(place)) {
      const spec = structuredClone(egregora.data.charts[name]);
      spec.data.find((each) => each.name === "table").values = rows;
      if (height) spec.height = height;
      views.set(place, vegaEmbed(place, spec, {
        mode: "vega", ast: true, actions: false, defaultStyle: false, renderer: "canvas", config: config(),
        tooltip: (_handler, event, _item, value) => egregora.showTip(event, value && (value.tip || value)),
      }));
      await views.get(place);
      return;
    }
    const { view } = await views.get(place);
    if (height) view.height(height);
    await view.data("table", rows).runAsync();
  };
  // A chart's axes take their colours when it is made: where the page turns dark or light, all are made anew.
  const forget = () => { colours.clear(); for (const made of views.values()) made.then((each) => each.finalize()); views.clear(); };
  const heat = (share) => share <= 0 ? css("--none") : `rgba(${css("--hot")},${(0.16 + 0.84 * Math.sqrt(share)).toFixed(3)})`;
  const numbers = new Intl.NumberFormat("en");
  const many = (number, noun) => `${numbers.format(number)} ${noun}${number === 1 ? "" : "s"}`;
  // To make a format takes longer than to draw a day, and a chart has thousands of dates: each format is made once.
  const written = (options) => {
    const format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
    return (time) => format.format(time);
  };
  const date = written({ day: "numeric", month: "short", year: "numeric" });
  const weekdate = written({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const month = written({ month: "long", year: "numeric" });
  const short_month = written({ month: "short" });
  const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  const clock = (place, counts) => {
    const most = Math.max(...counts);
    return draw(place, "clock", counts.map((n, cell) => ({ hour: cell % 24, weekday: WEEKDAYS[Math.floor(cell / 24)].slice(0, 3),
      colour: heat(most ? n / most : 0), tip: `${WEEKDAYS[Math.floor(cell / 24)]}, ${cell % 24}:00\n${many(n, "message")}` })));
  };
  return { css, draw, forget, heat, many, date, weekdate, month, short_month, clock, WEEKDAYS };
})();
