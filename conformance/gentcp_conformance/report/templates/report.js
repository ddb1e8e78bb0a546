(() => {
  "use strict";
  const by = (id) => document.getElementById(id);
  const form = document.querySelector(".controls");
  const search = by("search"), differing = by("differing"), failing = by("failing");
  const left = by("left"), right = by("right"), shown = by("shown");
  const cases = [...document.querySelectorAll("tr[data-case]")].map((row) => {
    const article = by(row.dataset.case);
    const entries = [...article.querySelectorAll(".entry")].map((entry) => entry.dataset);
    return {
      row, article,
      words: article.textContent.toLowerCase(),
      texts: new Map(entries.map((entry) => [entry.column, entry.text])),
      same: entries.every((entry) => !entry.judgement || entry.judgement === "SAME"),
    };
  });
  const wanted = (each) =>
    search.value.toLowerCase().split(/\s+/).every((word) => each.words.includes(word)) &&
    !(differing.checked && each.texts.get(left.value) === each.texts.get(right.value)) &&
    !(failing.checked && each.same);
  const filter = () => {
    let count = 0;
    for (const each of cases) {
      const show = wanted(each);
      each.row.hidden = each.article.hidden = !show;
      count += show;
    }
    for (const area of document.querySelectorAll("tbody[data-area]")) {
      area.hidden = !area.querySelector("tr[data-case]:not([hidden])");
    }
    shown.value = `${count} of ${cases.length} cases`;
  };
  const reveal = () => {
    const article = by(decodeURIComponent(location.hash.slice(1)));
    if (!article || !article.matches("article")) return;
    if (article.hidden) { form.reset(); filter(); }
    article.querySelector("details").open = true;
    article.focus({ preventScroll: true });
    article.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.matches("input, select")) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      filter();
    }
  });
  filter();
  reveal();
})();
