(() => {
  "use strict";
  const by = (id) => document.getElementById(id);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const form = document.querySelector(".controls"), bar = document.querySelector(".bar");
  // What stands in the address, and what it stands for when it is not there.
  const fields = ["q", "only", "left", "right", "area", "otp", "severity", "verdict"].map((id) => by(id));
  const get = (field) => (field.type === "checkbox" ? (field.checked ? "1" : "") : field.value);
  const set = (field, value) => {
    if (field.type === "checkbox") field.checked = value === "1";
    else field.value = value;
    if (field.tagName === "SELECT" && field.selectedIndex < 0) field.selectedIndex = 0;
  };
  const usual = new Map(fields.map((field) => [field, get(field)]));
  const [q, only, left, right, area, otp, severity, verdict] = fields;
  const columns = [...left.options].map((option) => option.value);
  const areas = all(".area");
  const idOf = (element) => element.lastElementChild.id;
  const SEARCHED = ".name, .title, .means, .term, .tags, .aside";
  const uses = [];
  for (const [word, numbers] of Object.entries(JSON.parse(by("uses").textContent))) {
    for (const number of numbers) (uses[number] ??= []).push(word);
  }
  const cases = all(".case").map((element, number) => ({
    element,
    summary: element.firstElementChild,
    area: idOf(element).split("/")[0],
    seats: element.dataset.m.split(" ").map((seat) => (seat === "-" ? [] : seat.split("."))),
    otp: element.dataset.otp.split(" "),
    verdicts: element.dataset.v.split(" ").map((seat) => [seat, seat.split(":")[1]]),
    severity: element.dataset.s ?? "",
    words: [idOf(element), ...(uses[number] ?? []), ...all(SEARCHED, element).map((each) => each.textContent)].join(" ").toLowerCase(),
  }));

  // As `view.differ` has it: no outcome in common.
  const differ = (one, other) => one.length && other.length && !one.some((letter) => other.includes(letter));
  const divergences = { "": () => true, diverges: (found) => /documented/.test(found) };
  const verdicts = { "": () => true, not: (found) => found.some(([, judgement]) => judgement !== "SAME") };
  const filters = () => {
    const words = q.value.toLowerCase().split(/\s+/);
    const [one, other] = [left, right].map((field) => columns.indexOf(field.value));
    const diverges = divergences[otp.value] || ((found) => found.includes(otp.value));
    const judged = verdicts[verdict.value] || ((found) => found.some((each) => each.includes(verdict.value)));
    return (each) =>
      words.every((word) => each.words.includes(word)) &&
      (!only.checked || differ(each.seats[one], each.seats[other])) &&
      (!area.value || each.area === area.value) && (!severity.value || each.severity === severity.value) &&
      diverges(each.otp) && judged(each.verdicts);
  };
  const filter = () => {
    const wanted = filters();
    let count = 0;
    for (const each of cases) {
      each.element.hidden = !wanted(each);
      count += !each.element.hidden;
    }
    for (const each of areas) {
      const [here, whole] = [".case:not([hidden])", ".case"].map((selector) => all(selector, each).length);
      each.hidden = !here;
      const of = here === whole ? "" : `${here} of `;
      each.querySelector(".here").textContent = `${of}${whole} case${whole === 1 ? "" : "s"}`;
    }
    by("shown").value = `${count} of ${cases.length} cases`;
    by("none").hidden = count > 0;
    choose();
  };
  const choose = () => {
    const chosen = only.checked ? [left, right] : [];
    // A label may stand there with others in one: "OTP 25, 27 inet".
    const labels = chosen.map((field) => field.selectedOptions[0].text.split(" "));
    for (const seat of all(".who > span")) {
      const words = seat.firstChild.data.split(/[ ,]+/);
      seat.classList.toggle("chosen", labels.some((label) => label.every((word) => words.includes(word))));
    }
    by("matrix").classList.toggle("only", only.checked);
    const places = chosen.map((field) => field.selectedIndex);
    for (const each of cases) {
      const letters = places.flatMap((place) => each.seats[place]);
      for (const line of all("[data-l]", each.summary)) {
        line.classList.toggle("other", !letters.includes(line.dataset.l));
      }
    }
    const cells = places.map((place) => `.strip i:nth-of-type(${place + 1})`);
    by("chosen").textContent = cells.length ? `${cells.join(", ")} { outline: 2px solid var(--link); }` : "";
  };

  // The address is #CASE?FILTERS, either part may be missing.
  const address = (id) => {
    const told = (field) => get(field) !== usual.get(field) || (only.checked && [left, right].includes(field));
    const query = new URLSearchParams(fields.filter(told).map((field) => [field.id, get(field)]));
    return `#${id}${query.size ? `?${query}` : ""}`;
  };
  let current = "", pending = 0;
  const note = (id = current) => {
    current = id;
    // Once a frame: browsers refuse when it is done often.
    pending ||= requestAnimationFrame(() => {
      pending = 0;
      history.replaceState(null, "", address(current));
    });
  };
  const reset = () => {
    for (const [field, value] of usual) set(field, value);
    filter();
  };
  const show = (element) => {
    for (let each = element; each; each = each.parentElement.closest("details")) each.open = true;
    const summary = element.querySelector("summary");
    summary.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  };
  const follow = () => {
    const [id, query] = location.hash.slice(1).split(/\?(.*)/s);
    if (query !== undefined) {
      const params = new URLSearchParams(query);
      for (const field of fields) set(field, params.get(field.id) ?? usual.get(field));
      filter();
    }
    const element = by(id)?.closest(".case");
    if (element) {
      if (element.hidden) reset();
      show(element);
    } else if (query !== undefined) {
      by("matrix").scrollIntoView();
    }
  };

  let unpacked;
  const unpack = async () => {
    const packed = Uint8Array.from(atob(by("packed").textContent), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };
  const fill = async (element) => {
    const [diagram] = all(".diagram > div:empty", element), codes = all(".codes code:empty", element);
    if (!diagram && !codes.length) return;
    unpacked ??= unpack();
    const texts = (await unpacked)[idOf(element)];
    if (diagram) diagram.innerHTML = texts.diagram;
    for (const code of codes) {
      code.textContent = texts[code.className];
      highlight(code);
    }
    for (const scrolling of all("pre, .diagram > div", element)) scrolling.tabIndex = 0;
  };

  const isShown = (summary) => summary.checkVisibility();
  const move = (step) => {
    const rows = all(".area > summary, .case > summary").filter(isShown);
    const here = document.activeElement.closest(".case > summary, .area > summary, .case > .body");
    const at = rows.indexOf(here?.parentElement.firstElementChild);
    const next = at < 0 ? rows.find((row) => row.getBoundingClientRect().top >= bar.offsetHeight) : rows[at + step];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    const open = document.activeElement.closest(".case[open]");
    if (!open) return;
    open.open = false;
    open.firstElementChild.focus();
  };
  const keys = {
    "/": () => q.select(),
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    Escape: close,
    "?": () => { by("legend").open = !by("legend").open; by("legend").scrollIntoView({ block: "nearest" }); },
  };
  const inSearch = { Escape: () => { q.value = ""; changed(); }, Enter: () => move(1), ArrowDown: () => move(1) };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.matches("input, select, textarea");
    const scrolls = event.key.startsWith("Arrow") && !event.target.matches(".row, .area > summary, #q");
    const action = event.target === q ? inSearch[event.key] : field || scrolls ? null : keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  const changed = () => { filter(); note(); };
  document.head.append(Object.assign(document.createElement("style"), { id: "chosen" }));
  form.hidden = false;
  form.addEventListener("input", (event) => {
    if ([left, right].includes(event.target)) only.checked = true;
    changed();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of [by("reset"), by("none").querySelector("button")]) {
    button.addEventListener("click", () => { reset(); note(); });
  }
  by("more").addEventListener("click", () => {
    by("more").setAttribute("aria-expanded", by("filters").classList.toggle("open"));
  });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches(".case")) return;
    if (event.target.open) fill(event.target);
    const id = idOf(event.target);
    note(event.target.open ? id : id === current ? "" : current);
  }, true);
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  addEventListener("hashchange", follow);
  filter();
  // The browser goes to the fragment itself first, and takes the focus away.
  addEventListener("load", () => setTimeout(follow));
})();
