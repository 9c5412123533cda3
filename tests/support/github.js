// What GitHub does after Markdown has become HTML, as far as a stranger's text could make use of it. It looks at the
// text as the reader sees it, so a character written as an entity counts like any other, and leaves code and links alone.
// Where GitHub first looks whether there is such a user or issue, here there always is.
const LOOK_UPS = [
  ["user-mention", /(?<![\w/])@[a-z\d][a-z\d-]*(?:\/[a-z\d][\w-]*)?(?![\w/])/gi],
  ["issue-link", /(?<![\w/&])(?:[\w.-]+(?:\/[\w.-]+)?)?#\d+(?!\w)|(?<!\w)GH-\d+(?!\w)/gi],
  ["emoji", /:[a-z\d_+-]*[a-z+-][a-z\d_+-]*:/gi],
];

function texts(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("pre, code, tt, a")) found.push(walker.currentNode);
  return found;
}

function link(root) {
  for (const [name, pattern] of LOOK_UPS) {
    for (const node of texts(root)) {
      const parts = [];
      let end = 0;
      for (const match of node.data.matchAll(pattern)) {
        const element = document.createElement(name === "emoji" ? "g-emoji" : "a");
        element.className = name;
        element.textContent = match[0];
        if (name !== "emoji") element.setAttribute("href", "#");
        parts.push(node.data.slice(end, match.index), element);
        end = match.index + match[0].length;
      }
      if (parts.length) node.replaceWith(...parts, node.data.slice(end));
    }
  }
}

// A quote whose first line is [!NOTE] or another of five words alone.
function alerts(root) {
  for (const quote of root.querySelectorAll(":scope > blockquote")) {
    const text = quote.querySelector(":scope > p")?.firstChild;
    const match = text?.data?.match(/^\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)/i);
    if (!match) continue;
    const kind = match[1].toLowerCase();
    const title = document.createElement("p");
    const alert = document.createElement("div");
    text.data = text.data.slice(match[0].length);
    title.className = "markdown-alert-title";
    title.textContent = kind;
    alert.className = `markdown-alert markdown-alert-${kind}`;
    alert.append(title, ...quote.childNodes);
    quote.replaceWith(alert);
  }
}

async function draw(root, dark) {
  const theme = dark ? "dark" : "default";
  const room = root.appendChild(document.createElement("div")); // a chart is as wide as what it is drawn in
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme, suppressErrorRendering: true });
  for (const [number, block] of [...root.querySelectorAll('pre[lang="mermaid"]')].entries()) {
    const chart = document.createElement("div");
    try {
      const { svg } = await mermaid.render(`mermaid-${number}`, block.textContent, room);
      // mermaid draws this instead of a chart that is too long, and says nothing
      if (svg.includes("Maximum text size in diagram exceeded")) throw new Error("Maximum text size in diagram exceeded");
      chart.className = "mermaid";
      chart.innerHTML = svg;
    } catch (error) {
      chart.className = "mermaid-error";
      chart.textContent = error.message;
    }
    block.replaceWith(chart);
  }
  room.remove();
}

async function finish() {
  const root = document.querySelector("article");
  link(root);
  alerts(root);
  if (document.querySelector('pre[lang="mermaid"]')) await draw(root, document.documentElement.dataset.theme === "dark");
  await document.fonts.ready;
}
