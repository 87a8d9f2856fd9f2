// Search without a server: scripts of the index are loaded as the words ask for them; see searching.py for its rules.
"use strict";
(() => {
  const { element, data } = egregora;
  const { segments, block: size, chats } = data.search;
  const SHOWN = 30, LONGEST = 24;
  const ALONE = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]";
  const WORD = new RegExp(`${ALONE}|[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}]*`, "gu");
  const bare = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").normalize("NFC");
  const words = (text) => (bare(text).match(WORD) || []).map((word) => [...word].slice(0, LONGEST).join(""));
  const isAlone = new RegExp(`^${ALONE}$`, "u");

  const loading = new Map();
  const load = (name) => {
    if (!loading.has(name)) {
      loading.set(name, new Promise((done, failed) => {
        const script = element("script", { src: `search/${name}.js` });
        script.onload = () => done(data[`search/${name}`]);
        script.onerror = () => failed(new Error(name));
        document.head.append(script);
      }));
    }
    return loading.get(name);
  };
  const shardOf = (word, shards) => {
    const [first, second] = [...word];
    return (first.codePointAt(0) * 31 + (second ? second.codePointAt(0) : 0)) % shards;
  };
  const numbers = (gaps) => { let at = 0; return gaps.map((gap) => (at += gap)); };

  // The last word may be a beginning; of two letters at least, so that one shard has all words that begin so.
  const matches = async (segment, word, begins) => {
    const [name, shards] = segment;
    const shard = await load(`${name}/w${shardOf(word, shards)}`);
    if (!begins) return new Set(numbers(shard[word] || []));
    const found = new Set();
    for (const [each, gaps] of Object.entries(shard)) if (each.startsWith(word)) for (const number of numbers(gaps)) found.add(number);
    return found;
  };
  async function* find(wanted, author) {
    for (const segment of segments) {
      if (!segment[2]) continue;
      let left;
      for (const word of wanted) {
        const begins = [...word].length > 1 && !isAlone.test(word);
        const found = await matches(segment, word, begins);
        left = left ? new Set([...left].filter((number) => found.has(number))) : found;
        if (!left.size) break;
      }
      for (const number of [...left].sort((a, b) => a - b)) {
        const block = await load(`${segment[0]}/m${Math.floor(number / size)}`);
        const message = block[number % size];
        if (!author || bare(message[1]).includes(author)) yield message;
      }
    }
  }

  const marked = (text, wanted) => {
    const place = element("span", { class: "t", dir: "auto" });
    let at = 0;
    for (const match of text.matchAll(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu)) {
      const word = bare(match[0]);
      if (!wanted.some((each) => word.startsWith(each) || (isAlone.test(each) && word.includes(each)))) continue;
      place.append(text.slice(at, match.index), element("mark", {}, match[0]));
      at = match.index + match[0].length;
    }
    place.append(text.slice(at));
    return place;
  };
  const shown = ([chat, author, hue, page, id, when, text], wanted) => element("li", { class: `k${hue}` },
    element("a", { href: `chats/c-${chat}/${page}.html#m${id}` },
      element("span", { class: "by" }, element("b", {}, author), element("time", {}, `${Object.keys(chats).length > 1 ? `${chats[chat]} · ` : ""}${when}`)),
      marked(text.length >= 160 ? `${text}…` : text, wanted)));

  const [field, person, list, state, more] = ["q", "author", "found", "state", "more"].map((id) => document.getElementById(id));
  let asked = 0, running;
  const fill = async (turn, wanted) => {
    let number = 0;
    more.hidden = true;
    for (;;) {
      const { value, done } = await running.next();
      if (turn !== asked) return;
      if (done) break;
      list.append(shown(value, wanted));
      number += 1;
      if (number === SHOWN) { more.hidden = false; break; }
    }
    const all = list.children.length;
    state.textContent = all ? `${all.toLocaleString("en")}${more.hidden ? "" : " and more"} message${all === 1 ? "" : "s"}, the newest first.` : "Nothing found.";
    document.documentElement.dataset.found = `${field.value}:${all}`;
  };
  const ask = () => {
    const turn = (asked += 1), wanted = words(field.value);
    list.replaceChildren();
    more.hidden = true;
    if (!wanted.length) { state.textContent = "Messages with all of the words, the newest first. Beginnings of words are enough."; return; }
    state.textContent = "Searching…";
    running = find(wanted, bare(person.value.trim()));
    more.onclick = () => fill(turn, wanted);
    fill(turn, wanted).catch(() => { state.textContent = "A part of the index is missing: run Egregora again."; });
  };
  let waiting;
  for (const input of [field, person]) input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
  const given = new URLSearchParams(location.search).get("q");
  if (given) { field.value = given; ask(); }
})();
