// Checks of a page beyond the rules of axe-core, for scripts/check-pages. The value is a list of problems.
(() => {
  const problems = new Map();
  const report = (problem, element) => {
    const text = element ? (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40) : "";
    const known = problems.get(problem) || { count: 0, example: element ? `<${element.tagName.toLowerCase()}> ${text}` : "" };
    problems.set(problem, { ...known, count: known.count + 1 });
  };
  const all = selector => [...document.querySelectorAll(selector)];

  // Markup that a page without scripts does not need.
  all("script, iframe, object, embed, base, link, meta[http-equiv], form").forEach(e => report("forbidden element", e));
  all("*").forEach(e => [...e.attributes].filter(a => a.name.startsWith("on"))
    .forEach(a => report(`attribute ${a.name}`, e)));
  all("ul:empty, ol:empty, p:empty, figcaption:empty").forEach(e => report(`empty <${e.tagName.toLowerCase()}>`, e));
  const ids = all("[id]").map(e => e.id);
  new Set(ids.filter((id, place) => ids.indexOf(id) !== place)).forEach(id => report(`the id "${id}" occurs twice`));
  all("a[href^='#']").filter(a => !document.getElementById(a.getAttribute("href").slice(1)))
    .forEach(a => report("a link without its target", a));
  const value = /\b(NaN|nil|undefined|Optional\()|\binf\b/;
  all("td, p, li, b, text").filter(e => value.test(e.textContent)).forEach(e => report("a value that is not a number", e));

  // Names of another direction change the order of what follows unless each is isolated (UAX #9).
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.replace(/\u2068[^\u2069]*\u2069/g, "");
    const isAlone = walker.currentNode.parentElement.tagName === "BDI" && !/ · |, /.test(text);
    if (/[\u0590-\u08ff\u202a-\u202e]/.test(text) && !isAlone)
      report("a name of another direction that is not isolated", walker.currentNode.parentElement);
  }

  // What lies outside of the window and cannot be scrolled into view.
  all("body *").filter(e => !e.closest(".scroll") || e.matches(".scroll")).forEach(e => {
    const box = e.getBoundingClientRect();
    if (box.width && (box.left < -0.5 || box.right > innerWidth + 0.5) && !e.closest("svg")) report("outside of the window", e);
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth && !e.closest(".scroll, svg")) report("text wider than its element", e);
  });

  // Contrast of charts, which axe-core does not measure: 4.5 for text, 3 for marks (WCAG 2.2, 1.4.3 and 1.4.11).
  const colour = text => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const background = e => {
    for (; e; e = e.parentElement) {
      const c = colour(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const luminance = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const contrast = (front, opacity, back) => {
    const mixed = front.slice(0, 3).map((v, place) => v * opacity + back[place] * (1 - opacity));
    const [low, high] = [luminance(mixed), luminance(back)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ratioOf = (e, front, opacity) => contrast(colour(front), Number(opacity), background(e.ownerSVGElement || e));
  const measure = (e, front, opacity, least, what) => {
    const ratio = ratioOf(e, front, opacity);
    if (ratio < least) report(`contrast ${ratio.toFixed(2)} below ${least} of ${what} in ${front}`, e);
  };
  all("svg text").forEach(e => measure(e, getComputedStyle(e).fill, 1, 4.5, "text"));
  all("svg polyline, svg circle, svg rect").forEach(e => {
    // The outline or the area is enough.
    const style = getComputedStyle(e);
    const paints = [[style.stroke, style.strokeOpacity], [style.fill, style.fillOpacity]].filter(([paint]) => paint !== "none");
    const best = paints.sort(([a, x], [b, y]) => ratioOf(e, b, y) - ratioOf(e, a, x))[0];
    if (best) measure(e, best[0], best[1], 3, `${e.tagName} .${e.getAttribute("class")}`);
  });
  all("li, .warning").forEach(e => {
    const style = getComputedStyle(e);
    if (parseFloat(style.borderLeftWidth) >= 3) measure(e, style.borderLeftColor, 1, 3, "a border");
  });

  // Legibility of charts.
  all("svg").forEach(svg => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map(e => [e, e.getBoundingClientRect()]);
    texts.forEach(([e, box], place) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        report("text outside of its chart", e);
      const size = parseFloat(getComputedStyle(e).fontSize) * frame.width / (svg.viewBox.baseVal.width || frame.width);
      if (size < 9) report(`text of a chart below 9 pixels`, e);
      texts.slice(place + 1).forEach(([, other]) => {
        const width = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const height = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        if (width > 1 && height > 3) report("texts of a chart overlap", e);
      });
    });
  });
  all("img").filter(e => e.complete && !e.naturalWidth).forEach(e => report("a picture that cannot be shown", e));
  return [...problems].map(([problem, { count, example }]) =>
    `${problem}; ${count} times${example ? `, first ${example}` : ""}`);
})()
