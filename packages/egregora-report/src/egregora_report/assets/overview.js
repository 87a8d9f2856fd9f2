// The charts of an overview, and the filters that act on all of them.
"use strict";
(() => {
  const { element, data } = egregora;
  const given = data.overview;
  const { css, forget, heat, many, date, weekdate, month, short_month, WEEKDAYS } = egregora.drawing;
  const DAY = 86400000, start = Date.parse(given.first), end = Date.parse(given.last);
  const begins = given.steps.map((step) => Date.parse(step));

  // --- what is there ---
  const decode = (text) => {
    const counts = [];
    for (let at = 0; at < text.length;) {
      const sign = text[at];
      if (sign === "_") { counts.length += parseInt(text.substr(at + 1, 2), 36); at += 3; }
      else if (sign === ".") { counts.push(parseInt(text.substr(at + 1, 2), 36)); at += 3; }
      else if (sign === "!") { counts.push(parseInt(text.substr(at + 1, 4), 36)); at += 5; }
      else { counts.push(parseInt(sign, 36)); at += 1; }
    }
    return counts;
  };
  const days = given.days.map(decode);
  const length = Math.round((end - start) / DAY) + 1;

  // --- what is chosen ---
  const chosen = { people: new Set(), from: 0, to: begins.length - 1 };
  const isOn = (person) => !chosen.people.size || chosen.people.has(person);
  const shown = () => given.people.map((_, index) => index).filter(isOn);
  const firstDay = () => Math.max(0, Math.round((begins[chosen.from] - start) / DAY));
  const lastDay = () => chosen.to + 1 < begins.length
    ? Math.round((begins[chosen.to + 1] - start) / DAY) - 1 : length - 1;
  // Two people may have the same initials, but each has a column.
  const short = given.people.map(({ initials }, index, all) => {
    const alike = all.filter((other) => other.initials === initials);
    return alike.length > 1 ? `${initials}${alike.indexOf(all[index]) + 1}` : initials;
  });
  const isAll = () => !chosen.people.size && chosen.from === 0 && chosen.to === begins.length - 1;
  // Steps that a cube joins count where any part of them is in the range.
  const cells = function* (cube, width) {
    const from = Math.floor(chosen.from / cube.joined), to = Math.floor(chosen.to / cube.joined);
    for (let at = 0; at < cube.cells.length; at += width) {
      if (cube.cells[at] >= from && cube.cells[at] <= to && isOn(cube.cells[at + 1])) yield at;
    }
  };
  const note = (id, cube) => {
    const cut = cube.joined > 1 && (chosen.from % cube.joined || (chosen.to + 1 < begins.length && (chosen.to + 1) % cube.joined));
    const place = document.querySelector(`#${id} .coarse`);
    if (place) place.textContent = cut ? `Counted in steps of ${cube.joined} ${given.unit}s, so a little more than the range.` : "";
  };

  // --- colours ---
  // Ten colours are fewer than the people may be: whoever wrote less than another of the same colour is drawn hollow.
  const turn = given.people.map(({ hue: k }, index, all) => all.slice(0, index).filter((other) => other.hue === k).length);
  const hue = (person) => (given.people[person].hue < 0 ? css("--muted") : css(`--k${given.people[person].hue}`));

  const parts = (hex) => (hex.length > 4 ? hex.slice(1).match(/../g) : [...hex.slice(1)].map((digit) => digit + digit)).map((two) => parseInt(two, 16));
  const paler = (colour, share) => {
    const ground = parts(css("--card"));
    return `rgb(${parts(colour).map((part, at) => Math.round(part * share + ground[at] * (1 - share))).join(",")})`;
  };
  const fill = (person) => (turn[person] && given.people[person].hue >= 0 ? paler(hue(person), turn[person] > 1 ? 0.08 : 0.38) : hue(person));
  const edge = (person) => (turn[person] ? hue(person) : css("--card"));

  // --- charts ---
  const draw = (id, rows, height) => egregora.drawing.draw(document.querySelector(`#${id} .chart`), id, rows, height);
  egregora.onTheme(() => { forget(); update(); });

  const timeline = () => {
    const rows = [], from = firstDay(), to = lastDay(), span = to - from + 1;
    const unit = span <= 120 ? "day" : span <= 366 * 3 ? "week" : "month";
    const bucket = (day) => {
      const at = new Date(start + day * DAY);
      if (unit === "month") return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
      return unit === "week" ? at - ((at.getUTCDay() + 6) % 7) * DAY : +at;
    };
    const after = (time) => unit === "month"
      ? Date.UTC(new Date(time).getUTCFullYear(), new Date(time).getUTCMonth() + 1, 1) : time + (unit === "week" ? 7 : 1) * DAY;
    const heights = new Map();
    for (const person of shown()) {
      const counts = new Map(), colour = fill(person), line = edge(person);
      for (let day = from; day <= to; day += 1) {
        if (days[person][day]) counts.set(bucket(day), (counts.get(bucket(day)) || 0) + days[person][day]);
      }
      for (const [time, n] of counts) {
        const what = unit === "month" ? month(time) : (unit === "week" ? "Week of " : "") + date(time);
        const low = heights.get(time) || 0;
        heights.set(time, low + n);
        rows.push({ t: time, t2: time + (after(time) - time) * 0.92, low, high: low + n, colour, edge: line,
          tip: `${given.people[person].name}\n${what}: ${many(n, "message")}` });
      }
    }
    document.querySelector("#timeline .unit").textContent = `Messages by ${unit}, one colour a person.`;
    return draw("timeline", rows);
  };

  const clock = () => {
    const counts = new Array(168).fill(0);
    for (const at of cells(given.hours, 4)) counts[given.hours.cells[at + 2]] += given.hours.cells[at + 3];
    note("clock", given.hours);
    const most = Math.max(...counts);
    const peak = counts.indexOf(most);
    document.querySelector("#clock .found").textContent = most
      ? `Most is written on ${WEEKDAYS[Math.floor(peak / 24)]}s between ${peak % 24}:00 and ${(peak % 24) + 1}:00.` : "Nothing in this range.";
    return egregora.drawing.clock(document.querySelector("#clock .chart"), counts);
  };

  const daily = () => {
    const total = new Array(length).fill(0);
    for (const person of shown()) for (let day = firstDay(); day <= lastDay(); day += 1) total[day] += days[person][day] || 0;
    return total;
  };

  const calendar = (total) => {
    const from = firstDay(), to = lastDay(), rows = [];
    const sorted = total.slice(from, to + 1).filter(Boolean).sort((a, b) => a - b);
    const most = sorted[Math.floor(sorted.length * 0.97)] || 1; // one wild day must not pale all others
    const years = [];
    for (let day = from; day <= to; day += 1) {
      const at = new Date(start + day * DAY), year = at.getUTCFullYear(), row = (years.includes(year) || years.push(year), years.indexOf(year));
      const first = Date.UTC(year, 0, 1), offset = (new Date(first).getUTCDay() + 6) % 7;
      const index = Math.round((at - first) / DAY) + offset, x = Math.floor(index / 7), y = row * 8 + (index % 7);
      rows.push({ x, x2: x + 0.88, y, y2: y + 0.88, colour: heat(Math.min(1, total[day] / most)),
        tip: `${weekdate(at)}\n${many(total[day], "message")}` });
    }
    // Some weeks alone are drawn larger, from the left.
    const weeks = rows.map((row) => row.x), left = years.length > 1 ? 0 : Math.min(...weeks);
    const zoom = years.length > 1 ? 1 : Math.min(3, 53 / Math.max(12, Math.max(...weeks) - left + 1));
    for (const row of rows) { row.x = (row.x - left) * zoom; row.x2 = row.x + 0.88 * zoom; }
    const wide = document.querySelector("#calendar .chart").clientWidth, narrow = wide < 420;
    const ink = { colour: css("--muted") }, last = Math.max(...rows.map((row) => row.x2));
    years.forEach((year, row) => {
      if (years.length > 1) rows.push({ ...ink, x: -8, y: row * 8 + 3.5, label: String(year) });
      if (!(narrow && years.length > 1)) [0, 3, 6].forEach((day) => rows.push({ ...ink, x: years.length > 1 ? -3.2 : -4, y: row * 8 + day + 0.45, label: WEEKDAYS[day].slice(0, 2) }));
    });
    // The months stand above the first year; those of others begin in the same week, or in the one beside it.
    const top = Date.UTC(years[0], 0, 1), shift = (new Date(top).getUTCDay() + 6) % 7;
    for (let at = 0; at < 12; at += 1) {
      const x = (Math.floor((Math.round((Date.UTC(years[0], at, 1) - top) / DAY) + shift) / 7) - left) * zoom;
      const begins = at + 1 < 12 ? Date.UTC(years[0], at + 1, 1) : Infinity;
      if (x > -0.9 * zoom && x < last - zoom && (years.length > 1 || begins > start + from * DAY)) rows.push({ ...ink, x: Math.max(0, x), y: -1, label: short_month(Date.UTC(years[0], at, 1)).slice(0, narrow && years.length > 1 ? 1 : 3) });
    }
    const best = total.indexOf(Math.max(...total.slice(from, to + 1)), from);
    document.querySelector("#calendar .found").textContent = sorted.length
      ? `${weekdate(start + best * DAY)} has most: ${many(total[best], "message")}.` : "Nothing in this range.";
    return draw("calendar", rows, Math.round((years.length * 8 + 1.5) * (years.length > 4 ? 10 : Math.max(6, wide / 62)) * (years.length > 1 ? 1 : zoom)));
  };

  const tell = (minutes) => minutes < 1 ? `${Math.max(1, Math.round(minutes * 60))} s` : minutes < 10 ? `${minutes.toFixed(1)} min` : minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
  const answers = async () => {
    const pairs = new Map(), speed = new Map(), cube = given.replies;
    for (const at of cells(cube, 5)) {
      const [who, of, n, log] = cube.cells.slice(at + 1, at + 5), key = who * 100 + of;
      pairs.set(key, [(pairs.get(key) || [0])[0] + n, ((pairs.get(key) || [0, 0])[1]) + log]);
      const before = speed.get(who) || [0, 0];
      speed.set(who, [before[0] + n, before[1] + log]);
    }
    note("answers", cube);
    const named = (place) => given.people[place].name;
    const rows = [];
    for (const [key, [n, log]] of pairs) {
      const who = Math.floor(key / 100), of = key % 100;
      if (who >= 12 || of >= 12) continue;
      rows.push({ who: named(who), place: who, initials: short[of], of, n, colour: fill(who), edge: edge(who),
        tip: `${named(who)} answers ${named(of)}: ${many(n, "time")}\ntypically after ${tell((Math.exp(log / n) - 1) / 60)}` });
    }
    const top = rows.slice().sort((a, b) => b.n - a.n)[0];
    document.querySelector("#answers .found").textContent = top
      ? `${top.who} answers ${named(top.of)} most: ${many(top.n, "time")}.` : "Nobody answers anybody in this range.";
    const fast = [...speed].filter(([who, [n]]) => n >= 5 && who < 12).map(([who, [n, log]]) => {
      const minutes = (Math.exp(log / n) - 1) / 60;
      return { who: named(who), minutes, told: tell(minutes), colour: fill(who), edge: edge(who), ink: css("--muted"), tip: `${named(who)}: ${many(n, "answer")}` };
    }).sort((a, b) => a.minutes - b.minutes);
    fast.forEach((row) => { row.share = row.minutes / fast.at(-1).minutes; });
    document.querySelector("#speed .found").textContent = fast.length
      ? `${fast[0].who} answers fastest, typically within ${fast[0].told}.` : "Too few answers to tell.";
    await draw("answers", rows);
    await draw("speed", fast);
  };

  // --- lists ---
  const ranks = (id, cube, most, kind = "", names = cube.names) => {
    const counts = new Map();
    for (const at of cells(cube, 4)) counts.set(cube.cells[at + 2], (counts.get(cube.cells[at + 2]) || 0) + cube.cells[at + 3]);
    note(id, cube);
    const top = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most);
    const list = document.querySelector(`#${id} .ranks`);
    list.replaceChildren(...top.map(([thing, n]) => element("li", {}, element("span", { class: `thing ${kind}`, title: names[thing] }, names[thing]),
      element("meter", { min: 0, max: top[0][1], value: n, "aria-label": names[thing] }), element("span", { class: "n" }, n.toLocaleString("en")))));
    if (!top.length) list.replaceChildren(element("li", { class: "empty" }, "None in this range."));
  };
  const WORDS = { text: "Text", media: "Media left out", photo: "Photos", video: "Videos", audio: "Voice and audio", file: "Files", sticker: "Stickers",
    call: "Calls", poll: "Polls", deleted: "Deleted", location: "Places", contact: "Contacts", edited: "Edited", reaction: "Reactions" };

  const words = (total) => {
    const cube = given.words, here = new Map(), all = new Map(), of = new Map(), count = (map, key, n) => map.set(key, (map.get(key) || 0) + n);
    for (let at = 0; at < cube.cells.length; at += 4) count(all, cube.cells[at + 2], cube.cells[at + 3]);
    for (const at of cells(cube, 4)) {
      const [person, word, n] = cube.cells.slice(at + 1, at + 4);
      if (!of.has(person)) of.set(person, new Map());
      count(of.get(person), word, n);
      count(here, word, n);
    }
    const sum = (list) => list.reduce((a, b) => a + (b || 0), 0);
    const everything = sum(days.map(sum)), selected = sum(total);
    const telling = (counts, part, whole, base) => [...counts].map(([word, n]) => [word, n, n * Math.log((n / base.get(word)) / (part / whole))])
      .filter(([, n, weight]) => n > 1 && weight > 1).sort((a, b) => b[2] - a[2]).slice(0, 9);
    const list = (title, face, top, k) => {
      const best = top[0] ? top[0][2] : 1;
      return element("section", { class: k }, element("h3", {}, face, title), element("ul", { class: "cloud" }, ...top.map(([word, n, weight]) =>
        element("li", { class: `w${weight > best * 0.6 ? 4 : weight > best * 0.3 ? 3 : weight > best * 0.12 ? 2 : 1}`, title: many(n, "time"), dir: "auto" }, cube.names[word]))));
    };
    const parts = [], whole = chosen.from > 0 || chosen.to < begins.length - 1;
    if (whole) {
      const top = telling(here, selected, everything, all);
      if (top.length) parts.push(list(`${given.labels[chosen.from]} – ${given.labels[chosen.to]}`, null, top, ""));
    }
    for (const person of shown().slice(0, 12)) {
      const written = sum(days[person].slice(firstDay(), lastDay() + 1)), top = telling(of.get(person) || new Map(), written, everything, all);
      const { name, initials, hue: k } = given.people[person];
      if (top.length) parts.push(list(name, element("span", { class: "face", "aria-hidden": "true" }, initials), top, `k${k}`));
    }
    document.querySelector("#words .wordlists").replaceChildren(...(parts.length ? parts : [element("p", { class: "empty" }, "Too few words to tell anybody apart.")]));
  };

  const tiles = (total) => {
    const from = firstDay(), to = lastDay();
    let sum = 0, active = 0, best = from, streak = [0, from], run = 0, silence = [0, from], quiet = 0, seen = false;
    for (let day = from; day <= to; day += 1) {
      sum += total[day];
      if (total[day] > total[best]) best = day;
      if (total[day]) { active += 1; run += 1; if (run > streak[0]) streak = [run, day - run + 1]; quiet = 0; seen = true; }
      else { run = 0; quiet += 1; if (seen && quiet > silence[0]) silence = [quiet, day - quiet + 1]; }
    }
    // What comes after the last message is no silence yet.
    let last = to; while (last >= from && !total[last]) last -= 1;
    if (silence[1] > last) { silence = [0, from]; quiet = 0; for (let day = from; day <= last; day += 1) { if (total[day]) quiet = 0; else if (++quiet > silence[0]) silence = [quiet, day - quiet + 1]; } }
    const put = (id, text, small = "") => { const place = document.querySelector(`[data-tile=${id}]`); if (place) place.replaceChildren(text, ...(small ? [element("small", {}, small)] : [])); };
    put("messages", sum.toLocaleString("en"));
    put("people", shown().filter((person) => days[person].slice(from, to + 1).some(Boolean)).length.toLocaleString("en"), given.people.at(-1)?.hue < 0 && isOn(given.people.length - 1) ? "and all others" : "");
    put("active", active.toLocaleString("en"), `of ${many(to - from + 1, "day")}`);
    put("average", active ? (sum / active).toFixed(sum / active < 10 ? 1 : 0) : "0", "on a day with any");
    put("busiest", sum ? date(start + best * DAY) : "–", sum ? many(total[best], "message") : "");
    put("streak", many(streak[0], "day"), streak[0] ? `from ${date(start + streak[1] * DAY)}` : "");
    put("silence", many(silence[0], "day"), silence[0] ? `from ${date(start + silence[1] * DAY)}` : "");
  };

  const update = () => {
    const total = daily();
    tiles(total);
    words(total);
    ranks("emoji", given.emoji, 10, "emoji");
    ranks("links", given.links, 10);
    ranks("kinds", given.kinds, 12, "", given.kinds.names.map((kind) => WORDS[kind] || kind));
    document.querySelector(".range .state").textContent = isAll() ? "Everything" :
      `${chosen.people.size ? many(chosen.people.size, "person").replace("persons", "people") : "Everybody"}, ${date(start + firstDay() * DAY)} – ${date(start + lastDay() * DAY)}`;
    return Promise.all([timeline(), clock(), calendar(total), answers()]).then(() => { document.documentElement.dataset.drawn = String(++drawn); });
  };
  let drawn = 0;

  // --- filters ---
  const chips = document.querySelector(".chips");
  given.people.forEach((person, index) => {
    const button = element("button", { type: "button", class: `chip k${person.hue}${turn[index] && person.hue >= 0 ? " twin" : ""}`, "aria-pressed": "false" },
      element("span", { class: "face", "aria-hidden": "true" }, person.hue < 0 ? person.initials : short[index]), person.name);
    button.addEventListener("click", () => {
      if (chosen.people.has(index)) chosen.people.delete(index); else chosen.people.add(index);
      mark();
      update();
    });
    chips.append(element("li", {}, button));
  });
  const mark = () => {
    chips.classList.toggle("some", chosen.people.size > 0);
    chips.querySelectorAll("button").forEach((button, index) => button.setAttribute("aria-pressed", String(chosen.people.has(index))));
  };
  const [from, to] = ["from", "to"].map((id) => document.getElementById(id));
  const years = [...new Set(given.steps.map((step) => step.slice(0, 4)))];
  for (const [select, last] of [[from, false], [to, true]]) {
    given.labels.forEach((label, index) => select.append(element("option", { value: index }, label)));
    select.value = last ? begins.length - 1 : 0;
    select.addEventListener("change", () => {
      chosen.from = Math.min(+from.value, +to.value);
      chosen.to = Math.max(+from.value, +to.value);
      from.value = chosen.from;
      to.value = chosen.to;
      update();
    });
  }
  if (years.length > 1 && years.length < 20) {
    const place = document.querySelector(".years");
    years.forEach((year) => {
      const button = element("button", { type: "button" }, year);
      button.addEventListener("click", () => {
        chosen.from = given.steps.findIndex((step) => step.startsWith(year));
        chosen.to = given.steps.findLastIndex((step) => step.startsWith(year));
        from.value = chosen.from;
        to.value = chosen.to;
        update();
      });
      place.append(button);
    });
  }
  document.getElementById("reset").addEventListener("click", () => {
    chosen.people.clear();
    chosen.from = from.value = 0;
    chosen.to = to.value = begins.length - 1;
    mark();
    update();
  });
  // Many years of days are higher than a week of hours: then each has the whole width.
  if (years.length > 4) for (const id of ["clock", "calendar"]) document.getElementById(id).classList.remove("half");
  update().then(() => {
    // What nobody ever used has no card.
    for (const id of ["words", "emoji", "links", "kinds"]) {
      document.getElementById(id).hidden = !given[id].names.length || !document.querySelector(`#${id} li:not(.empty)`);
    }
  });
})();
