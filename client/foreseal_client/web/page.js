// Runs before textual.js, which reads these two when the page has loaded. The letters are as large as 112 columns and 30
// rows allow, so that an audience can read them; the browser's own zoom makes them larger or smaller.
"use strict";
const terminal = document.getElementById("terminal");
const size = Math.min(window.innerWidth / 112 / 0.6, window.innerHeight / 30 / 1.32);
terminal.dataset.fontSize = String(Math.max(11, Math.min(40, Math.floor(size))));
terminal.dataset.sessionWebsocketUrl = new URL("socket", location.href).href.replace(/^http/, "ws");

// The presenter's keys go to the terminal from the start, without a click. It is there once textual.js has been told
// that the page has loaded, which is after us.
window.addEventListener("load", () => setTimeout(() => terminal.querySelector("textarea").focus()));
