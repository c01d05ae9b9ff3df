// The page as a whole: its tabs, its address, its colors.

import { byID, store, stored } from "/page/dom.js";
import { startAsk, openAsk } from "/page/ask.js";
import { startUpload } from "/page/upload.js";
import { showCluster } from "/page/cluster.js";

const names = ["ask", "add", "cluster"];

/// Shows one tab's panel. The address stays as it is.
function select(name) {
  for (const each of names) {
    const tab = byID(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    byID(`panel-${each}`).hidden = each !== name;
  }
  showCluster(name === "cluster");
}

/// The address is `#ask?q=…`, `#add` or `#cluster`.
function route() {
  const [name, query] = location.hash.slice(1).split("?", 2);
  // What the skip link leads to is no tab.
  if (name !== "" && !names.includes(name)) return;
  select(name || "ask");
  if (name === "ask" && query) openAsk(new URLSearchParams(query));
}

function startTabs() {
  for (const name of names) {
    byID(`tab-${name}`).addEventListener("click", () => {
      if (location.hash.slice(1).split("?")[0] !== name) location.hash = name;
      select(name);
    });
  }
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const place = names.findIndex((name) => byID(`tab-${name}`) === document.activeElement);
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: names.length - 1 }[event.key];
    if (place < 0 || next === undefined) return;
    event.preventDefault();
    const tab = byID(`tab-${names[(next + names.length) % names.length]}`);
    tab.focus();
    tab.click();
  });
}

const themes = { auto: ["Auto", "as the system"], light: ["Light", "light"], dark: ["Dark", "dark"] };

function startTheme() {
  const button = byID("theme");
  let theme = stored(localStorage, "imprag-theme", "auto");
  if (!Object.hasOwn(themes, theme)) theme = "auto";
  const show = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = themes[theme][0];
    button.setAttribute("aria-label", `Colors: ${themes[theme][1]}`);
  };
  button.addEventListener("click", () => {
    const order = Object.keys(themes);
    theme = order[(order.indexOf(theme) + 1) % order.length];
    store(localStorage, "imprag-theme", theme);
    show();
  });
  show();
}

startTheme();
startTabs();
startAsk();
startUpload();
route();
addEventListener("hashchange", route);
